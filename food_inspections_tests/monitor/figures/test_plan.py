from datetime import date, timedelta
from typing import Any

import pandas as pd

from food_inspections.monitor.figures import plan
from food_inspections.monitor.figures.base import PALETTE
from food_inspections.monitor.figures.city_map import Under

MONDAY = date(2025, 1, 6)


def lines_of(inspectors: int, days: int = 5, stops: int = 3) -> pd.DataFrame:
    rows = [
        {
            "establishment_id": f"{number}-{day}-{stop}",
            "inspector_now": f"I{number:02}",
            "day": MONDAY + timedelta(days=day),
            "stop": stop,
            "arrival_minute": 500 + 60 * stop,
            "dba_name": f"Place {number}-{day}-{stop}",
            "address": "1 Main St",
            "latitude": 41.8 + 0.01 * number,
            "longitude": -87.6 - 0.01 * stop,
        }
        for number in range(inspectors)
        for day in range(days)
        for stop in range(1, stops + 1)
    ]
    return pd.DataFrame(rows)


def days_of(lines: pd.DataFrame) -> pd.DataFrame:
    days = lines[["inspector_now", "day"]].drop_duplicates().rename(columns={"inspector_now": "inspector"})
    return days.assign(start_latitude=41.88, start_longitude=-87.63)


def places_of(payload: dict[str, Any], route: int) -> list[float]:
    """Degrees east of the route's points."""
    return [round(360 * (east - 0.5), 4) for east in payload["routes"][route]["line"][::2]]


def test_a_day_goes_from_the_start_through_its_stops_and_back() -> None:
    lines = lines_of(1, days=2)
    payload = plan.routes(lines, days_of(lines), Under())
    assert len(payload["routes"]) == 2, "and nothing is drawn from one day to the next"
    assert places_of(payload, 0) == places_of(payload, 1) == [-87.63, -87.61, -87.62, -87.63, -87.63]
    assert payload["numbers"] == ["1", "2", "3"] * 2
    assert payload["facts"][0] == "1 Main St. Stop 1 of I00, Monday 09:20"
    assert len(payload["starts"]) == 1


def test_thirty_inspectors_share_the_colours_and_have_no_numbers() -> None:
    lines = lines_of(30)
    payload = plan.routes(lines, days_of(lines), Under())
    assert payload["count"] == len(lines)
    assert {route["colour"] for route in payload["routes"]} == set(range(len(PALETTE)))
    assert payload["numbers"] is None


def test_places_and_starts_without_a_position_are_left_out() -> None:
    lines = lines_of(1, days=1)
    lines.loc[1, "latitude"] = None
    payload = plan.routes(lines, days_of(lines).assign(start_latitude=None), Under())
    assert places_of(payload, 0) == [-87.61, -87.63]
    assert payload["starts"] == []
    assert plan.routes(lines.head(0), days_of(lines), Under())["count"] == 0
