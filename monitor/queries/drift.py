"""How far the newest weeks lie from what the champion was validated on, and what was decided."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read


def weeks(connection: Connection) -> list[date]:
    """Weeks with a drift report, the newest first."""
    rows = read(
        connection,
        """
        SELECT a.week
        FROM metadata.accepted_weeks AS a
        WHERE a.asset = 'drift_report' AND EXISTS (SELECT FROM monitoring.drift AS d WHERE d.week = a.week)
        ORDER BY a.week DESC
        """,
    )
    return list(rows["week"])


def of_week(connection: Connection, week: date) -> pd.DataFrame:
    """All statistics of a week, as in ``monitoring.drift``."""
    return read(
        connection,
        """
        SELECT kind, name, statistic, value, threshold, is_drifted, model_id, reference_from, reference_to,
               current_from, current_to, reference_rows, current_rows
        FROM monitoring.drift
        WHERE week = :week
        ORDER BY kind, name, statistic
        """,
        week=week,
    )


def series(connection: Connection, kind: str, name: str | None, since: date, until: date) -> pd.DataFrame:
    """Statistics over time: week, name, statistic, value, threshold, is_drifted, model_id.

    Args:
        connection: Database.
        kind: ``score``, ``feature`` or ``outcome``.
        name: One name; every one of the kind where there is none.
        since: First week.
        until: Last week.
    """
    return read(
        connection,
        """
        SELECT d.week, d.name, d.statistic, d.value, d.threshold, d.is_drifted, d.model_id
        FROM monitoring.drift AS d
        JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_report' AND a.week = d.week
        WHERE d.kind = :kind AND (CAST(:name AS text) IS NULL OR d.name = :name) AND d.week BETWEEN :since AND :until
        ORDER BY d.week, d.name, d.statistic
        """,
        kind=kind,
        name=name,
        since=since,
        until=until,
    )


def share_drifted(connection: Connection, since: date, until: date) -> pd.DataFrame:
    """Features over their threshold by any statistic, by week: week, drifted, looked_at."""
    return read(
        connection,
        """
        SELECT d.week, count(DISTINCT d.name) FILTER (WHERE d.is_drifted) AS drifted,
               count(DISTINCT d.name) AS looked_at
        FROM monitoring.drift AS d
        JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_report' AND a.week = d.week
        WHERE d.kind = 'feature' AND d.week BETWEEN :since AND :until
        GROUP BY d.week
        ORDER BY d.week
        """,
        since=since,
        until=until,
    )


def decisions(connection: Connection, label: str, until: date, limit: int) -> pd.DataFrame:
    """When retraining was considered: week, decided_at, is_retraining, rule, values, reason, run_key; newest first.

    Of the weeks without retraining only the newest are of interest; those with it are all told.
    """
    return read(
        connection,
        """
        SELECT week, decided_at, is_retraining, rule, "values", reason, run_key
        FROM (SELECT *, row_number() OVER (PARTITION BY is_retraining ORDER BY week DESC, decision_id DESC) AS place
              FROM monitoring.retraining_decisions
              WHERE label = :label AND week <= :until) AS ranked
        WHERE place <= CASE WHEN is_retraining THEN :limit ELSE 3 END
        ORDER BY week DESC, decided_at DESC
        """,
        label=label,
        until=until,
        limit=limit,
    )


def moves(connection: Connection, week: date) -> pd.DataFrame:
    """By how much statistics of the features moved: feature, statistic, reference, current, change_percent, is_over."""
    return read(
        connection,
        """
        SELECT feature, statistic, reference, current, change_percent, is_over
        FROM monitoring.moves
        WHERE week = :week
        ORDER BY is_over DESC, abs(change_percent) DESC NULLS LAST, feature, statistic
        """,
        week=week,
    )


def newest_report(connection: Connection) -> tuple[date, str] | None:
    """The week of the evidently report that is kept, and its key in the object store.

    Only the newest is kept: the key an earlier week names holds the page of a later one by now.
    """
    rows = read(
        connection,
        """
        SELECT week, parameters ->> 'html_key' AS key
        FROM metadata.accepted_weeks
        WHERE asset = 'drift_report' AND parameters ->> 'html_key' IS NOT NULL
        ORDER BY week DESC
        LIMIT 1
        """,
    )
    return None if rows.empty else (rows["week"][0], str(rows["key"][0]))
