"""The audit of the selected models."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read


def weeks(connection: Connection, label: str) -> list[date]:
    """Weeks with an audit, the newest first."""
    rows = read(
        connection,
        """
        SELECT a.week
        FROM metadata.accepted_weeks AS a
        WHERE a.asset = 'bias_report'
          AND EXISTS (SELECT FROM data.bias_report AS b WHERE b.week = a.week AND b.label = :label)
        ORDER BY a.week DESC
        """,
        label=label,
    )
    return list(rows["week"])


def report(connection: Connection, week: date, attribute: str) -> pd.DataFrame:
    """One audit: every column of ``data.bias_report``, the largest group first."""
    return read(
        connection,
        """
        SELECT *
        FROM data.bias_report
        WHERE week = :week AND attribute_name = :attribute
        ORDER BY attribute_value <> reference_value, group_size DESC, attribute_value
        """,
        week=week,
        attribute=attribute,
    )


def attributes(connection: Connection, week: date) -> list[str]:
    """What the audit of a week looked at, kinds by area among it."""
    rows = read(
        connection,
        "SELECT DISTINCT attribute_name FROM data.disparities WHERE week = :week ORDER BY attribute_name",
        week=week,
    )
    return list(rows["attribute_name"])


TABLES = {
    "flags": ("bias_report", "data.disparities"),
    "list": ("queue_performance", "monitoring.list_disparities"),
}
"""What is audited: the selected model's flags, or the list."""


def disparities(connection: Connection, cut: str, week: date, attribute: str, rate: str) -> pd.DataFrame:
    """One rate of every group against its reference, the groups with most cases first.

    Args:
        connection: Database.
        cut: A key of :data:`TABLES`; of lists it is always the newest judged one.
        week: An accepted week of the audit.
        attribute: facility_type, zip, risk or facility_type_zip.
        rate: A key of :data:`food_inspections.monitor.wording.vocabulary.RATES`.

    Returns:
        week, attribute_value, reference_value, cases, events, reference_cases, reference_events, disparity, lower,
        upper, answer.
    """
    asset, table = TABLES[cut]
    newest = f"""(SELECT max(a.week) FROM metadata.accepted_weeks AS a
                  WHERE a.asset = '{asset}' AND EXISTS (SELECT FROM {table} AS t WHERE t.week = a.week))"""  # noqa: S608
    return read(
        connection,
        f"""
        SELECT week, attribute_value, reference_value, cases, events, reference_cases, reference_events, disparity,
               lower, upper, answer
        FROM {table}
        WHERE week = {":week" if cut == "flags" else newest} AND attribute_name = :attribute AND rate = :rate
        ORDER BY cases DESC, attribute_value
        """,  # noqa: S608 - names of this module
        week=week,
        attribute=attribute,
        rate=rate,
    )


def verdicts(connection: Connection, label: str, week: date | None = None) -> pd.DataFrame:
    """The verdict on an audit's flags, the newest by default, and on the newest list that was judged.

    Returns:
        cut (``flags`` or ``list``), week, answer, uneven, even, cannot_tell, statement.
    """
    return read(
        connection,
        """
        (SELECT 'flags' AS cut, v.week, v.answer, v.uneven, v.even, v.cannot_tell, v.statement
         FROM data.fairness_verdicts AS v
         JOIN metadata.accepted_weeks AS a ON a.asset = 'bias_report' AND a.week = v.week
         WHERE EXISTS (SELECT FROM data.bias_report AS b WHERE b.week = v.week AND b.label = :label)
           AND (CAST(:week AS date) IS NULL OR v.week = :week)
         ORDER BY v.week DESC LIMIT 1)
        UNION ALL
        (SELECT 'list', v.week, v.answer, v.uneven, v.even, v.cannot_tell, v.statement
         FROM monitoring.list_fairness_verdicts AS v
         JOIN metadata.accepted_weeks AS a ON a.asset = 'queue_performance' AND a.week = v.week
         ORDER BY v.week DESC LIMIT 1)
        """,
        label=label,
        week=week,
    )


def over_time(connection: Connection, attribute: str, rate: str, label: str) -> pd.DataFrame:
    """One rate's disparity in every audit, empty where a side has under ten cases.

    Args:
        connection: Database.
        attribute: facility_type, zip, risk or facility_type_zip.
        rate: A key of :data:`monitor.wording.vocabulary.RATES`.
        label: ``fail`` or ``critical``.

    Returns:
        week, attribute_value, disparity, lower, upper, answer.
    """
    return read(
        connection,
        """
        SELECT d.week, d.attribute_value, d.disparity, d.lower, d.upper, d.answer
        FROM data.disparities AS d
        JOIN metadata.accepted_weeks AS a ON a.asset = 'bias_report' AND a.week = d.week
        WHERE d.attribute_name = :attribute AND d.rate = :rate
          AND EXISTS (SELECT FROM data.bias_report AS b WHERE b.week = d.week AND b.label = :label)
        ORDER BY d.week, d.attribute_value
        """,
        attribute=attribute,
        rate=rate,
        label=label,
    )
