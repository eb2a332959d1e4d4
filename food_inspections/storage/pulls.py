"""Which download brought each week: ``metadata.pulls``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection, text

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

    @property
    def facts(self) -> dict[str, Any]:
        """The same as JSON, for the record of the week."""
        return {
            "pull": self.kind,
            "portal": self.portal,
            "dataset": self.dataset,
            "newest_updated_at": self.newest_updated_at,
        }


def describe(frame: pd.DataFrame, weeks: Sequence[date], kind: Kind, portal: str, dataset: str) -> list[PulledWeek]:
    """Summarise a download per week.

    Args:
        frame: Rows received, with ``week`` and ``portal_updated_at``.
        weeks: Mondays asked for, empty ones included.
        kind: Historical or consecutive.
        portal: Base address of the portal.
        dataset: Socrata data set id.
    """
    summary = frame.groupby("week")["portal_updated_at"].agg(["size", "max"])
    pulled = []
    for week in weeks:
        stamp = pd.Timestamp(week)
        size, newest = (summary.loc[stamp, "size"], summary.loc[stamp, "max"]) if stamp in summary.index else (0, None)
        pulled.append(PulledWeek(week, kind, portal, dataset, int(size), newest if isinstance(newest, str) else None))
    return pulled


def write(connection: Connection, run_id: str, pulled: Sequence[PulledWeek]) -> None:
    """Record a download; a retried step of the same run overwrites its own rows."""
    connection.execute(
        text(
            "INSERT INTO metadata.pulls (run_id, week, kind, portal, dataset, row_count, newest_updated_at) "
            "VALUES (:run_id, :week, :kind, :portal, :dataset, :row_count, CAST(:newest_updated_at AS timestamptz)) "
            "ON CONFLICT (run_id, week) DO UPDATE SET row_count = excluded.row_count, "
            "newest_updated_at = excluded.newest_updated_at, requested_at = clock_timestamp()"
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
