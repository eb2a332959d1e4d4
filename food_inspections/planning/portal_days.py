"""What the portal holds against what was pulled, by day: which weeks have to be pulled again."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from food_inspections.domain.weeks import WEEK, monday_of

if TYPE_CHECKING:
    import pandas as pd

MERGED_GAP_WEEKS = 4
"""Changed weeks this close are pulled in one run: what lies between comes out the same and launches nothing."""


@dataclass(frozen=True)
class DayCount:
    """What the portal holds of one day: how many rows, and the newest ``:updated_at`` among them."""

    row_count: int
    newest_updated_at: str | None


DayCounts = Mapping[date, DayCount]
"""By day of the visits; days without rows are left out."""

ByWeek = Mapping[date, DayCounts]


@dataclass(frozen=True)
class Changes:
    """Weeks whose days differ from what was pulled.

    Attributes:
        gained: Weeks where some day has as many rows as before, or more.
        lost: Weeks where days have only fewer rows.
    """

    gained: tuple[date, ...]
    lost: tuple[date, ...]

    @property
    def first_to_pull(self) -> tuple[date, ...]:
        """The weeks to pull now.

        An inspection whose date was corrected is missing in one week and new in another; the pull
        of the latter rewrites the former in the same commit. So weeks that only lost rows wait:
        mostly nothing is left to do for them then.
        """
        return self.gained or self.lost


def days_by_week(frame: "pd.DataFrame") -> dict[date, dict[date, DayCount]]:
    """The portal's answer by week.

    Args:
        frame: As :meth:`PortalClient.days` gives it.
    """
    weeks: dict[date, dict[date, DayCount]] = {}
    rows = zip(frame["inspection_date"].dt.date, frame["row_count"], frame["newest_updated_at"], strict=True)
    for day, row_count, newest in rows:
        known = newest if isinstance(newest, str) else None
        weeks.setdefault(monday_of(day), {})[day] = DayCount(int(row_count), known)
    return weeks


def find_changes(portal: ByWeek, stored: ByWeek, weeks: Iterable[date]) -> Changes:
    """Compare weeks that were pulled before.

    Args:
        portal: What the portal holds.
        stored: What it held when each week was pulled.
        weeks: Mondays to compare; those never pulled are left out.
    """
    gained: list[date] = []
    lost: list[date] = []
    for week in sorted(set(weeks) & set(stored)):
        now, before = portal.get(week, {}), stored[week]
        if now == before:
            continue
        days = [day for day in now if now[day] != before.get(day)]
        grew = any(now[day].row_count >= before.get(day, DayCount(0, None)).row_count for day in days)
        (gained if grew else lost).append(week)
    return Changes(tuple(gained), tuple(lost))


def ranges(
    weeks: Iterable[date], gap_weeks: int = MERGED_GAP_WEEKS, longest: int | None = None
) -> list[tuple[date, date]]:
    """First and last week of each group of weeks that are close to each other.

    Args:
        weeks: Mondays.
        gap_weeks: How far apart two weeks of a group may be.
        longest: Weeks in a group at most.
    """
    groups: list[tuple[date, date]] = []
    for week in sorted(weeks):
        first, last = groups[-1] if groups else (date.min, date.min)
        if week - last <= gap_weeks * WEEK and (longest is None or week - first < longest * WEEK):
            groups[-1] = (first, week)
        else:
            groups.append((week, week))
    return groups


def digest(portal: ByWeek, first: date = date.min, last: date = date.max) -> str:
    """Tells one state of the portal from another, for the weeks between two Mondays."""
    text = ";".join(
        f"{day}:{count.row_count}:{count.newest_updated_at}"
        for week in sorted(portal)
        if first <= week <= last
        for day, count in sorted(portal[week].items())
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]
