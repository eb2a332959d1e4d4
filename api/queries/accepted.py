"""Which week of an asset a reader may use, and what state it is in.

The same rule as ``metadata.accepted_weeks``: the newest record of a week counts,
whatever it says. Written out, because the index then gives the newest accepted week
without looking at the records of every week there is.
"""

from datetime import date

from sqlalchemy import Connection, text

from api.caching import Version

_NEWEST = text(
    """
    SELECT m.week, m.content_hash, m.sequence, coalesce(m.decided_at, m.created_at) AS accepted_at
    FROM metadata.materializations AS m
    WHERE m.asset = :asset AND m.status = 'accepted'
      AND NOT EXISTS (
        SELECT FROM metadata.materializations AS later
        WHERE later.asset = m.asset AND later.week = m.week AND later.sequence > m.sequence
      )
    ORDER BY m.week DESC
    LIMIT 1
    """
)
_ONE_WEEK = text(
    """
    SELECT week, content_hash, sequence, coalesce(decided_at, created_at) AS accepted_at
    FROM (
        SELECT * FROM metadata.materializations
        WHERE asset = :asset AND week = :week
        ORDER BY sequence DESC
        LIMIT 1
    ) AS in_force
    WHERE status = 'accepted'
    """
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
    parameters = {"asset": asset} if week is None else {"asset": asset, "week": week}
    row = connection.execute(_NEWEST if week is None else _ONE_WEEK, parameters).one_or_none()
    if row is None:
        return None
    token = f"{asset}/{row.week}/{row.sequence}/{row.content_hash}"
    return Version(token, row.accepted_at, facts={"week": row.week})
