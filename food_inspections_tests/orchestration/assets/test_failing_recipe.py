"""A recipe that fails is left out of the selection with its reason; the others compete without it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from food_inspections.domain.learning import training
from food_inspections.domain.learning.training import Candidate
from food_inspections.domain.recipes.knn import NearestVisits
from food_inspections.domain.recipes.registry import candidate_name
from food_inspections.storage.models import candidates
from food_inspections_tests.orchestration.shared_city import FIRST_CUTOFF, SECOND_CUTOFF, SharedCity


def test_one_failing_recipe_does_not_stop_the_selection(
    shared_city: SharedCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no neighbours")

    monkeypatch.setattr(NearestVisits, "fit", fail)
    with shared_city.copy({}) as city:
        result = city.deployed.materialize(
            "key:knn_model or key:logistic_regression_model or key:selected_model", SECOND_CUTOFF
        )

        assert result.success
        assert city.deployed.status("knn_model", SECOND_CUTOFF) == "rejected"
        assert city.deployed.status("selected_model", SECOND_CUTOFF) == "accepted"
        found = city.deployed.query(
            "SELECT severity, seen FROM test.check_results WHERE asset = 'knn_model' AND NOT passed AND week = :week",
            week=SECOND_CUTOFF,
        )
        assert found == [("WARN", "ZeroDivisionError: no neighbours")]
        ((without,),) = city.deployed.query(
            "SELECT parameters->'selected_without' FROM metadata.latest_materializations "
            "WHERE asset = 'selected_model' AND week = :week",
            week=SECOND_CUTOFF,
        )
        assert "knn_model" in without
        assert "logistic_regression_model" not in without


def failing(recipe_that_fails: str, error: Exception) -> Callable[..., Candidate]:
    fit = training.fit_candidate

    def fit_or_fail(features: pd.DataFrame, recipe: str, *arguments: Any, **named: Any) -> Candidate:
        if recipe == recipe_that_fails:
            raise error
        return fit(features, recipe, *arguments, **named)

    return fit_or_fail


def test_nothing_is_decided_without_the_recipe_that_serves(
    shared_city: SharedCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shared_city.warehouse.snapshot() as connection:
        serving = candidates.candidate(connection, shared_city.warehouse.champion(FIRST_CUTOFF).candidate_id).recipe
    monkeypatch.setattr(training, "fit_candidate", failing(serving, ZeroDivisionError("no visits")))
    with shared_city.copy({}) as city:
        before = city.deployed.query("SELECT count(*) FROM models.selections")
        result = city.deployed.materialize(
            f"key:{candidate_name(serving)} or key:own_rate_model or key:selected_model", SECOND_CUTOFF
        )

        assert not result.success
        assert city.deployed.status(candidate_name(serving), SECOND_CUTOFF) == "rejected"
        assert "the recipe of the model in use, could not be fitted (ZeroDivisionError: no visits)" in str(
            result.failure_data_for_node("selected_model")
        )
        assert city.deployed.query("SELECT count(*) FROM models.selections") == before


def test_too_little_memory_fails_the_run(shared_city: SharedCity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "fit_candidate", failing("knn", MemoryError()))
    with shared_city.copy({}) as city:
        assert not city.deployed.materialize("key:knn_model", SECOND_CUTOFF).success
