"""Which weeks of an upstream asset a week reaches: never one that is later."""

from datetime import date, timedelta

import pytest

from food_inspections.planning.graph import EVER, Dependency

MONDAY = date(2025, 1, 6)
WEEK = timedelta(weeks=1)


@pytest.mark.parametrize(
    ("start_offset", "end_offset", "reached"),
    [
        (0, 0, (MONDAY, MONDAY)),
        (-3, 0, (MONDAY - 3 * WEEK, MONDAY)),
        (-3, -1, (MONDAY - 3 * WEEK, MONDAY - WEEK)),
        (EVER, 0, (date.min, MONDAY)),
        (EVER, -1, (date.min, MONDAY - WEEK)),
    ],
)
def test_a_week_reaches_what_its_offsets_say(start_offset: int, end_offset: int, reached: tuple[date, date]) -> None:
    assert Dependency("upstream", start_offset, end_offset).reached(MONDAY) == reached


def test_a_range_reaches_from_what_its_first_week_reaches_to_what_its_last_one_does() -> None:
    last = MONDAY + 5 * WEEK
    assert Dependency("upstream", -3, -1).reached(MONDAY, last) == (MONDAY - 3 * WEEK, last - WEEK)


def test_only_the_log_of_earlier_selections_stands_for_the_model_that_serves() -> None:
    assert Dependency("selected_model", EVER, 0).is_champion
    assert not Dependency("selected_model", 0, 0).is_champion
    assert not Dependency("predictions", EVER, 0).is_champion
