"""``monitoring.promises``: what was realised, beside its promise."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, RowMapping, text

from food_inspections.storage.postgres import tables
from food_inspections_tests.api.seed import accept

FIRST = date(2025, 1, 6)


def series(
    values: Sequence[float], promise: float, half: float = 0.1, metric: str = "roc_auc", first: date = FIRST
) -> pd.DataFrame:
    """Weeks of a hundred visits and more, every fifth a failure, with their promise."""
    rows = [
        {
            "week": pd.Timestamp(first + timedelta(weeks=place)),
            "model_id": "m",
            "source": source,
            "metric": metric,
            "value": value,
            "lower": value - half,
            "upper": value + half,
            "row_count": 100 + place,
            "positives": (100 + place) // 5,
        }
        for place, found in enumerate(values)
        for source, value in (("queue", found), ("validation", promise))
    ]
    return pd.DataFrame(rows)


def judged(connection: Connection, rows: pd.DataFrame, metric: str = "roc_auc", source: str = "queue") -> RowMapping:
    """The promise as of the newest week of the rows."""
    tables.append_rows(connection, "monitoring.performance", rows)
    weeks = sorted({week.date() for week in rows["week"]})
    accept(connection, "queue_performance", weeks)
    statement = "SELECT * FROM monitoring.promises WHERE week = :week AND metric = :metric AND source = :source"
    parameters: dict[str, Any] = {"week": weeks[-1], "metric": metric, "source": source}
    return connection.execute(text(statement), parameters).mappings().one()


def test_the_newest_eight_weeks_count_by_their_visits(engine: Engine) -> None:
    values = [0.0, 0.0, *np.linspace(0.6, 0.7, 8)]
    with engine.begin() as connection:
        found = judged(connection, series(values, 0.66))
    visits = np.arange(102, 110)
    assert found["value"] == pytest.approx(np.average(values[2:], weights=visits))
    assert (found["promise"], found["visits"], found["weeks"]) == (pytest.approx(0.66), visits.sum(), 8)
    assert found["since"] == FIRST + timedelta(weeks=2)


def test_weeks_older_than_half_a_year_do_not_count(engine: Engine) -> None:
    old = series([0.1] * 3, 0.66, first=FIRST - timedelta(weeks=30))
    with engine.begin() as connection:
        found = judged(connection, pd.concat([old, series([0.6, 0.6], 0.66)]))
    assert (found["weeks"], found["value"]) == (2, pytest.approx(0.6))


def test_a_week_that_is_not_accepted_does_not_count(engine: Engine) -> None:
    with engine.begin() as connection:
        judged(connection, series([0.1, 0.6], 0.66))
        accept(connection, "queue_performance", [FIRST], status="rejected")
        rows = connection.execute(text("SELECT weeks, value FROM monitoring.promises")).all()
    assert rows == [(1, pytest.approx(0.6))]


def test_chance_is_that_of_the_mean_and_that_of_the_promise_together(engine: Engine) -> None:
    with engine.begin() as connection:
        found = judged(connection, series([0.6] * 4, 0.6))
    # Four weeks of nearly the same size halve the error of one; that of the promise stays.
    assert found["chance"] == pytest.approx(np.hypot(0.05, 0.1), rel=1e-3)


@pytest.mark.parametrize(
    ("metric", "value", "half", "answer"),
    [
        ("roc_auc", 0.9, 0.03, "kept"),
        ("roc_auc", 0.66, 0.03, "kept"),
        ("roc_auc", 0.64, 0.03, "below"),
        ("roc_auc", 0.54, 0.03, "broken"),
        ("roc_auc", 0.66, 0.12, "cannot_tell"),
        ("roc_auc", 0.5, 0.16, "cannot_tell"),
        ("calibration_error", 0.71, 0.01, "kept"),
        ("calibration_error", 0.74, 0.01, "below"),
        ("calibration_error", 0.86, 0.01, "broken"),
        ("roc_auc", float("nan"), 0.03, "cannot_tell"),
    ],
)
def test_a_promise_is_kept_or_broken_only_where_chance_cannot_make_it_otherwise(
    engine: Engine, metric: str, value: float, half: float, answer: str
) -> None:
    with engine.begin() as connection:
        assert judged(connection, series([value], 0.7, half, metric), metric)["answer"] == answer


def test_twenty_visited_places_of_a_long_list_keep_no_promise(engine: Engine) -> None:
    rows = pd.concat([series([0.3], 0.3, 0.18, "precision_at_capacity"), series([0.66], 0.66)])
    with engine.begin() as connection:
        assert judged(connection, rows, "precision_at_capacity")["answer"] == "cannot_tell"


def test_half_the_promised_lead_is_the_margin(engine: Engine) -> None:
    rows = pd.concat([series([0.4], 0.4, metric="precision_at_capacity"), series([0.6], 0.66)])
    with engine.begin() as connection:
        listed = judged(connection, rows, "precision_at_capacity")
        margin = "SELECT margin FROM monitoring.promises WHERE metric = 'roc_auc'"
        assert connection.execute(text(margin)).scalar_one() == pytest.approx(0.08)
    assert listed["margin"] == pytest.approx((0.4 - 0.2) / 2), "over the share of all visits that fail"


def test_the_estimate_stands_beside_and_is_not_what_was_realised(engine: Engine) -> None:
    rows = series([0.6, 0.6], 0.66)
    estimates = rows[rows["source"] == "queue"].assign(source="estimated", value=0.64)
    drawn = rows[rows["source"] == "queue"].assign(source="random_share", value=0.5)
    with engine.begin() as connection:
        found = judged(connection, pd.concat([rows, estimates, drawn]))
        other = "SELECT value, estimate FROM monitoring.promises WHERE source = 'random_share' AND weeks = 2"
        assert connection.execute(text(other)).one() == (pytest.approx(0.5), None), "it is of the queue's visits"
    assert (found["value"], found["estimate"], found["weeks"]) == (pytest.approx(0.6), pytest.approx(0.64), 2)


def test_weeks_without_a_value_do_not_count_and_neither_does_their_promise(engine: Engine) -> None:
    rows = series([float("nan"), 0.6, 0.7], 0.66)
    is_first_promise = (rows["source"] == "validation") & (rows["week"] == pd.Timestamp(FIRST))
    with engine.begin() as connection:
        found = judged(connection, rows.assign(value=rows["value"].where(~is_first_promise, 0.9)))
    assert (found["weeks"], found["since"]) == (2, FIRST + timedelta(weeks=1))
    assert found["promise"] == pytest.approx(0.66)


def test_without_a_judged_visit_nothing_is_said_of_numbers(engine: Engine) -> None:
    with engine.begin() as connection:
        found = judged(connection, series([float("nan")], 0.66).assign(row_count=0))
    assert (found["visits"], found["weeks"], found["answer"]) == (0, 0, "cannot_tell")
    assert found["statement"] == "Nothing was judged yet."
