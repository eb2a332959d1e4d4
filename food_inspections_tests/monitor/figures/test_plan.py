from datetime import date, timedelta

import pandas as pd

from food_inspections.monitor.figures import plan
from food_inspections.monitor.figures.base import PALETTE
from food_inspections_tests.monitor.figures.checking import check

MONDAY = date(2025, 1, 6)


def lines_of(inspectors: int, days: int = 5, stops: int = 3) -> pd.DataFrame:
    rows = [
        {
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


def test_a_day_goes_from_the_start_through_its_stops_and_back() -> None:
    lines = lines_of(1, days=2)
    figure = plan.routes(lines, days_of(lines))
    check(figure)
    route, start = figure["data"]
    assert route["y"] == [41.88, 41.8, 41.8, 41.8, 41.88, None] * 2, "and nothing is drawn from one day to the next"
    assert route["text"] == ["", "1", "2", "3", "", ""] * 2
    assert route["customdata"][1].startswith("1. Place 0-0-1<br>1 Main St<br>I00, Monday")
    assert (start["x"], start["y"]) == ([-87.63], [41.88])


def test_thirty_inspectors_are_no_more_traces_than_colours() -> None:
    lines = lines_of(30)
    figure = plan.routes(lines, days_of(lines))
    assert len(figure["data"]) == len(PALETTE) + 1
    shown = [said for trace in figure["data"][:-1] for said in trace["customdata"] if said]
    assert len(shown) == len(lines)


def test_places_and_starts_without_a_position_are_left_out() -> None:
    lines = lines_of(1, days=1)
    lines.loc[1, "latitude"] = None
    figure = plan.routes(lines, days_of(lines).assign(start_latitude=None))
    assert figure["data"][0]["y"] == [41.8, 41.8, None]
    check(plan.routes(lines.head(0), days_of(lines)))
