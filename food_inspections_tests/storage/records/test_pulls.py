"""What each download brought, by week and by day, and in which week each inspection lies."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, text

from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import pulls
from food_inspections.storage.records.materializations import Materialization
from food_inspections.storage.records.pulls import DayCount, PulledWeek

FIRST, SECOND, THIRD = (date(2025, 1, day) for day in (6, 13, 20))
OLD, NEW = "2025-02-01T00:00:00.000Z", "2025-02-02T00:00:00.000Z"
PULLED = PulledWeek(FIRST, "historical", "https://portal", "data-set", 3, NEW, {FIRST: DayCount(3, NEW)})


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def pull(connection: Connection, run_id: str, *pulled: PulledWeek) -> None:
    """Record a download and the raw weeks it brought, not yet checked."""
    pulls.write(connection, run_id, pulled)
    records.write(
        connection,
        [Materialization(run_id, "raw_inspections", week.week, week.row_count, "1", "hash", "up") for week in pulled],
    )


def test_a_download_is_described_by_week_and_day() -> None:
    rows = [
        (FIRST, "2025-01-06T00:00:00.000", OLD),
        (FIRST, "2025-01-06T00:00:00.000", NEW),
        (FIRST, "2025-01-08T00:00:00.000", OLD),
        (THIRD, "2025-01-20T00:00:00.000", None),
    ]
    frame = pd.DataFrame(rows, columns=["week", "inspection_date", "portal_updated_at"])
    frame["week"] = pd.to_datetime(frame["week"])

    days = pd.to_datetime(frame["inspection_date"])

    found = pulls.describe(frame, days, [FIRST, SECOND, THIRD], "consecutive", "https://portal", "data-set")

    assert [(week.week, week.row_count, week.newest_updated_at) for week in found] == [
        (FIRST, 3, NEW),
        (SECOND, 0, None),
        (THIRD, 1, None),
    ]
    assert [week.days for week in found] == [
        {FIRST: DayCount(2, NEW), date(2025, 1, 8): DayCount(1, OLD)},
        {},
        {THIRD: DayCount(1, None)},
    ]
    assert found[0].facts == {
        "pull": "consecutive",
        "portal": "https://portal",
        "dataset": "data-set",
        "newest_updated_at": NEW,
    }


def test_stored_days_are_those_of_the_pull_in_force(connection: Connection) -> None:
    pull(connection, "one", PULLED, replace(PULLED, week=SECOND, row_count=0, days={}))
    pull(connection, "two", replace(PULLED, days={FIRST: DayCount(2, OLD), date(2025, 1, 7): DayCount(4, None)}))

    assert pulls.stored_days(connection) == {
        FIRST: {FIRST: DayCount(2, OLD), date(2025, 1, 7): DayCount(4, None)},
        SECOND: {},
    }


def test_a_step_tried_again_replaces_its_own_rows_and_no_others(connection: Connection) -> None:
    pull(connection, "one", PULLED, replace(PULLED, week=SECOND, row_count=7, days={}))
    pull(connection, "another", replace(PULLED, row_count=5))
    pull(connection, "one", replace(PULLED, row_count=9, days={}))

    rows = connection.execute(text("SELECT run_id, week, row_count FROM metadata.pulls ORDER BY run_id, week"))
    assert [tuple(row) for row in rows] == [("another", FIRST, 5), ("one", FIRST, 9), ("one", SECOND, 7)]
    assert pulls.stored_days(connection)[FIRST] == {}


def test_recording_nothing_is_allowed(connection: Connection) -> None:
    pulls.write(connection, "one", [])
    assert pulls.stored_days(connection) == {}
    assert pulls.portals(connection) == []


def test_portals_are_listed_once_the_newest_first(engine: Engine) -> None:
    for portal in ("https://old", "https://new", "https://old", "https://new"):
        with engine.begin() as connection:
            pulls.write(connection, f"{portal} {id(connection)}", [replace(PULLED, portal=portal)])

    with engine.connect() as connection:
        assert pulls.portals(connection) == [("https://new", "data-set"), ("https://old", "data-set")]


def test_inspections_that_moved_are_found_in_the_week_they_came_from(connection: Connection) -> None:
    pulls.write_places(connection, {FIRST: ["a", "b", "b"], SECOND: ["c", "d"]})

    now = {"a": SECOND, "b": FIRST, "d": THIRD, "c": THIRD, "never seen": FIRST}

    assert pulls.weeks_before(connection, now) == {FIRST: ["a"], SECOND: ["c", "d"]}
    assert pulls.weeks_before(connection, {}) == {}


def test_a_week_pulled_again_forgets_what_left_it(connection: Connection) -> None:
    pulls.write_places(connection, {FIRST: ["a", "b"], SECOND: ["c"]})
    pulls.write_places(connection, {FIRST: ["b"]})

    assert pulls.weeks_before(connection, {"a": THIRD, "b": THIRD, "c": THIRD}) == {FIRST: ["b"], SECOND: ["c"]}
