"""How far the newest weeks lie from what the champion was validated on, and what was decided."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from monitor.reading import read


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


def series(connection: Connection, kind: str, name: str | None, since: date) -> pd.DataFrame:
    """Statistics over time: week, name, statistic, value, threshold, is_drifted, model_id.

    Args:
        connection: Database.
        kind: ``score``, ``feature`` or ``outcome``.
        name: One name; every one of the kind where there is none.
        since: First week.
    """
    return read(
        connection,
        """
        SELECT d.week, d.name, d.statistic, d.value, d.threshold, d.is_drifted, d.model_id
        FROM monitoring.drift AS d
        JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_report' AND a.week = d.week
        WHERE d.kind = :kind AND (CAST(:name AS text) IS NULL OR d.name = :name) AND d.week >= :since
        ORDER BY d.week, d.name, d.statistic
        """,
        kind=kind,
        name=name,
        since=since,
    )


def share_drifted(connection: Connection, since: date) -> pd.DataFrame:
    """Features over their threshold by week: week, statistic, drifted, looked_at."""
    return read(
        connection,
        """
        SELECT d.week, d.statistic, count(*) FILTER (WHERE d.is_drifted) AS drifted, count(*) AS looked_at
        FROM monitoring.drift AS d
        JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_report' AND a.week = d.week
        WHERE d.kind = 'feature' AND d.week >= :since
        GROUP BY d.week, d.statistic
        ORDER BY d.week, d.statistic
        """,
        since=since,
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


def report_key(connection: Connection, week: date) -> str | None:
    """Where the evidently report of a week is kept, if it is."""
    rows = read(
        connection,
        """
        SELECT parameters ->> 'html_key' AS key
        FROM metadata.accepted_weeks
        WHERE asset = 'drift_report' AND week = :week
        """,
        week=week,
    )
    return None if rows.empty or rows["key"][0] is None else str(rows["key"][0])


def newest_report_week(connection: Connection) -> date | None:
    """The newest week whose evidently report is kept."""
    rows = read(
        connection,
        """
        SELECT max(week) AS week
        FROM metadata.accepted_weeks
        WHERE asset = 'drift_report' AND parameters ? 'html_key'
        """,
    )
    week: date | None = rows["week"][0]
    return week
