"""A recipe that fails is left out of the selection with its reason; the others compete without it."""

import pytest

from food_inspections.domain.recipes.knn import NearestVisits
from food_inspections_tests.orchestration.shared_city import SECOND_CUTOFF, SharedCity


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
