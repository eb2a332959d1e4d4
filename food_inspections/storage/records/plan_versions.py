"""Plans are history: a week that is planned again adds a version, none is changed."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.storage.postgres import tables
from food_inspections.storage.records.week_versions import version_of


def add_plan(
    connection: Connection, rows: Mapping[str, pd.DataFrame], week: date, run_id: str, content_hash: str
) -> int:
    """Keep a week's plan, on the caller's transaction.

    Args:
        connection: Transaction to write on.
        rows: Rows of each table of the plan, of one week, without version; the stops first.
        week: The week's Monday.
        run_id: Run that planned.
        content_hash: Content hash of all rows.

    Returns:
        The version in force afterwards: the newest one when its content is the same, else a new one.
    """
    version, is_new = version_of(connection, "data.plans", week, content_hash)
    if not is_new:
        return version
    connection.execute(
        text(
            "INSERT INTO data.plans (week, version, run_id, content_hash, stop_count) "
            "VALUES (:week, :version, :run_id, :content_hash, :stop_count)"
        ),
        {
            "week": week,
            "version": version,
            "run_id": run_id,
            "content_hash": content_hash,
            "stop_count": len(next(iter(rows.values()))),
        },
    )
    for table, frame in rows.items():
        tables.append_rows(connection, table, frame.assign(version=version))
    return version


def newest_stops(connection: Connection, week: date) -> pd.DataFrame:
    """Stops of the newest accepted version of a week's plan; none where there is no plan.

    Returns:
        version, establishment_id, inspector, day, stop, why.
    """
    return tables.read_query(
        connection,
        """
        SELECT version, establishment_id, inspector, day, stop, why
        FROM data.inspection_plan
        WHERE week = :week
          AND version = (SELECT max(version) FROM api.published_plans WHERE week = :week)
        ORDER BY inspector COLLATE "C", day, stop
        """,
        {"week": week},
    )


def decisions(connection: Connection, week: date) -> pd.DataFrame:
    """What was decided about a week's plan, in the order it was.

    Returns:
        establishment_id, inspector, decision, decided_at (UTC).
    """
    return tables.read_query(
        connection,
        """
        SELECT establishment_id, inspector, decision, decided_at
        FROM api.plan_decisions
        WHERE week = :week
        ORDER BY decision_id
        """,
        {"week": week},
    )
