from datetime import date

import pytest

from food_inspections.portal.sample_city.working_days import capacity_factor, day_shares, is_holiday


@pytest.mark.parametrize(
    "day",
    [
        date(2018, 1, 1),
        date(2018, 1, 15),
        date(2018, 2, 19),
        date(2018, 5, 28),
        date(2018, 7, 4),
        date(2018, 9, 3),
        date(2018, 11, 22),
        date(2018, 11, 23),
        date(2018, 12, 25),
    ],
)
def test_holidays(day: date) -> None:
    assert is_holiday(day)


@pytest.mark.parametrize("day", [date(2018, 1, 2), date(2018, 1, 22), date(2018, 5, 21), date(2018, 11, 15)])
def test_working_days(day: date) -> None:
    assert not is_holiday(day)


def test_shares_of_a_week_leave_holidays_out() -> None:
    shares = day_shares(date(2018, 11, 19))

    assert shares.sum() == pytest.approx(1)
    assert shares[3] == shares[4] == 0


def test_capacity_is_less_in_short_weeks_and_next_to_nothing_at_times() -> None:
    assert capacity_factor(date(2018, 10, 15)) == pytest.approx(1, abs=0.1)
    assert capacity_factor(date(2018, 11, 19)) == pytest.approx(0.6, abs=0.1)
    assert capacity_factor(date(2020, 4, 6)) < 0.05
    assert 0.3 < capacity_factor(date(2020, 5, 4)) < 0.5
