"""Which download brought each week, by day, and in which week each inspection lies.

``metadata.pulls``, ``metadata.pulled_days`` and ``metadata.pulled_inspections``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, text

from food_inspections.planning.portal_days import DayCount, DayCounts

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["historical", "consecutive"]


@dataclass(frozen=True)
class PulledWeek:
    """What one download brought of one week."""

    week: date
    kind: Kind
    portal: str
    dataset: str
    row_count: int
    newest_updated_at: str | None
    days: DayCounts = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """The same as JSON, for the record of the week."""
        return {
            "pull": self.kind,
            "portal": self.portal,
            "dataset": self.dataset,
            "newest_updated_at": self.newest_updated_at,
        }


def describe(
    frame: "pd.DataFrame", days_of_rows: "pd.Series", weeks: Sequence[date], kind: Kind, portal: str, dataset: str
) -> list[PulledWeek]:
    """Summarise a download per week.

    Args:
        frame: Rows received, with ``week`` and ``portal_updated_at``.
        days_of_rows: The day of each.
        weeks: Mondays asked for, empty ones included.
        kind: Historical or consecutive.
        portal: Base address of the portal.
        dataset: Socrata data set id.
    """
    days: dict[date, dict[date, DayCount]] = {week: {} for week in weeks}
    keyed = frame[["week"]].assign(day=days_of_rows, stamp=frame["portal_updated_at"].fillna(""))
    by_day = keyed.groupby(["week", "day"])["stamp"].agg(["size", "max"]).reset_index()
    rows = zip(by_day["week"].dt.date, by_day["day"].dt.date, by_day["size"], by_day["max"], strict=True)
    for week, day, size, newest in rows:
        days[week][day] = DayCount(int(size), newest or None)
    return [
        PulledWeek(
            week,
            kind,
            portal,
            dataset,
            row_count=sum(day.row_count for day in days[week].values()),
            newest_updated_at=max((day.newest_updated_at or "" for day in days[week].values()), default="") or None,
            days=days[week],
        )
        for week in weeks
    ]


def write(connection: Connection, run_id: str, pulled: Sequence[PulledWeek]) -> None:
    """Record a download; a retried step of the same run overwrites its own rows."""
    if not pulled:
        return
    connection.execute(
        text("DELETE FROM metadata.pulls WHERE run_id = :run_id AND week = ANY(CAST(:weeks AS date[]))"),
        {"run_id": run_id, "weeks": [week.week for week in pulled]},
    )
    connection.execute(
        text(
            """
            INSERT INTO metadata.pulls (run_id, week, kind, portal, dataset, row_count, newest_updated_at)
            VALUES (:run_id, :week, :kind, :portal, :dataset, :row_count, CAST(:newest_updated_at AS timestamptz))
            """
        ),
        [
            {
                "run_id": run_id,
                "week": week.week,
                "kind": week.kind,
                "portal": week.portal,
                "dataset": week.dataset,
                "row_count": week.row_count,
                "newest_updated_at": week.newest_updated_at,
            }
            for week in pulled
        ],
    )
    # Arrays instead of a statement per day: a historical pull has thousands of days.
    flat = [(week.week, day, counts) for week in pulled for day, counts in sorted(week.days.items())]
    connection.execute(
        text(
            """
            INSERT INTO metadata.pulled_days (run_id, week, day, row_count, newest_updated_at)
            SELECT :run_id, * FROM unnest(
                CAST(:weeks AS date[]), CAST(:days AS date[]), CAST(:counts AS bigint[]), CAST(:newest AS text[])
            )
            """
        ),
        {
            "run_id": run_id,
            "weeks": [week for week, _, _ in flat],
            "days": [day for _, day, _ in flat],
            "counts": [counts.row_count for _, _, counts in flat],
            "newest": [counts.newest_updated_at for _, _, counts in flat],
        },
    )


def stored_days(connection: Connection) -> dict[date, dict[date, DayCount]]:
    """What the portal held of each week when the week in force was pulled, whatever its checks said.

    Returns:
        By week; a week without rows is there and empty, a week never pulled is not.
    """
    rows = connection.execute(
        text(
            """
            SELECT m.week, d.day, d.row_count, d.newest_updated_at
            FROM metadata.latest_materializations AS m
            LEFT JOIN metadata.pulled_days AS d ON d.run_id = m.run_id AND d.week = m.week
            WHERE m.asset = 'raw_inspections'
            ORDER BY m.week, d.day
            """
        )
    )
    stored: dict[date, dict[date, DayCount]] = {}
    for week, day, row_count, newest in rows:
        of_week = stored.setdefault(week, {})
        if day is not None:
            of_week[day] = DayCount(int(row_count), newest)
    return stored


def portals(connection: Connection) -> list[tuple[str, str]]:
    """Portal and data set of every download so far, the newest first."""
    rows = connection.execute(
        text("SELECT portal, dataset FROM metadata.pulls GROUP BY portal, dataset ORDER BY max(requested_at) DESC")
    )
    return [(row.portal, row.dataset) for row in rows]


def weeks_before(connection: Connection, places: Mapping[str, date]) -> dict[date, list[str]]:
    """Which inspections lay in another week than now when that week was pulled last.

    Args:
        connection: Transaction to read in.
        places: The week each inspection lies in now, by its id as the portal gives it.

    Returns:
        Ids by the Monday they lay in before.
    """
    rows = connection.execute(
        text(
            """
            SELECT p.week, p.inspection_id
            FROM metadata.pulled_inspections AS p
            JOIN unnest(CAST(:ids AS text[]), CAST(:weeks AS date[])) AS now(id, week)
                ON now.id = p.inspection_id AND now.week <> p.week
            ORDER BY p.week, p.inspection_id
            """
        ),
        {"ids": list(places), "weeks": list(places.values())},
    )
    found: dict[date, list[str]] = {}
    for week, inspection_id in rows:
        found.setdefault(week, []).append(inspection_id)
    return found


def write_places(connection: Connection, ids_of_weeks: Mapping[date, Sequence[str]]) -> None:
    """Record which inspections lie in the weeks, on the transaction that writes them."""
    connection.execute(
        text("DELETE FROM metadata.pulled_inspections WHERE week = ANY(CAST(:weeks AS date[]))"),
        {"weeks": list(ids_of_weeks)},
    )
    pairs = [(inspection_id, week) for week, ids in ids_of_weeks.items() for inspection_id in ids]
    connection.execute(
        text(
            """
            INSERT INTO metadata.pulled_inspections (inspection_id, week)
            SELECT DISTINCT * FROM unnest(CAST(:ids AS text[]), CAST(:weeks AS date[]))
            """
        ),
        {"ids": [inspection_id for inspection_id, _ in pairs], "weeks": [week for _, week in pairs]},
    )
