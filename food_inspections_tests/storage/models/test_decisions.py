"""Decisions made by hand: which models there are, and which one serves from a week on instead."""

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine

from food_inspections.errors import ModelError
from food_inspections.storage.models.candidates import (
    reference_scores,
    validation_scores,
    write_candidate,
    write_reference_scores,
)
from food_inspections.storage.models.champions import champion_of
from food_inspections.storage.models.decisions import (
    decide_by_hand,
    decisions,
    find_model,
    known_models,
    predecessor,
    recent_features,
)
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.materializations import Materialization
from food_inspections_tests.storage.model_rows import LATER, NEXT, WEEK, candidate_row, select, validation_frame


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def know(connection: Connection, model_id: str, cutoff: date = WEEK, label: str = "fail") -> None:
    """Put a candidate on record."""
    row = candidate_row(model_id, week=cutoff, cutoff=cutoff, label=label)
    write_candidate(connection, row, validation_frame(0.2, 0.4))


def test_models_are_the_candidates_and_the_winners_refitted_the_newest_cutoff_first(connection: Connection) -> None:
    know(connection, "old")
    know(connection, "new", NEXT)
    know(connection, "of the other label", label="critical")
    select(connection, "old refitted", candidate_id="old", threshold=0.5, object_key="serving", checksum="sum")
    select(connection, "new", LATER)

    found = known_models(connection, "fail")

    assert [(model.model_id, model.is_candidate) for model in found] == [
        ("new", True),
        ("old", True),
        ("old refitted", True),
        ("old refitted", False),
    ]
    refitted = found[-1]
    assert (refitted.candidate_id, refitted.threshold, refitted.object_key) == ("old", 0.5, "serving")
    assert refitted.metrics == {"roc_auc": 0.7, "f1": None}


def test_a_model_is_found_by_its_id_or_by_how_that_begins(connection: Connection) -> None:
    for name in ("knn-1", "knn-12", "xgboost-3"):
        know(connection, name)

    assert find_model(connection, "knn-1", "fail").model_id == "knn-1"
    assert find_model(connection, "x", "fail").model_id == "xgboost-3"
    with pytest.raises(ModelError, match="'knn' begins 2 models: write out one of knn-1, knn-12"):
        find_model(connection, "knn", "fail")
    with pytest.raises(ModelError, match="There is no model 'boost' for label 'fail'"):
        find_model(connection, "boost", "fail")
    with pytest.raises(ModelError, match="There is no model 'knn-1' for label 'critical'"):
        find_model(connection, "knn-1", "critical")


def test_the_newest_decisions_come_first_and_no_more_than_asked_for(connection: Connection) -> None:
    for model in ("first", "second", "third"):
        select(connection, model)
    select(connection, "of the other label", label="critical")

    assert [row.model_id for row in decisions(connection, "fail", 2)] == ["third", "second"]
    assert [row.model_id for row in decisions(connection, "critical", 9)] == ["of the other label"]


def test_the_predecessor_is_the_model_that_served_before_the_present_one(connection: Connection) -> None:
    for model in ("first", "second", "third"):
        select(connection, model)
    # The same model decided for again is no predecessor of its own, and one for later weeks never served this one.
    select(connection, "third")
    select(connection, "later", LATER)
    select(connection, "of the other label", label="critical")

    assert predecessor(connection, WEEK, "fail").model_id == "second"
    assert predecessor(connection, LATER, "fail").model_id == "third"


def test_a_model_made_after_the_week_is_no_predecessor(connection: Connection) -> None:
    select(connection, "first")
    know(connection, "too new", NEXT)
    select(connection, "too new", WEEK, model_cutoff=NEXT)
    select(connection, "second")

    assert predecessor(connection, WEEK, "fail").model_id == "first"


def test_without_a_predecessor_there_is_nothing_to_roll_back(connection: Connection) -> None:
    with pytest.raises(ModelError, match=f"serves week {WEEK}: there is nothing to roll back"):
        predecessor(connection, WEEK, "fail")
    select(connection, "only")
    with pytest.raises(ModelError, match=f"No model served week {WEEK} before only"):
        predecessor(connection, WEEK, "fail")


def test_a_model_decided_for_by_hand_serves_from_the_week_on(connection: Connection) -> None:
    select(connection, "first")
    know(connection, "second")

    decide_by_hand(connection, find_model(connection, "second", "fail"), NEXT, "a person", "the first one failed")

    assert champion_of(connection, WEEK, "fail").model_id == "first"
    champion = champion_of(connection, NEXT, "fail")
    assert (champion.model_id, champion.reason) == ("second", "the first one failed")
    assert (champion.metric, champion.metrics) == ("by hand", {"second": {"roc_auc": 0.7, "f1": None}})
    assert (champion.object_key, champion.checksum) == ("knn_model/second.skops", "checksum of second")
    assert decisions(connection, "fail", 1)[0].decided_by == "a person"


def test_a_model_that_may_have_seen_the_week_is_refused(connection: Connection) -> None:
    know(connection, "new", NEXT)
    model = find_model(connection, "new", "fail")

    with pytest.raises(ModelError, match=f"new has the cutoff {NEXT} and may have seen week {WEEK}"):
        decide_by_hand(connection, model, WEEK, "a person", "because")
    decide_by_hand(connection, model, NEXT, "a person", "because")
    assert champion_of(connection, NEXT, "fail").model_id == "new"


def test_a_candidate_decided_for_is_compared_with_its_own_validation_scores(connection: Connection) -> None:
    know(connection, "a-model")
    decide_by_hand(connection, find_model(connection, "a-model", "fail"), WEEK, "a person", "because")

    pd.testing.assert_frame_equal(reference_scores(connection, "a-model"), validation_scores(connection, "a-model"))


def test_a_winner_that_serves_again_keeps_its_reference(connection: Connection) -> None:
    select(connection, "a-model")
    write_reference_scores(connection, "a-model", validation_frame(0.9))
    decide_by_hand(connection, find_model(connection, "a-model", "fail"), WEEK, "a person", "because")

    assert reference_scores(connection, "a-model")["score"].tolist() == [0.9]


def test_recent_features_are_of_the_newest_accepted_weeks_before_a_day(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks = [WEEK + timedelta(weeks=number) for number in range(5)]
    records.write(
        connection, [Materialization("run", "inspection_features", week, 0, "1", "hash", "up") for week in weeks]
    )
    in_force = records.latest(connection, "inspection_features")
    records.decide(connection, "inspection_features", [row for row in in_force if row.week != weeks[2]], [])
    asked: list[object] = []
    monkeypatch.setattr(
        "food_inspections.storage.models.decisions.tables.read_weeks",
        lambda _connection, table, found: asked.append((table, found)),
    )

    recent_features(connection, weeks[4], 2)

    assert asked == [("data.inspection_features", [weeks[1], weeks[3]])]
