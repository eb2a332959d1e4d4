from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from food_inspections.domain.evaluation.metrics import METRICS, evaluate, scored_from
from food_inspections.domain.features import FEATURES
from food_inspections.domain.learning import training
from food_inspections.domain.learning.training import Candidate
from food_inspections.domain.recipes.registry import find_recipe
from food_inspections.errors import ModelError
from food_inspections.orchestration.contest import Contest, Entrants, hold_contest
from food_inspections.orchestration.io.model_io_managers import StoredModel, candidate_row, store_model
from food_inspections.settings import Label, Settings
from food_inspections.storage.models import files as models
from food_inspections.storage.models.candidates import (
    accepted_candidates,
    write_candidate,
)
from food_inspections.storage.models.candidates import (
    candidate as stored_candidate,
)
from food_inspections.storage.models.champions import SelectionRow, find_champion, log_selection
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.materializations import Materialization
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.domain.model_frames import FIRST_DAY, feature_rows

CUTOFF = FIRST_DAY + timedelta(weeks=36)
VALIDATE_FROM = CUTOFF - timedelta(weeks=8)
RECIPE = "logistic_regression"


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    """Rows with every registered input; only a few of them tell anything."""
    rows = feature_rows()
    generator = np.random.default_rng(1)
    others = {
        feature.name: generator.integers(0, 5, len(rows)) if feature.kind == "numeric" else "same"
        for feature in FEATURES
        if feature.name not in rows.columns
    }
    return pd.concat([rows, pd.DataFrame(others)], axis=1)


@pytest.fixture(scope="module")
def candidate(features: pd.DataFrame) -> Candidate:
    return training.fit_candidate(features, RECIPE, "fail", CUTOFF)


@pytest.fixture
def warehouse(settings: Settings) -> Warehouse:
    return Warehouse(settings)


def keep(warehouse: Warehouse, candidate: Candidate, week: date = CUTOFF) -> StoredModel:
    """Store a candidate as an accepted one of its week."""
    asset = f"{candidate.model.recipe}_model"
    stored = store_model(warehouse, candidate.model, asset)
    with warehouse.transaction() as connection:
        write_candidate(connection, candidate_row(stored, candidate, week, "run"), candidate.validation_scores)
        record = Materialization("run", asset, week, 9, "1", stored.checksum, "up", stored.object_key)
        records.write(connection, [record])
        records.decide(connection, asset, records.latest(connection, asset), [])
    return stored


def reign(
    warehouse: Warehouse,
    features: pd.DataFrame,
    cutoff: date,
    parameters: Mapping[str, Any] | None = None,
    label: Label = "fail",
) -> str:
    """Let a model serve from its cutoff on, by the hand of a person; its id as a candidate."""
    judged = training.fit_candidate(features, RECIPE, label, cutoff, parameters)
    origin = keep(warehouse, judged, cutoff)
    model = training.refit(features, RECIPE, label, cutoff, parameters)
    stored = store_model(warehouse, model, "selected_model")
    decision = SelectionRow(
        effective_week=cutoff,
        label=label,
        model_id=stored.model_id,
        candidate_id=origin.model_id,
        recipe=RECIPE,
        model_cutoff=cutoff,
        threshold=model.threshold,
        metric="roc_auc",
        metrics={},
        object_key=stored.object_key,
        checksum=stored.checksum,
        run_id=None,
        decided_by="a person",
        reason="because",
    )
    with warehouse.transaction() as connection:
        log_selection(connection, decision)
    return stored.model_id


def contest_of(warehouse: Warehouse, features: pd.DataFrame, week: date) -> Contest:
    """The contest of those whom the warehouse knows."""
    label = warehouse.settings.label
    with warehouse.snapshot() as connection:
        rows = accepted_candidates(connection, week, label)
        champion = find_champion(connection, week - timedelta(weeks=1), label)
        reigning = None if champion is None else (champion, stored_candidate(connection, champion.candidate_id))
    return hold_contest(
        Entrants(week, rows, reigning, lambda stored: warehouse.load_model(stored.object_key, stored.checksum)),
        features,
    )


def test_without_accepted_candidates_there_is_no_contest(warehouse: Warehouse, features: pd.DataFrame) -> None:
    with pytest.raises(ModelError, match=f"No accepted candidate with cutoff {CUTOFF}: materialize the models"):
        contest_of(warehouse, features, CUTOFF)


def test_where_nobody_reigns_the_candidates_compete_alone(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate
) -> None:
    stored = keep(warehouse, candidate)

    contest = contest_of(warehouse, features, CUTOFF)

    assert list(contest.contenders) == [stored.model_id]
    assert (contest.champion_id, contest.refitted_champion) == (None, None)
    assert contest.metrics == {stored.model_id: candidate.metrics}
    table = contest.table()
    assert set(table["metric"]) == set(METRICS)
    assert set(table["recipe"]) == {RECIPE}


