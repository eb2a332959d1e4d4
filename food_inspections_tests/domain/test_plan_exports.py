import json
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd

from food_inspections.domain.plan_exports import COLUMNS, as_geojson, as_gpx, as_ics, as_rows, clock, to_visit
from food_inspections_tests.chicago import CALENDAR

PLANNED_AT = datetime(2024, 5, 31, 20, tzinfo=UTC)


def line(place: str, **changes: object) -> dict[str, object]:
    return {
        "week": date(2024, 6, 3),
        "inspector_now": "ann",
        "day": date(2024, 6, 3),
        "stop": 1,
        "arrival_minute": 495,
        "visit_minutes": 60,
        "establishment_id": place,
        "dba_name": f"PLACE {place}",
        "address": "1 W MAIN ST",
        "zip": "60614",
        "why": "score",
        "reason": "Failed before",
        "decision": None,
        "latitude": 41.9,
        "longitude": -87.6,
    } | changes


def lines(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_the_table_has_every_line_with_its_time_of_day_and_nothing_where_nothing_is_known() -> None:
    rows = as_rows(lines(line("1"), line("2", decision="done", latitude=np.nan)).reindex(columns=[*COLUMNS]))

    assert list(rows.columns) == list(COLUMNS)
    assert list(rows["time"]) == ["08:15", "08:15"]
    assert rows["latitude"].tolist() == [41.9, None]


def test_what_is_decided_is_no_longer_to_be_visited_and_what_is_swapped_is() -> None:
    rows = lines(line("1"), line("2", decision="done"), line("3", decision="swapped"), line("4", decision="skipped"))
    assert list(to_visit(rows)["establishment_id"]) == ["1", "3"]


def test_visits_come_in_the_order_of_the_day() -> None:
    rows = lines(
        line("late", arrival_minute=700, stop=2), line("early"), line("next", day=date(2024, 6, 4), arrival_minute=480)
    )
    assert list(to_visit(rows)["establishment_id"]) == ["early", "late", "next"]


def test_a_calendar_has_the_citys_time_in_utc_and_no_broken_text() -> None:
    name = "CAFÉ; COMMA, BACK\\SLASH " + "LONG " * 30
    text = as_ics(lines(line("1", dba_name=name)), CALENDAR.time_zone, PLANNED_AT)
    assert all(len(part.encode()) <= 75 for part in text.split("\r\n"))
    found = unfolded(text)
    assert "DTSTART:20240603T131500Z" in found
    assert "DTEND:20240603T141500Z" in found
    assert "UID:2024-06-03-1@food-inspections" in found
    (summary,) = (part for part in found if part.startswith("SUMMARY:"))
    assert summary.startswith("SUMMARY:CAFÉ\\; COMMA\\, BACK\\\\SLASH LONG")
    assert text == as_ics(lines(line("1", dba_name=name)), CALENDAR.time_zone, PLANNED_AT), (
        "the same plan, the same file"
    )


def test_a_place_without_a_position_is_in_the_calendar_and_not_on_the_map() -> None:
    rows = lines(line("1"), line("2", latitude=np.nan, longitude=np.nan, stop=2, arrival_minute=600))
    text = as_ics(rows, CALENDAR.time_zone, PLANNED_AT)
    assert text.count("BEGIN:VEVENT") == 2
    assert text.count("GEO:") == 1
    assert len(ET.fromstring(as_gpx(rows)).findall(".//{*}rtept")) == 1  # noqa: S314 - our own
    assert [feature["geometry"]["type"] for feature in json.loads(as_geojson(rows))["features"]] == ["Point"]


def test_one_route_for_each_inspector_and_day_with_its_stops_in_order() -> None:
    rows = lines(
        line("2", stop=2, arrival_minute=600, latitude=41.95),
        line("1"),
        line("3", inspector_now="b & c <x>"),
    )
    routes = ET.fromstring(as_gpx(rows)).findall("{*}rte")  # noqa: S314 - our own
    assert [route.findtext("{*}name") for route in routes] == ["ann, 2024-06-03", "b & c <x>, 2024-06-03"]
    assert [point.findtext("{*}name") for point in routes[0].findall("{*}rtept")] == ["1. PLACE 1", "2. PLACE 2"]
    features = json.loads(as_geojson(rows))["features"]
    assert features[0]["geometry"] == {"type": "LineString", "coordinates": [[-87.6, 41.9], [-87.6, 41.95]]}
    assert features[1]["properties"]["time"] == "08:15"


def test_a_time_of_day_from_minutes() -> None:
    assert [clock(0), clock(495), clock(1439)] == ["00:00", "08:15", "23:59"]
