import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, text

from food_inspections.storage.postgres.tables import content_hash
from food_inspections.storage.records.queue_versions import publish_queue

WEEK = date(2025, 1, 6)
NEXT = date(2025, 1, 13)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def queue(score: float = 0.5, week: date = WEEK, size: int = 2) -> pd.DataFrame:
    """A queue whose scores fall from the given one."""
    places = range(1, size + 1)
    return pd.DataFrame(
        {
            "week": pd.Timestamp(week),
            "establishment_id": [f"e{place}" for place in places],
            "rank": list(places),
            "score": [score / place for place in places],
            "label": 1,
            "threshold": 0.2,
            "model_id": "model",
            "model_cutoff": pd.Timestamp(WEEK),
            "reasons": [[] for _ in places],
            "is_on_list": True,
            "is_random_draw": False,
            "dba_name": "NAME",
            "address": "1 MAIN ST",
            "zip": "60601",
            "facility_type": "Restaurant",
            "risk": "Risk 1 (High)",
            "latitude": 41.9,
            "longitude": -87.6,
            "last_visit": pd.Timestamp("2024-12-02"),
            "days_since_last_visit": 35,
            "last_result": "Pass",
            "is_reinspection_open": False,
        }
    )


def publish(connection: Connection, rows: pd.DataFrame, week: date = WEEK) -> int:
    return publish_queue(connection, rows, week, "run", content_hash(rows))


def published(connection: Connection, week: date = WEEK) -> dict[int, list[float]]:
    """Scores of every version, in the order of the ranks."""
    rows = connection.execute(
        text("SELECT version, score FROM api.inspection_queue WHERE week = :week ORDER BY version, rank"),
        {"week": week},
    )
    found: dict[int, list[float]] = {}
    for version, score in rows:
        found.setdefault(version, []).append(score)
    return found


def test_the_first_publication_is_version_one(connection: Connection) -> None:
    assert publish(connection, queue(0.5)) == 1
    assert published(connection) == {1: [0.5, 0.25]}
    row = connection.execute(text("SELECT model_id, row_count, run_id FROM api.queue_publications")).one()
    assert tuple(row) == ("model", 2, "run")


def test_the_same_content_adds_no_version(connection: Connection) -> None:
    assert [publish(connection, queue()), publish(connection, queue())] == [1, 1]
    assert published(connection) == {1: [0.5, 0.25]}


def test_other_content_adds_a_version_and_changes_none(connection: Connection) -> None:
    assert [publish(connection, queue(score)) for score in (0.5, 0.6)] == [1, 2]
    assert published(connection) == {1: [0.5, 0.25], 2: [0.6, 0.3]}


def test_content_of_an_earlier_version_is_a_new_version(connection: Connection) -> None:
    """What is in force is always the newest version, so going back has to add one."""
    assert [publish(connection, queue(score)) for score in (0.5, 0.6, 0.5)] == [1, 2, 3]


def test_every_week_counts_for_itself(connection: Connection) -> None:
    publish(connection, queue(0.5))
    assert publish(connection, queue(0.5, NEXT), NEXT) == 1
    assert published(connection, NEXT) == {1: [0.5, 0.25]}


def test_an_empty_queue_is_published_as_such(connection: Connection) -> None:
    assert publish(connection, queue(size=0)) == 1
    assert publish(connection, queue(size=0)) == 1
    row = connection.execute(text("SELECT model_id, row_count FROM api.queue_publications")).one()
    assert tuple(row) == ("", 0)


@pytest.mark.parametrize(("second", "versions"), [(0.6, [1, 2]), (0.5, [1, 1])])
def test_two_publications_at_once_wait_for_each_other(engine: Engine, second: float, versions: list[int]) -> None:
    with engine.begin() as one, ThreadPoolExecutor(1) as pool:
        first = publish(one, queue(0.5))
        other = pool.submit(_publish_alone, engine, queue(second))
        _wait_for_a_lock(engine, other)
        one.commit()
        assert [first, other.result(timeout=30)] == versions
    with engine.connect() as connection:
        assert sorted(published(connection)) == sorted(set(versions))


def _publish_alone(engine: Engine, rows: pd.DataFrame) -> int:
    with engine.begin() as connection:
        return publish(connection, rows)


def _wait_for_a_lock(engine: Engine, other: "Future[int]") -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'api.queue_publications'::regclass")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not other.done():
        with engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
    pytest.fail("the second publication did not wait for the first")
