import numpy as np
import pandas as pd
import pytest

from food_inspections.orchestration.checks.prediction import (
    API_INSPECTION_QUEUE,
    INSPECTION_QUEUE,
    PREDICTIONS,
    PREDICTIONS_EXPECTATION,
)
from food_inspections_tests.orchestration.checks.scopes import DAY, WEEK, StubWarehouse, outcome, rows


def predictions(**changes: object) -> pd.DataFrame:
    reasons = pd.Series([[{"text": "failed its last visit"}]] * 2)
    known = {"score": [0.1, 0.6], "label": [0, 1], "threshold": 0.4, "model_cutoff": pd.Timestamp(WEEK)}
    return rows(inspection_id=[1, 2], inspection_date=DAY, reasons=reasons, **known).assign(**changes)


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("no_duplicate_ids", {"inspection_id": 1}),
        ("dates_in_week", {"inspection_date": pd.Timestamp("2025-01-13")}),
        ("score_in_unit_interval", {"score": [0.1, 1.5]}),
        ("score_in_unit_interval", {"score": [0.1, np.nan]}),
        ("labels_follow_scores", {"label": [1, 1]}),
        ("model_had_not_seen_the_week", {"model_cutoff": pd.Timestamp("2025-01-13")}),
        ("has_reasons", {"reasons": pd.Series([[], []])}),
    ],
)
def test_each_check_of_predictions_passes_and_fails(check: str, bad: dict[str, object]) -> None:
    assert outcome(PREDICTIONS, check, predictions()).passed
    assert not outcome(PREDICTIONS, check, predictions(**bad)).passed


def test_a_prediction_that_is_missing_is_counted() -> None:
    warehouse = StubWarehouse({"data.inspection_features": rows(inspection_id=[1, 2, 3])})
    found = outcome(PREDICTIONS, "complete", predictions(), warehouse=warehouse)
    assert (found.passed, found.seen) == (False, "2 rows, 1 missing, 0 too many")


def test_the_expectation_finite_asks_for_numbers() -> None:
    config = {"expectation": "finite"}
    assert outcome(PREDICTIONS_EXPECTATION, "expectation", predictions(), config=config).passed
    bad = predictions(score=[0.1, np.inf])
    assert not outcome(PREDICTIONS_EXPECTATION, "expectation", bad, config=config).passed


def test_the_expectation_shape_asks_for_a_single_row() -> None:
    config = {"expectation": "shape"}
    found = outcome(PREDICTIONS_EXPECTATION, "expectation", predictions(), config=config)
    assert (found.passed, found.expected, found.seen) == (False, "a single row", "2 rows")
    assert outcome(PREDICTIONS_EXPECTATION, "expectation", predictions().iloc[:1], config=config).passed


def queue(**changes: object) -> pd.DataFrame:
    size = 10
    known = {"rank": range(1, size + 1), "score": np.linspace(0.9, 0.0, size), "threshold": 0.5}
    frame = rows(establishment_id=[f"e{number}" for number in range(size)], **known)
    is_drawn = [number == 7 for number in range(size)]
    is_listed = [number < 3 or number == 7 for number in range(size)]
    labels = (frame["score"] >= 0.5).astype(int)
    return frame.assign(is_random_draw=is_drawn, is_on_list=is_listed, label=labels).assign(**changes)


def test_ranks_that_do_not_follow_the_scores_are_rejected() -> None:
    assert outcome(INSPECTION_QUEUE, "ranks_follow_scores", queue()).passed
    assert not outcome(INSPECTION_QUEUE, "ranks_follow_scores", queue(score=np.linspace(0, 0.9, 10))).passed
    assert not outcome(INSPECTION_QUEUE, "ranks_follow_scores", queue(rank=range(10))).passed
    with_a_gap = [*range(1, 10), 11]
    assert not outcome(INSPECTION_QUEUE, "ranks_follow_scores", queue(rank=with_a_gap)).passed


def test_the_list_is_as_long_as_the_capacity() -> None:
    assert outcome(INSPECTION_QUEUE, "list_length", queue(), {"capacity": 4}).passed
    assert not outcome(INSPECTION_QUEUE, "list_length", queue(), {"capacity": 5}).passed


def test_the_random_share_is_drawn_and_on_the_list() -> None:
    warehouse = StubWarehouse(random_share=0.25)
    assert outcome(INSPECTION_QUEUE, "random_draw", queue(), {"capacity": 4}, warehouse=warehouse).passed
    none = queue(is_random_draw=False)
    assert not outcome(INSPECTION_QUEUE, "random_draw", none, {"capacity": 4}, warehouse=warehouse).passed
    unlisted = queue(is_on_list=[number < 4 for number in range(10)])
    assert not outcome(INSPECTION_QUEUE, "random_draw", unlisted, {"capacity": 4}, warehouse=warehouse).passed
    half = queue(is_random_draw=[number > 7 for number in range(10)], is_on_list=[number != 9 for number in range(10)])
    two = StubWarehouse(random_share=0.5)
    assert not outcome(INSPECTION_QUEUE, "random_draw", half, {"capacity": 4}, warehouse=two).passed


def test_the_newest_published_version_must_be_the_accepted_queue() -> None:
    warehouse = StubWarehouse({"data.inspection_queue": queue()})
    published = queue(version=2)
    older = queue(version=1, rank=range(10, 0, -1))
    both = pd.concat([older, published], ignore_index=True)
    assert outcome(API_INSPECTION_QUEUE, "newest_version_is_the_queue", both, warehouse=warehouse).passed
    found = outcome(API_INSPECTION_QUEUE, "newest_version_is_the_queue", older, warehouse=warehouse)
    assert not found.passed
