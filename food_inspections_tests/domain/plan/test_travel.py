"""How long and how far the ways between points are."""

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.plan.travel import Points, TravelRules, travel_between
from food_inspections.errors import DataError


def points(*known: tuple[str, float, float, str]) -> Points:
    names, latitudes, longitudes, near = zip(*known, strict=True)
    return Points(names, np.array(latitudes), np.array(longitudes), near)


# A degree of latitude is 111.195 km.
HERE = ("here", 41.0, -87.0, "60601")
THERE = ("there", 42.0, -87.0, "60602")
NOWHERE = ("nowhere", np.nan, np.nan, "60602")


def test_ways_are_the_great_circle_by_the_street_factor_in_whole_minutes_rounded_up() -> None:
    travel = travel_between(points(HERE), points(THERE), TravelRules(kilometres_per_hour=60, street_factor=1.5))

    assert travel.metres[0, 0] == pytest.approx(1.5 * 111_195, abs=2)
    assert travel.minutes[0, 0] == 167
    assert travel.is_known[0, 0]


def test_a_way_without_coordinates_takes_twenty_minutes_and_ten_within_what_is_near() -> None:
    rules = TravelRules(kilometres_per_hour=30)

    travel = travel_between(points(HERE, THERE), points(NOWHERE), rules)

    assert travel.minutes.tolist() == [[20], [10]]
    assert travel.metres.tolist() == [[10_000], [5_000]], "at the usual speed"
    assert not travel.is_known.any()


def test_a_given_table_stands_in_place_of_what_is_reckoned_in_the_direction_it_names() -> None:
    table = pd.DataFrame(
        {"from": ["here", "elsewhere"], "to": ["nowhere", "here"], "minutes": [7.2, 1.0], "kilometres": [3.2, 1.0]}
    )

    travel = travel_between(points(HERE, NOWHERE), points(HERE, NOWHERE), TravelRules(table=table))

    assert travel.minutes.tolist() == [[0, 8], [20, 0]]
    assert travel.metres[0, 1] == 3_200
    assert travel.is_known.tolist() == [[True, True], [False, True]]


def test_from_a_place_to_itself_it_is_no_way_at_all_wherever_it_is() -> None:
    travel = travel_between(points(HERE, NOWHERE), points(HERE, NOWHERE), TravelRules())

    assert np.diag(travel.metres).tolist() == np.diag(travel.minutes).tolist() == [0, 0]


@pytest.mark.parametrize("minutes", [-1, "soon", np.inf])
def test_a_table_with_what_is_no_time_is_refused_with_its_line(minutes: object) -> None:
    table = pd.DataFrame({"from": ["a"], "to": ["b"], "minutes": [minutes], "kilometres": [1]}, dtype="object")

    with pytest.raises(DataError, match="kilometres from a to b: give numbers from 0 on"):
        TravelRules(table=table)


def test_no_time_at_all_is_a_time() -> None:
    table = pd.DataFrame({"from": ["a"], "to": ["b"], "minutes": [0], "kilometres": [0]})

    assert TravelRules(table=table).table is table
