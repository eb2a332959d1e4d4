"""The program's calendar: weeks from Monday to Sunday in the city's time zone.

One definition for every asset, table and model. A week is named by its Monday.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, overload
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pandas as pd

WEEK = timedelta(days=7)


@overload
def monday_of(days: date) -> date: ...
@overload
def monday_of(days: "pd.Series") -> "pd.Series": ...
def monday_of(days: "date | pd.Series") -> "date | pd.Series":
    """The Monday of the week each day lies in.

    Args:
        days: One day, or a datetime column; missing days stay missing.

    Returns:
        A plain ``date`` for a day, a normalised datetime column for a column.
    """
    if isinstance(days, date):
        return date(days.year, days.month, days.day) - timedelta(days=days.weekday())
    # Asking what is out of date needs the calendar but no frames, and is to be answered in a moment.
    import pandas as pd  # noqa: PLC0415

    # Not by the weekday as a timedelta: for missing days that is a float, and pandas rounds memory it never wrote.
    mondays: pd.Series = days.dt.to_period("W-SUN").dt.start_time
    return mondays


def week_range(first: date, last: date) -> list[date]:
    """Every Monday from the first to the last, both included; none where the last lies before the first."""
    return [first + WEEK * place for place in range((last - first) // WEEK + 1)]


@dataclass(frozen=True)
class Calendar:
    """The weeks of one city.

    Attributes:
        first_week: Monday of the first week that exists.
        time_zone: Where the inspectors are: at midnight there a week begins.
    """

    first_week: date
    time_zone: ZoneInfo

    def today(self, now: datetime | None = None) -> date:
        """Today's date where the inspectors are.

        Args:
            now: An aware moment; the present by default.
        """
        return self.local(now or datetime.now(UTC)).date()

    def local(self, moment: datetime) -> datetime:
        """An aware moment as the city's clocks show it."""
        return moment.astimezone(self.time_zone)

    def at(self, day: date, hour: int = 0) -> datetime:
        """The moment at which the city's clocks show this day and hour."""
        return datetime.combine(day, time(hour), self.time_zone)

    def end_of(self, week: date) -> datetime:
        """The midnight after the week's Sunday."""
        return self.at(week + WEEK)

    def why_no_week(self, key: str, today: date) -> str | None:
        """Why a text names no week of the program, in a sentence; ``None`` where it does.

        Args:
            key: A Monday as ``YYYY-MM-DD``.
            today: The day to judge from; weeks end with the coming one, for which a queue is made.
        """
        try:
            day = datetime.strptime(key, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, of no time zone
        except ValueError:
            return f"{key!r} is no day: a week is named by its Monday, such as {monday_of(today)}."
        if key != str(day):
            return f"{key!r} is no week: write it as {day}."
        if day != monday_of(day):
            return f"{day} is no Monday: its week is {monday_of(day)}."
        if day < self.first_week:
            return f"Week {day}: the first week is {self.first_week} (FOOD_INSPECTIONS_FIRST_WEEK names another)."
        coming = monday_of(today) + WEEK
        return f"Week {day} is too far ahead: the last one with a queue is {coming}." if day > coming else None


def is_complete(week: date, today: date) -> bool:
    """Whether the week is over: its Sunday lies before ``today``."""
    return week + WEEK <= today
