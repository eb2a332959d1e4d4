from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pytest

from food_inspections.domain.monitoring.fairness import bias_report
from food_inspections.orchestration.checks.training import BIAS_REPORT, CANDIDATES, SELECTED_MODEL
from food_inspections_tests.orchestration.checks.scopes import WEEK, StubWarehouse, outcome

BASE_RATE = {"base_rate": {"average_precision": 0.2}}


@dataclass
class Stored:
    """What the checks look at of a candidate."""

    fit_from: date = date(2024, 1, 1)
    calibrate_from: date = date(2024, 9, 16)
    validate_from: date = date(2024, 11, 11)
    cutoff: date = WEEK
    validate_rows: int = 3
    threshold: float = 0.5
    object_key: str = "key"
    checksum: str = "sum"
    metrics: Any = None
    baseline_metrics: Any = None


def candidate(**changes: Any) -> dict[str, Any]:
    metrics = {"roc_auc": 0.66, "average_precision": 0.3}
    return {"candidate": Stored(**({"metrics": metrics, "baseline_metrics": BASE_RATE} | changes))}


def scores(**changes: object) -> pd.DataFrame:
    days = pd.to_datetime(["2024-11-12", "2024-12-02", "2025-01-03"])
    return pd.DataFrame({"inspection_date": days, "score": [0.1, 0.4, 0.8]}).assign(**changes)


@pytest.mark.parametrize("suite", CANDIDATES, ids=lambda suite: suite.asset)
def test_a_candidate_validated_on_days_it_may_not_have_seen_is_rejected(suite: Any) -> None:
    assert outcome(suite, "validated_before_cutoff", scores(), candidate()).passed
    late = scores(inspection_date=pd.Timestamp(WEEK))
    assert not outcome(suite, "validated_before_cutoff", late, candidate()).passed
    early = scores(inspection_date=pd.Timestamp("2024-10-01"))
    assert not outcome(suite, "validated_before_cutoff", early, candidate()).passed
    future = candidate(cutoff=date(2025, 2, 3))
    assert not outcome(suite, "validated_before_cutoff", scores(), future).passed


def test_scores_that_are_no_probabilities_or_incomplete_are_rejected() -> None:
    suite = CANDIDATES[0]
    assert outcome(suite, "scores_are_probabilities", scores(), candidate()).passed
    assert not outcome(suite, "scores_are_probabilities", scores(score=[0.1, 0.2, 1.1]), candidate()).passed
    assert outcome(suite, "scores_are_probabilities", scores(score=0.3), candidate()).passed
    assert not outcome(suite, "scores_are_probabilities", scores().iloc[:2], candidate()).passed


@pytest.mark.parametrize("suite", [CANDIDATES[1], SELECTED_MODEL], ids=lambda suite: suite.asset)
def test_a_model_that_does_not_beat_the_base_rate_is_found(suite: Any) -> None:
    assert outcome(suite, "beats_base_rate", scores(), candidate()).passed
    coin = candidate(metrics={"roc_auc": 0.5, "average_precision": 0.3})
    assert not outcome(suite, "beats_base_rate", scores(), coin).passed
    poor = candidate(metrics={"roc_auc": 0.6, "average_precision": 0.2})
    assert not outcome(suite, "beats_base_rate", scores(), poor).passed


def test_a_poor_candidate_only_loses_and_a_poor_selection_is_blocked() -> None:
    is_blocking = {suite.asset: {check.name: check.is_blocking for check in suite.checks} for suite in CANDIDATES}
    assert not any(checks["beats_base_rate"] for checks in is_blocking.values())
    assert next(check for check in SELECTED_MODEL.checks if check.name == "beats_base_rate").is_blocking


@dataclass
class Chosen:
    """What the checks look at of a selection."""

    model_cutoff: date = WEEK
    object_key: str = "key"
    checksum: str = "sum"
    threshold: float = 0.5


@pytest.mark.parametrize(
    ("newest", "cutoff", "is_fine"),
    [("2025-01-05", WEEK, True), ("2025-01-06", WEEK, False), ("2025-01-05", date(2025, 1, 13), False)],
)
def test_what_serves_has_seen_only_days_before_its_week(newest: str, cutoff: date, *, is_fine: bool) -> None:
    facts = {"selection": Chosen(cutoff), "newest_training_day": newest}
    assert outcome(SELECTED_MODEL, "saw_only_the_past", scores(), facts).passed is is_fine


class OneModel(StubWarehouse):
    """Loads a model with a given threshold, whatever is asked for."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def load_model(self, object_key: str, checksum: str) -> Any:
        return Chosen(threshold=self.threshold)


def test_a_stored_model_that_is_not_the_one_recorded_is_rejected() -> None:
    facts = {"selection": Chosen()}
    assert outcome(SELECTED_MODEL, "loads_back", scores(), facts, warehouse=OneModel(0.5)).passed
    assert not outcome(SELECTED_MODEL, "loads_back", scores(), facts, warehouse=OneModel(0.6)).passed
    assert outcome(CANDIDATES[0], "loads_back", scores(), candidate(), warehouse=OneModel(0.5)).passed
    assert not outcome(CANDIDATES[0], "loads_back", scores(), candidate(), warehouse=OneModel(0.6)).passed


def audited(kind: str = "Restaurant") -> pd.DataFrame:
    size = 80
    flags = [number % 4 == 0 for number in range(size)]
    frame = pd.DataFrame(
        {
            "inspection_date": pd.Timestamp("2024-12-02"), "score": [0.9 if flag else 0.1 for flag in flags],
            "label": [int(flag) for flag in flags], "outcome": [int(number % 3 == 0) for number in range(size)],
            "facility_type": [kind] * (size // 2) + ["School"] * (size // 2), "zip": "60601", "risk": "Risk 1 (High)",
        }
    )  # fmt: skip
    return bias_report(frame, agreed={"facility_type": "Restaurant"}).assign(week=pd.Timestamp(WEEK))


def test_every_inspection_is_in_a_group_of_each_attribute() -> None:
    assert outcome(BIAS_REPORT, "groups_add_up", audited(), {"validation_rows": 80}).passed
    assert not outcome(BIAS_REPORT, "groups_add_up", audited().iloc[1:], {"validation_rows": 80}).passed
    without_zip = audited()[lambda rows: rows["attribute_name"] != "zip"]
    assert not outcome(BIAS_REPORT, "groups_add_up", without_zip, {"validation_rows": 80}).passed


def test_another_reference_than_restaurants_is_pointed_out() -> None:
    assert outcome(BIAS_REPORT, "reference_group", audited()).passed
    found = outcome(BIAS_REPORT, "reference_group", audited("Bakery"))
    assert (found.passed, found.seen) == (False, "Bakery")


@pytest.mark.parametrize("metric", ["fpr", "fdr"])
def test_a_disparity_outside_the_tolerance_is_named(metric: str) -> None:
    frame = audited()
    fair = frame.assign(**{f"{metric}_disparity": 1.0, f"is_{metric}_parity": True})
    assert outcome(BIAS_REPORT, f"{metric}_parity", fair).passed
    unfair = fair.assign(**{f"is_{metric}_parity": fair["attribute_value"] != "School"})
    found = outcome(BIAS_REPORT, f"{metric}_parity", unfair)
    assert (found.passed, found.seen) == (False, "facility_type School 1.00")


def test_a_group_that_stands_twice_is_rejected() -> None:
    assert outcome(BIAS_REPORT, "no_duplicate_ids", audited()).passed
    twice = pd.concat([audited(), audited().iloc[:1]])
    assert not outcome(BIAS_REPORT, "no_duplicate_ids", twice).passed
