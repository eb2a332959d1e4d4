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
        WHERE a.asset = 'drift_report' AND EXISTS (SELECT FROM monitoring.drift_verdicts AS d WHERE d.week = a.week)
        ORDER BY a.week DESC
        """,
    )
    return list(rows["week"])


def verdicts(connection: Connection, week: date) -> pd.DataFrame:
    """The answers of a week with the windows they rest on, as in ``monitoring.drift_verdicts``."""
    return read(
        connection,
        """
        SELECT question, answer, value, bound, statement, model_id, reference_from, reference_to, current_from,
               current_to, reference_rows, current_rows
        FROM monitoring.drift_verdicts
        WHERE week = :week
        ORDER BY array_position(ARRAY['scores', 'outcomes', 'ranking', 'features'], question)
        """,
        week=week,
    )


def features(connection: Connection, week: date) -> pd.DataFrame:
    """The features of a week: name, value, threshold, importance, adjusted_p_value, is_drifted; by what they carry."""
    return read(
        connection,
        """
        SELECT name, value, threshold, importance, adjusted_p_value, is_drifted
        FROM monitoring.drift
        WHERE week = :week AND kind = 'feature'
        ORDER BY is_drifted DESC NULLS LAST, importance DESC, name
        """,
        week=week,
    )


def series(connection: Connection, kind: str, name: str, since: date, until: date) -> pd.DataFrame:
    """One statistic over time: week, statistic, value, threshold, is_drifted, model_id.

    Args:
        connection: Database.
        kind: ``score``, ``feature``, ``outcome`` or ``ranking``.
        name: What was looked at.
        since: First week.
        until: Last week.
    """
    return read(
        connection,
        """
        SELECT d.week, d.statistic, d.value, d.threshold, d.is_drifted, d.model_id
        FROM monitoring.drift AS d
        JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_report' AND a.week = d.week
        WHERE d.kind = :kind AND d.name = :name AND d.statistic <> 'ratio' AND d.week BETWEEN :since AND :until
        ORDER BY d.week
        """,
        kind=kind,
        name=name,
        since=since,
        until=until,
    )


def moved_share(connection: Connection, since: date, until: date) -> pd.DataFrame:
    """What the features that moved carry, by week: week, value, threshold, is_drifted."""
    return read(
        connection,
        """
        SELECT v.week, v.value, v.bound AS threshold, v.answer = 'changed' AS is_drifted
        FROM monitoring.drift_verdicts AS v
        JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_report' AND a.week = v.week
        WHERE v.question = 'features' AND v.value IS NOT NULL AND v.week BETWEEN :since AND :until
        ORDER BY v.week
        """,
        since=since,
        until=until,
    )


def distribution(connection: Connection, week: date, name: str) -> pd.DataFrame:
    """A feature's histograms: bin, label, reference_count, current_count."""
    return read(
        connection,
        """
        SELECT bin, label, reference_count, current_count
        FROM monitoring.distributions
        WHERE week = :week AND kind = 'feature' AND name = :name
        ORDER BY bin
        """,
        week=week,
        name=name,
    )


def alarms(connection: Connection, until: date, limit: int) -> pd.DataFrame:
    """Alarms so far, the newest first: question, since, until, weeks, statement."""
    return read(
        connection,
        """
        SELECT question, since, until, weeks, statement
        FROM monitoring.alarms
        WHERE since <= :until
        ORDER BY since DESC, question
        LIMIT :limit
        """,
        until=until,
        limit=limit,
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
        SELECT p.week, p.object_key AS key
        FROM monitoring.drift_pages AS p
        JOIN metadata.accepted_weeks AS a ON a.asset = 'drift_page' AND a.week = p.week
        ORDER BY p.week DESC
        LIMIT 1
        """,
    )
    return None if rows.empty else (rows["week"][0], str(rows["key"][0]))
