from datetime import date, timedelta

import pandas as pd

from food_inspections.planning.portal_days import DayCount, days_by_week, digest, find_changes, ranges

WEEK = timedelta(weeks=1)
FIRST = date(2025, 1, 6)
SECOND = FIRST + WEEK


def days(week: date, *counts: int, newest: str = "2025-02-01T00:00:00.000Z") -> dict[date, DayCount]:
    return {week + timedelta(days=place): DayCount(count, newest) for place, count in enumerate(counts) if count}


def test_equal_days_are_no_change() -> None:
    held = {FIRST: days(FIRST, 3, 4), SECOND: {}}
    assert find_changes(held, held, [FIRST, SECOND]).first_to_pull == ()


def test_more_rows_other_stamps_and_new_days_are_changes() -> None:
    stored = {FIRST: days(FIRST, 3, 4)}
    for held in (days(FIRST, 4, 4), days(FIRST, 3, 4, newest="2025-02-02"), days(FIRST, 3, 4, 1)):
        assert find_changes({FIRST: held}, stored, [FIRST]).gained == (FIRST,)


def test_a_week_that_only_lost_rows_waits_for_the_one_that_gained() -> None:
    stored = {FIRST: days(FIRST, 3, 4), SECOND: days(SECOND, 2)}
    held = {FIRST: days(FIRST, 3, 3), SECOND: days(SECOND, 3)}
    changes = find_changes(held, stored, [FIRST, SECOND])
    assert (changes.gained, changes.lost, changes.first_to_pull) == ((SECOND,), (FIRST,), (SECOND,))
    assert find_changes({SECOND: stored[SECOND]}, stored, [FIRST, SECOND]).first_to_pull == (FIRST,)


def test_weeks_never_pulled_are_not_compared() -> None:
    assert find_changes({FIRST: days(FIRST, 1)}, {}, [FIRST]).first_to_pull == ()


def test_close_weeks_are_one_range() -> None:
    weeks = [FIRST, FIRST + WEEK * 2, FIRST + WEEK * 20, FIRST + WEEK * 24]
    assert ranges(weeks) == [(FIRST, FIRST + WEEK * 2), (FIRST + WEEK * 20, FIRST + WEEK * 24)]


def test_the_portals_answer_is_read_by_week() -> None:
    frame = pd.DataFrame(
        {
            "inspection_date": pd.to_datetime(["2025-01-06", "2025-01-12", "2025-01-13"]),
            "row_count": [2, 1, 5],
            "newest_updated_at": ["a", None, "c"],
        }
    )
    assert days_by_week(frame) == {
        FIRST: {date(2025, 1, 6): DayCount(2, "a"), date(2025, 1, 12): DayCount(1, None)},
        SECOND: {date(2025, 1, 13): DayCount(5, "c")},
    }


def test_a_digest_tells_states_apart_within_its_weeks() -> None:
    held = {FIRST: days(FIRST, 3), SECOND: days(SECOND, 4)}
    other = {FIRST: days(FIRST, 3), SECOND: days(SECOND, 5)}
    assert digest(held) != digest(other)
    assert digest(held, FIRST, FIRST) == digest(other, FIRST, FIRST)
