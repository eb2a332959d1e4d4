"""The state of accepted weeks; which those are, ``metadata.accepted_weeks`` says."""

from datetime import date

from sqlalchemy import Connection

from food_inspections.api.http.caching import Version
from food_inspections.api.queries.prepared import Prepared

_STATE = """
    SELECT week, content_hash, sequence, coalesce(decided_at, created_at) AS accepted_at
    FROM metadata.accepted_weeks
    WHERE asset = :asset
"""
_NEWEST = Prepared(f"{_STATE} ORDER BY week DESC LIMIT 1")
_ONE_WEEK = Prepared(f"{_STATE} AND week = :week")


def find_accepted(connection: Connection, asset: str, week: date | None) -> Version | None:
    """The state of an accepted week.

    Args:
        connection: To read on.
        asset: Asset that wrote the week.
        week: A Monday; ``None`` for the newest accepted week.

    Returns:
        ``None`` where there is no such week; else a version whose facts hold ``week``.
    """
    row = (_NEWEST if week is None else _ONE_WEEK).row(connection, {"asset": asset, "week": week})
    if row is None:
        return None
    token = f"{asset}/{row.week}/{row.sequence}/{row.content_hash}"
    return Version(token, row.accepted_at, facts={"week": row.week})
