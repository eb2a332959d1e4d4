from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from sqlalchemy import Connection, Engine, text

from food_inspections.errors import ModelError
from food_inspections.storage.models.champions import champion_of, find_champion, logged_selection, serving_models
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.materializations import Materialization, Status
from food_inspections_tests.storage.model_rows import LATER, NEXT, WEEK, select


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def model_of(connection: Connection, week: date) -> str | None:
    champion = find_champion(connection, week, "fail")
    return None if champion is None else champion.model_id


def decide(connection: Connection, run_id: str, week: date, status: Status) -> None:
    """What became of the selection a run made."""
    records.write(connection, [Materialization(run_id, "selected_model", week, 3, "1", "content", "up")])
    connection.execute(
        text("UPDATE metadata.materializations SET status = :status WHERE run_id = :run_id"),
        {"status": status, "run_id": run_id},
    )


def test_nobody_serves_before_the_first_decision(connection: Connection) -> None:
    assert find_champion(connection, WEEK, "fail") is None
    select(connection, "first", NEXT)
    assert model_of(connection, WEEK) is None
    with pytest.raises(ModelError, match=f"No model for label 'fail' before {WEEK}: train first with .* {WEEK}"):
        champion_of(connection, WEEK, "fail")


def test_a_decision_serves_from_its_week_on(connection: Connection) -> None:
    select(connection, "first", WEEK)
    champion = champion_of(connection, LATER, "fail")
    assert (champion.model_id, champion.effective_week, champion.reason) == ("first", WEEK, "because")
    assert champion.metrics == {"first": {"roc_auc": 0.7}}


def test_of_several_decisions_for_a_week_the_last_made_counts(connection: Connection) -> None:
    select(connection, "first", WEEK)
    select(connection, "second", WEEK)
    select(connection, "first", WEEK, reason="on second thoughts")
    assert champion_of(connection, WEEK, "fail").reason == "on second thoughts"


def test_a_decision_made_late_for_an_early_week_deposes_nobody(connection: Connection) -> None:
    select(connection, "newer", LATER)
    select(connection, "for the past", WEEK)
    assert model_of(connection, LATER) == "newer"
    assert model_of(connection, NEXT) == "for the past"


def test_a_roll_back_is_a_new_row_that_names_an_older_model(connection: Connection) -> None:
    select(connection, "old", WEEK)
    select(connection, "new", NEXT, model_cutoff=NEXT)
    select(connection, "old", LATER)
    assert [model_of(connection, week) for week in (WEEK, NEXT, LATER)] == ["old", "new", "old"]


def test_a_model_never_serves_weeks_before_its_cutoff(connection: Connection) -> None:
    select(connection, "old", WEEK)
    select(connection, "from the future", NEXT, model_cutoff=LATER)
    assert model_of(connection, NEXT) == "old"
    assert model_of(connection, LATER) == "from the future"


@pytest.mark.parametrize("status", get_args(Status))
def test_a_run_decides_only_once_its_checks_accepted_it(connection: Connection, status: Status) -> None:
    select(connection, "old", WEEK)
    select(connection, "of the run", NEXT, run_id="run")
    assert model_of(connection, NEXT) == "old", "nothing is recorded of the run yet"
    decide(connection, "run", NEXT, status)
    assert model_of(connection, NEXT) == ("of the run" if status == "accepted" else "old")


def test_an_accepted_run_does_not_vouch_for_another_week(connection: Connection) -> None:
    select(connection, "of the run", NEXT, run_id="run")
    decide(connection, "run", WEEK, "accepted")
    assert model_of(connection, NEXT) is None


def test_a_red_run_later_does_not_depose_the_model_it_meant_to_replace(connection: Connection) -> None:
    select(connection, "good", NEXT, run_id="green")
    decide(connection, "green", NEXT, "accepted")
    select(connection, "bad", NEXT, run_id="red")
    decide(connection, "red", NEXT, "rejected")
    assert model_of(connection, NEXT) == "good"


def test_each_label_has_its_own_champion(connection: Connection) -> None:
    select(connection, "fails", WEEK)
    select(connection, "criticals", WEEK, label="critical")
    assert model_of(connection, WEEK) == "fails"
    assert champion_of(connection, WEEK, "critical").model_id == "criticals"


def test_the_champions_of_many_weeks_are_those_of_each(connection: Connection) -> None:
    select(connection, "first", NEXT)
    select(connection, "second", LATER, model_cutoff=LATER)
    weeks = [WEEK, NEXT, date(2025, 1, 20), LATER]
    found = serving_models(connection, weeks, "fail")
    assert {week: model.model_id for week, model in found.items()} == {
        NEXT: "first",
        date(2025, 1, 20): "first",
        LATER: "second",
    }
    for week, model in found.items():
        champion = find_champion(connection, week, "fail")
        assert champion is not None
        assert model == (champion.model_id, champion.effective_week, None)
    assert serving_models(connection, [], "fail") == {}


@pytest.mark.parametrize(("decided_in", "profile"), [("run", "old"), ("later run", "new"), (None, "old")])
def test_the_profile_that_a_model_was_learnt_by_is_that_of_its_run(
    connection: Connection, decided_in: str | None, profile: str
) -> None:
    """Of a decision by hand that of the candidate's run."""
    made = Materialization("run", "selected_model", WEEK, 1, "1", "content", "", parameters={"profile": "old"})
    records.write(connection, [made, replace(made, run_id="later run", parameters={"profile": "new"})])
    connection.execute(text("UPDATE metadata.materializations SET status = 'accepted'"))

    select(connection, "a-model", WEEK, run_id=decided_in)

    assert serving_models(connection, [WEEK], "fail")[WEEK].profile == profile


def test_a_step_tried_again_within_its_run_decides_once(connection: Connection) -> None:
    select(connection, "first try", WEEK, run_id="run")
    select(connection, "second try", WEEK, run_id="run")
    select(connection, "another run", WEEK, run_id="other")
    assert connection.execute(text("SELECT model_id FROM models.selections ORDER BY selection_id")).scalars().all() == [
        "second try",
        "another run",
    ]


def test_every_decision_by_hand_is_kept(connection: Connection) -> None:
    select(connection, "first", WEEK)
    select(connection, "second", WEEK)
    assert connection.execute(text("SELECT count(*) FROM models.selections")).scalar_one() == 2


def test_checks_find_the_decision_of_their_run_before_it_counts(connection: Connection) -> None:
    select(connection, "of the run", WEEK, run_id="run")
    select(connection, "of another", WEEK, run_id="other")
    assert logged_selection(connection, "run", WEEK).model_id == "of the run"
    assert find_champion(connection, WEEK, "fail") is None
