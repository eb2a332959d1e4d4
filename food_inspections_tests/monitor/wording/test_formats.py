from datetime import UTC, date, datetime

import pytest

from food_inspections.monitor.wording import formats


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.whole(12345), "12,345"),
        (formats.whole(float("nan")), formats.MISSING),
        (formats.decimal(0.6784), "0.678"),
        (formats.decimal(-0.5, 1), "\u22120.5"),
        (formats.decimal(None), formats.MISSING),
        (formats.percent(0.4251), "43%"),
        (formats.percent(0.4251, 1), "42.5%"),
        (formats.signed(2.44), "+2.4"),
        (formats.signed(-2.44), "\u22122.4"),
        (formats.count(1, "check"), "1 check"),
        (formats.count(1200, "check"), "1,200 checks"),
        (formats.count(2, "entry", "entries"), "2 entries"),
        (formats.words("days_since_last_visit"), "Days since last visit"),
        (formats.recipe("knn"), "K nearest neighbours"),
        (formats.recipe("some_other"), "Some other"),
        (formats.ago(0), "today"),
        (formats.ago(1), "yesterday"),
        (formats.ago(12), "12 days ago"),
        (formats.ago(70), "10 weeks ago"),
        (formats.ago(800), "2 years ago"),
        (formats.ago(-1), "in the future"),
    ],
)
def test_numbers_and_names(written: str, expected: str) -> None:
    assert written == expected


def test_a_day_does_not_break_across_lines() -> None:
    assert formats.day(date(2025, 1, 6)) == "6\u00a0Jan\u00a02025"
    assert formats.day(None) == formats.MISSING


@pytest.mark.parametrize(
    ("monday", "expected"),
    [
        (date(2025, 1, 6), "6\u201312 Jan 2025"),
        (date(2025, 1, 27), "27 Jan \u2013 2 Feb 2025"),
        (date(2024, 12, 30), "30 Dec 2024 \u2013 5 Jan 2025"),
        (None, formats.MISSING),
    ],
)
def test_a_week_names_its_first_and_last_day(monday: date | None, expected: str) -> None:
    assert formats.week(monday).replace("\u00a0", " ") == expected


def test_a_moment_names_its_zone() -> None:
    assert formats.moment(datetime(2025, 1, 6, 14, 5, tzinfo=UTC)).replace("\u00a0", " ") == "6 Jan 2025, 14:05 UTC"
