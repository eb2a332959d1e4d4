"""What lists were worth over several weeks, worked out again from the rows."""

from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from food_inspections.monitor.queries import contest, lists, overview, performance
from food_inspections.monitor.queries.reading import read
from food_inspections.monitor.wording.vocabulary import HEADLINES
from food_inspections_tests.monitor.conftest import Filled

WEEKS = 4
BESIDE = ("random_share", "past_rate", "most_overdue")


@pytest.fixture
def recent(filled: Filled, writing: Connection) -> pd.DataFrame:
    """What is on record of the newest judged weeks."""
    return recorded(writing, filled.seeded.weeks[-WEEKS:])


def recorded(connection: Connection, weeks: list[date]) -> pd.DataFrame:
    return read(connection, "SELECT * FROM monitoring.performance WHERE week = ANY (:weeks)", weeks=weeks)


def counted(rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Visits and failures by source, of the one metric of each that counts visits."""
    is_rate = (rows["metric"] == "failure_rate") | (
        (rows["metric"] == "precision_at_capacity") & rows["source"].isin(BESIDE)
    )
    sums = rows[is_rate].groupby("source")[["row_count", "positives"]].sum()
    return {str(source): (int(visits), int(failed)) for source, visits, failed in sums.itertuples()}


def pooled(connection: Connection) -> dict[str, tuple[int, int]]:
    rows = lists.pooled(connection, WEEKS)
    return {row.source: (row.row_count, row.positives) for row in rows.itertuples()}


def test_visits_and_failures_of_the_newest_weeks_are_added_up(writing: Connection, recent: pd.DataFrame) -> None:
    found = pooled(writing)

    assert found == counted(recent)
    assert set(found) > set(BESIDE)


def test_a_week_without_visits_off_the_list_compares_nothing(
    writing: Connection, filled: Filled, recent: pd.DataFrame
) -> None:
    week = filled.seeded.weeks[-2]
    writing.execute(text("DELETE FROM monitoring.performance WHERE source = 'off_list' AND week = :w"), {"w": week})

    assert pooled(writing) == counted(recent[recent["week"] != week])


def test_weeks_that_were_not_accepted_count_nowhere(writing: Connection, filled: Filled, recent: pd.DataFrame) -> None:
    week = filled.seeded.weeks[-2]
    before = performance.coverage(writing, filled.seeded.weeks[-1], "queue", WEEKS)
    writing.execute(
        text("UPDATE monitoring.performance SET coverage = 0.5, row_count = 7 WHERE week = :w"), {"w": week}
    )
    changed = performance.coverage(writing, filled.seeded.weeks[-1], "queue", WEEKS)
    writing.execute(
        text(
            "UPDATE metadata.materializations SET status = 'rejected' WHERE (asset, week) = ('queue_performance', :w)"
        ),
        {"w": week},
    )

    assert pooled(writing) == counted(recent[recent["week"] != week])
    assert lists.share_visited(writing, WEEKS)["weeks"] == WEEKS - 1
    assert performance.coverage(writing, filled.seeded.weeks[-1], "queue", WEEKS) == before != changed


def test_places_listed_and_visited_are_those_of_the_same_weeks(writing: Connection, recent: pd.DataFrame) -> None:
    rows = recent[(recent["source"] == "queue") & (recent["metric"] == "share_visited")]

    found = lists.share_visited(writing, WEEKS)

    assert found["weeks"] == len(rows) == WEEKS
    assert found["listed"] == rows["row_count"].sum()
    assert found["visited"] == pytest.approx((rows["row_count"] * rows["value"]).sum())


def test_coverage_is_the_mean_of_the_weeks_until_the_one_asked_for(writing: Connection, filled: Filled) -> None:
    until = filled.seeded.weeks[-3]
    for week, share in ((until, 0.2), (until - timedelta(weeks=1), 0.4), (until - timedelta(weeks=2), 0.9)):
        writing.execute(
            text("UPDATE monitoring.performance SET coverage = :c WHERE week = :w AND source = 'queue'"),
            {"c": share, "w": week},
        )

    assert performance.coverage(writing, until, "queue", 2) == pytest.approx(0.3)
    assert performance.coverage(writing, until, "queue", 1) == pytest.approx(0.2)
    assert performance.coverage(writing, until, "nobody", 2) is None


def test_promises_come_in_the_order_of_the_pages(writing: Connection, filled: Filled) -> None:
    found = performance.promises(writing, filled.seeded.weeks[-1], "queue")

    assert list(found["metric"]) == [metric for metric in HEADLINES if metric in set(found["metric"])]
    assert len(found) > 2
    assert set(found["source"]) == {"queue"}
    assert set(found["week"]) == {filled.seeded.weeks[-1]}


def test_a_list_is_counted_as_that_version_has_it(writing: Connection, filled: Filled) -> None:
    ((week,),) = writing.execute(text("SELECT week FROM api.published_queues WHERE version = 2")).all()
    rows = read(
        writing, "SELECT * FROM api.inspection_queue WHERE week = :week AND version = 2 AND is_on_list", week=week
    )

    found = overview.list_counts(writing, week, 2).iloc[0]

    assert (found["on_list"], found["random_draws"], found["open"]) == (
        len(rows),
        rows["is_random_draw"].sum(),
        rows["is_reinspection_open"].sum(),
    )


def test_the_contest_is_that_of_the_decision_in_force_with_the_visits_it_was_judged_by(
    writing: Connection, filled: Filled
) -> None:
    second, third = filled.seeded.selection_weeks[1:3]
    writing.execute(
        text(
            "INSERT INTO models.validation_scores (model_id, inspection_id, inspection_date, establishment_id, "
            "facility_type, zip, risk, score, label, outcome) "
            "SELECT candidate_id, number::text, effective_week - 7, 'place', 'School', '60601', 'high', 0.5, 1, "
            "CASE WHEN number % 3 = 0 THEN 1 ELSE 0 END "
            "FROM models.champion(:week, 'fail'), generate_series(1, 9) AS number"
        ),
        {"week": second},
    )

    found = contest.contest(writing, third - timedelta(weeks=1), "fail")

    assert list(found["effective_week"]) == [second]
    assert (found["visits"][0], found["failures"][0]) == (9, 3)
    assert contest.contest(writing, third, "fail")["visits"][0] == 0
    assert contest.contest(writing, third, "critical").empty
