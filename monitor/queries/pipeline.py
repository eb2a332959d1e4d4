"""What was written, what was accepted, and what the checks saw."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read


def weeks(connection: Connection) -> list[date]:
    """Weeks of which anything was written, the newest first."""
    rows = read(connection, "SELECT DISTINCT week FROM metadata.materializations ORDER BY week DESC")
    return list(rows["week"])


def grid(connection: Connection, since: date, until: date) -> pd.DataFrame:
    """The row in force of every asset and week: asset, week, status, row_count, created_at, run_id."""
    return read(
        connection,
        """
        SELECT asset, week, status, row_count, created_at, run_id
        FROM metadata.latest_materializations
        WHERE week BETWEEN :since AND :until
        ORDER BY asset, week
        """,
        since=since,
        until=until,
    )


def checks(
    connection: Connection, since: date, until: date, asset: str | None, only: str, limit: int, offset: int = 0
) -> pd.DataFrame:
    """The newest result of every check and week, failures first.

    Args:
        connection: Database.
        since: First week.
        until: Last week.
        asset: One asset, or all of them.
        only: ``failed``, ``passed`` or ``all``.
        limit: Rows at most.
        offset: Rows left out before.

    Returns:
        asset, check_name, week, passed, severity, is_blocking, expected, seen, created_at, run_id, total.
    """
    return read(
        connection,
        """
        SELECT *, count(*) OVER () AS total
        FROM (SELECT DISTINCT ON (asset, check_name, week) asset, check_name, week, passed, severity, is_blocking,
                     expected, seen, created_at, run_id
              FROM test.check_results
              WHERE week BETWEEN :since AND :until AND (CAST(:asset AS text) IS NULL OR asset = :asset)
              ORDER BY asset, check_name, week, created_at DESC, run_id) AS newest
        WHERE :only = 'all' OR passed = (:only = 'passed')
        ORDER BY passed, severity, week DESC, asset, check_name
        LIMIT :limit OFFSET :offset
        """,
        since=since,
        until=until,
        asset=asset,
        only=only,
        limit=limit,
        offset=offset,
    )
