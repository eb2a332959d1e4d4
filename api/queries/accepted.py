"""The state of accepted weeks; which those are, ``metadata.accepted_weeks`` says."""

from datetime import date

from sqlalchemy import Connection, text

from food_inspections.api.http.caching import Version
from food_inspections.api.queries.prepared import Prepared

_STATE = """
    SELECT week, content_hash, sequence, coalesce(decided_at, created_at) AS accepted_at
    FROM metadata.accepted_weeks
    WHERE asset = :asset
"""
_NEWEST = Prepared(f"{_STATE} ORDER BY week DESC LIMIT 1")
_ONE_WEEK = Prepared(f"{_STATE} AND week = :week")
_HISTORY = text(
    f"""
    SELECT found.week, found.content_hash, found.sequence, past.weeks, past.newest, past.accepted_at
    FROM ({_STATE} AND (CAST(:week AS date) IS NULL OR week = :week) ORDER BY week DESC LIMIT 1) AS found
    CROSS JOIN LATERAL (
        SELECT count(*) AS weeks, max(a.sequence) AS newest, max(coalesce(a.decided_at, a.created_at)) AS accepted_at
        FROM metadata.accepted_weeks AS a
        WHERE a.asset = :asset AND a.week <= found.week
    ) AS past
    """  # noqa: S608 - a constant
)


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


def find_history(connection: Connection, asset: str, week: date | None) -> Version | None:
    """The state of an accepted week together with all weeks before it, for what looks back.

    Args:
        connection: To read on.
        asset: Asset that wrote the weeks.
        week: A Monday; ``None`` for the newest accepted week.
    """
    row = connection.execute(_HISTORY, {"asset": asset, "week": week}).one_or_none()
    if row is None:
        return None
    token = f"{asset}/{row.week}/{row.sequence}/{row.content_hash}/{row.weeks}/{row.newest}"
    return Version(token, row.accepted_at, facts={"week": row.week})
