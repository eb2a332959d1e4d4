from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain import weeks

CHICAGO = weeks.Calendar(date(2010, 1, 4), ZoneInfo("America/Chicago"))


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2025, 1, 6), date(2025, 1, 6)),
        (date(2025, 1, 12), date(2025, 1, 6)),
        (date(2025, 1, 1), date(2024, 12, 30)),
        (datetime(2025, 1, 8, 23, 59, tzinfo=UTC), date(2025, 1, 6)),
    ],
)
def test_monday_of_a_day(day, monday):
    found = weeks.monday_of(day)

    assert found == monday
    assert type(found) is date


def test_monday_of_a_column_keeps_missing_days_missing():
    days = pd.Series(pd.to_datetime(["2025-01-12 13:00", None, "2024-12-30 00:00"]))

    found = weeks.monday_of(days)

    assert found.tolist()[0] == pd.Timestamp("2025-01-06")
    assert pd.isna(found[1])
    assert found[2] == pd.Timestamp("2024-12-30")


def test_missing_days_are_no_matter_what_lay_in_memory_before():
    days = pd.Series(pd.to_datetime(["2025-01-12", None] * 1000))
    for _ in range(20):
        left_behind = [np.full(2000, 1e300) for _ in range(50)]
        del left_behind

        assert weeks.monday_of(days).isna().sum() == 1000


def test_a_day_begins_at_the_citys_midnight():
    tokyo = weeks.Calendar(date(2010, 1, 4), ZoneInfo("Asia/Tokyo"))
    assert CHICAGO.today(datetime(2025, 1, 6, 3, tzinfo=UTC)) == date(2025, 1, 5)
    assert tokyo.today(datetime(2025, 1, 5, 20, tzinfo=UTC)) == date(2025, 1, 6)


def test_a_week_ends_at_the_midnight_after_its_sunday():
    assert CHICAGO.end_of(date(2025, 1, 6)) == datetime(2025, 1, 13, 6, tzinfo=UTC)
    assert CHICAGO.at(date(2025, 7, 7), 12) == datetime(2025, 7, 7, 17, tzinfo=UTC)


def test_week_under_way_is_not_complete():
    assert not weeks.is_complete(date(2025, 1, 6), date(2025, 1, 12))
    assert weeks.is_complete(date(2025, 1, 6), date(2025, 1, 13))


def test_a_range_of_weeks_has_both_ends():
    first, second = date(2025, 1, 6), date(2025, 1, 13)
    assert weeks.week_range(first, second) == [first, second]
    assert weeks.week_range(first, first) == [first]
    assert weeks.week_range(second, first) == []


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("2025-01-06", None),
        ("2025-03-10", None),
        ("2025-01-07", "2025-01-07 is no Monday: its week is 2025-01-06."),
        ("2009-12-28", "Week 2009-12-28: the first week is 2010-01-04 (FOOD_INSPECTIONS_FIRST_WEEK names another)."),
        ("2025-03-17", "Week 2025-03-17 is too far ahead: the last one with a queue is 2025-03-10."),
        ("20250106", "'20250106' is no day: a week is named by its Monday, such as 2025-03-03."),
        ("2025-1-6", "'2025-1-6' is no week: write it as 2025-01-06."),
        ("yesterday", "'yesterday' is no day: a week is named by its Monday, such as 2025-03-03."),
    ],
)
def test_why_a_text_names_no_week(key, reason):
    assert CHICAGO.why_no_week(key, date(2025, 3, 5)) == reason
