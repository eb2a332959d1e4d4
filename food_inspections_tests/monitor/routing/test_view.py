from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from food_inspections.monitor.routing.view import View

WEEKS = [date(2025, 1, 13), date(2025, 1, 6)]


def test_a_query_string_is_read_with_and_without_question_mark() -> None:
    assert View.of("?week=2025-01-06&type=Bakery").values == {"week": "2025-01-06", "type": "Bakery"}
    assert View.of("type=Grocery+Store").text("type") == "Grocery Store"
    assert View.of(None).values == {}


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read_without_error(text: str) -> None:
    view = View.of("?" + text)
    assert view.week("week", WEEKS, WEEKS[0]) in WEEKS
    assert 1 <= view.number("page", 1, maximum=9) <= 9
    assert view.choice("show", {"list", "all"}, "list") in {"list", "all"}
    assert "\x00" not in view.text("search")


@pytest.mark.parametrize(
    ("value", "expected"), [("3", 3), ("0", 1), ("-4", 1), ("99999999", 50), ("two", 1), ("\u0663", 1), ("", 1)]
)
def test_a_number_is_held_within_its_bounds(value: str, expected: int) -> None:
    assert View({"page": value}).number("page", 1, maximum=50) == expected


def test_only_known_weeks_are_shown_and_others_are_told() -> None:
    view = View.of("?week=2024-05-06")
    assert view.week("week", WEEKS, WEEKS[0]) == WEEKS[0]
    assert view.missing_week("week", WEEKS) == "2024-05-06"
    assert View.of("?week=2025-01-06").missing_week("week", WEEKS) is None


def test_a_search_changes_what_it_is_told_and_keeps_the_rest() -> None:
    view = View.of("?type=Bakery&page=3")
    assert view.search(page=None, sort="-score") == "?sort=-score&type=Bakery"
    assert view.search(page=4) == "?page=4&type=Bakery"
    assert View.of("").search() == "?"


def test_a_very_long_query_string_is_no_selection() -> None:
    assert View.of("?type=" + "x" * 5000).values == {}
    assert len(View.of("?type=" + "x" * 500).text("type")) == 200
