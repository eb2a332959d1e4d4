"""Places that inspectors found closed, or not at their address, leave the next queue; its Monday comes too late."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import text

from food_inspections.domain.decisions import Asked
from food_inspections.orchestration.assets.inspection_queue import inspection_queue
from food_inspections.orchestration.graph import node_of
from food_inspections.storage.records import lineage, plan_decisions
from food_inspections.storage.records import materializations as records
from food_inspections_tests.chicago import CALENDAR
from food_inspections_tests.orchestration.city import NEWEST
from food_inspections_tests.orchestration.shared_city import WEEK, SharedCity
from food_inspections_tests.plan_rows import insert_plan

MONDAY = NEWEST
PLAN_WEEK = NEWEST - WEEK


def queue_of(city: SharedCity) -> pd.DataFrame:
    rows = city.warehouse.read_table("inspection_queue", "data.inspection_queue", [MONDAY], [MONDAY]).frame
    return rows.sort_values("rank").reset_index(drop=True)


def hash_of_queue(city: SharedCity) -> str:
    (spec,) = inspection_queue.specs
    with city.warehouse.snapshot() as connection:
        return lineage.upstream_hashes(connection, node_of(spec), [MONDAY], city.warehouse.settings)[MONDAY]


def decide_in_the_past(city: SharedCity, place: str, word: str, when: datetime) -> None:
    """A decision of another time than now, and one of today on another line, which brings the record."""
    with city.warehouse.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO api.plan_decisions (week, establishment_id, planned_day, inspector, decision, "
                "is_override, decided_at, decided_by, idempotency_key) "
                "VALUES (:week, :place, :day, 'ann', :word, false, :when, 'office', :key)"
            ),
            {
                "week": PLAN_WEEK,
                "place": place,
                "day": when.date(),
                "word": word,
                "when": when,
                "key": f"{word}-of-{place}",
            },
        )


@pytest.fixture(scope="module")
def decided(shared_city: SharedCity) -> Iterator[tuple[SharedCity, list[str]]]:
    """A copy whose first three places were found closed: before the Monday, before it and then open, and after it."""
    before = queue_of(shared_city)
    quiet = before[before["last_visit"] < pd.Timestamp(PLAN_WEEK)]
    places = quiet["establishment_id"].head(4).tolist()
    with shared_city.copy({}) as city:
        with city.warehouse.transaction() as connection:
            insert_plan(connection, PLAN_WEEK, {"ann": places}, version=9)
        wednesday = datetime.combine(PLAN_WEEK + timedelta(2), time(15), UTC)
        decide_in_the_past(city, places[0], "closed", wednesday)
        decide_in_the_past(city, places[1], "wrong_address", wednesday)
        decide_in_the_past(city, places[1], "done", wednesday + timedelta(1))
        decide_in_the_past(city, places[2], "closed", datetime.combine(MONDAY, time(15), UTC))
        hash_before = hash_of_queue(city)
        with city.warehouse.transaction() as connection:
            plan_decisions.decide(
                connection, PLAN_WEEK, [Asked(places[3], "done", "key-of-today")], "office", CALENDAR.today()
            )
        assert hash_of_queue(city) != hash_before, "a queue made before the decisions is out of date"
        city.make("inspection_queue", first=MONDAY)
        yield city, places


def test_a_place_found_closed_is_left_out_and_all_others_stay(
    decided: tuple[SharedCity, list[str]], shared_city: SharedCity
) -> None:
    city, places = decided
    before, after = queue_of(shared_city), queue_of(city)
    assert set(before["establishment_id"]) - set(after["establishment_id"]) == {places[0]}
    assert list(after["rank"]) == list(range(1, len(after) + 1))
    with city.warehouse.snapshot() as connection:
        (record,) = records.latest(connection, "inspection_queue", [MONDAY])
    assert (record.status, record.parameters["found_gone"]) == ("accepted", [places[0]])


def test_the_check_tells_a_place_left_out_on_purpose_from_one_that_is_lost(
    decided: tuple[SharedCity, list[str]],
) -> None:
    city, _ = decided
    rows = city.frame(
        "SELECT expected, seen FROM test.check_results WHERE asset = 'inspection_queue' AND check_name = 'complete' "
        "AND week = :week ORDER BY created_at DESC LIMIT 1",
        week=MONDAY,
    )
    assert rows["expected"].item().endswith("but for 1 found gone")
    assert "0 missing, 0 too many" in rows["seen"].item()