def test_a_champion_of_the_same_recipe_competes_as_the_candidate_of_the_week(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate
) -> None:
    reign(warehouse, features, CUTOFF - timedelta(weeks=2))
    stored = keep(warehouse, candidate)

    contest = contest_of(warehouse, features, CUTOFF)

    assert contest.champion_id == stored.model_id
    assert list(contest.contenders) == [stored.model_id]
    assert contest.refitted_champion is None


def test_a_champion_with_other_parameters_is_fitted_again_and_judged_on_the_same_weeks(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate
) -> None:
    parameters = _other_parameters()
    reign(warehouse, features, CUTOFF - timedelta(weeks=2), parameters)
    stored = keep(warehouse, candidate)

    contest = contest_of(warehouse, features, CUTOFF)

    assert contest.champion_id is not None
    assert set(contest.contenders) == {stored.model_id, contest.champion_id}
    again = contest.refitted_champion
    assert again is not None
    assert again.model.cutoff == CUTOFF
    assert again.validate_rows == candidate.validate_rows
    expected = training.fit_candidate(features, RECIPE, "fail", CUTOFF, parameters)
    assert again.metrics == expected.metrics
    assert contest.contenders[contest.champion_id].metrics == expected.metrics
    assert contest.contenders[contest.champion_id].validate_from == VALIDATE_FROM


def _other_parameters() -> dict[str, Any]:
    name, value = next(
        (name, value) for name, value in find_recipe(RECIPE).defaults.items() if isinstance(value, float)
    )
    return {name: value * 2}


@pytest.mark.parametrize(("weeks_ago", "weeks_judged"), [(2, 2), (8, 8), (12, 8)])
def test_a_stored_champion_is_judged_on_days_it_cannot_have_seen(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate, weeks_ago: int, weeks_judged: int
) -> None:
    model_id = reign(warehouse, features, CUTOFF - timedelta(weeks=weeks_ago))
    keep(warehouse, candidate)

    contest = contest_of(warehouse, features, CUTOFF)

    first = CUTOFF - timedelta(weeks=weeks_judged)
    days = features["inspection_date"]
    unseen = features[(days >= pd.Timestamp(first)) & (days < pd.Timestamp(CUTOFF))]
    (name,) = contest.stored_champion
    assert name == f"{model_id} as stored, on {len(unseen)} visits from {first}"
    serving = training.refit(features, RECIPE, "fail", CUTOFF - timedelta(weeks=weeks_ago))
    expected = evaluate(scored_from(training.validation_scores(serving, unseen)))
    assert contest.stored_champion[name] == expected
    assert name in contest.metrics
    assert name not in contest.contenders, "it is shown, and does not compete"


def test_a_champion_without_new_days_is_not_judged(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate
) -> None:
    before = CUTOFF - timedelta(weeks=2)
    reign(warehouse, features, before)
    keep(warehouse, candidate)
    quiet = features[features["inspection_date"] < pd.Timestamp(before)]

    assert contest_of(warehouse, quiet, CUTOFF).stored_champion == {}


def test_a_champion_of_other_library_versions_cannot_stop_the_training_that_replaces_it(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        versions = models.library_versions()
        older.setattr(models, "library_versions", lambda: {**versions, "numpy": "0.1"})
        model_id = reign(warehouse, features, CUTOFF - timedelta(weeks=2))
    stored = keep(warehouse, candidate)

    contest = contest_of(warehouse, features, CUTOFF)

    assert contest.champion_id == stored.model_id, "its recipe competes all the same"
    ((name, metrics),) = contest.stored_champion.items()
    assert name.startswith(f"{model_id} as stored, not judged: The model was made with numpy 0.1")
    assert metrics == {}


def test_a_champion_whose_parameters_its_recipe_no_longer_knows_cannot_stop_the_selection(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate
) -> None:
    model_id = reign(warehouse, features, CUTOFF - timedelta(weeks=2))
    with warehouse.transaction() as connection:
        connection.execute(text("UPDATE models.candidates SET parameters = parameters || '{\"forgotten\": 1}'"))
    stored = keep(warehouse, candidate)

    contest = contest_of(warehouse, features, CUTOFF)

    assert list(contest.contenders) == [stored.model_id]
    assert (contest.champion_id, contest.refitted_champion) == (None, None)
    reasons = [name for name in contest.stored_champion if name.startswith(f"{model_id}, not fitted again")]
    assert "has no parameter forgotten" in reasons[0]


def test_a_decision_for_the_week_itself_does_not_reign_in_its_own_contest(
    warehouse: Warehouse, features: pd.DataFrame, candidate: Candidate
) -> None:
    reign(warehouse, features, CUTOFF)

    assert contest_of(warehouse, features, CUTOFF).champion_id is None


def test_another_label_has_another_contest(settings: Settings, features: pd.DataFrame, candidate: Candidate) -> None:
    warehouse = Warehouse(settings)
    reign(warehouse, features, CUTOFF - timedelta(weeks=2), label="critical")
    keep(warehouse, candidate)

    assert contest_of(warehouse, features, CUTOFF).champion_id is None
    with pytest.raises(ModelError, match="No accepted candidate"):
        contest_of(Warehouse(replace(settings, label="critical")), features, CUTOFF)
