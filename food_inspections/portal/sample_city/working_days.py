"""When the inspectors of the sample city work: weekdays, holidays, and weeks when hardly anybody does."""

from datetime import date, timedelta

import numpy as np

WEEKDAY_SHARES = np.array([0.18, 0.22, 0.22, 0.21, 0.17])
_FIXED_HOLIDAYS = ((1, 1), (7, 4), (11, 11), (12, 24), (12, 25), (12, 31))
_STANDSTILL = (date(2020, 3, 23), date(2020, 4, 13))
_RESTART = date(2020, 7, 6)
_SLOW_UNTIL = date(2021, 3, 1)


def is_holiday(day: date) -> bool:
    """Whether the city's offices are closed on this weekday."""
    if (day.month, day.day) in _FIXED_HOLIDAYS:
        return True
    week_of_month = (day.day - 1) // 7 + 1
    is_last_monday = day.weekday() == 0 and (day + timedelta(days=7)).month != day.month
    return (
        (day.weekday() == 0 and (day.month, week_of_month) in ((1, 3), (2, 3), (9, 1)))
        or (day.month == 5 and is_last_monday)
        or (day.month == 11 and day.weekday() == 3 and week_of_month == 4)
        or (day.month == 11 and day.weekday() == 4 and day.day in range(23, 30))
    )


def day_shares(monday: date) -> np.ndarray:
    """How the visits of a week fall on Monday to Friday; adds up to 1, or to 0 in a week without working days."""
    shares = WEEKDAY_SHARES * [not is_holiday(monday + timedelta(days=day)) for day in range(5)]
    return np.asarray(shares / shares.sum() if shares.sum() else shares)


def capacity_factor(monday: date) -> float:
    """Visits of this week, as a share of an ordinary week's."""
    working = sum(not is_holiday(monday + timedelta(days=day)) for day in range(5)) / 5
    # Every third year hardly anybody works in the shortest weeks.
    if _STANDSTILL[0] <= monday <= _STANDSTILL[1] or (working <= 0.6 and monday.year % 3 == 1):
        return 0.03
    slow = 0.4 if _STANDSTILL[1] < monday < _RESTART else 0.8 if _RESTART <= monday < _SLOW_UNTIL else 1.0
    return float(working * slow * (1 + 0.08 * np.sin(2 * np.pi * monday.toordinal() / 1500)))
