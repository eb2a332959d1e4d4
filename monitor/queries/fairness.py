"""The audit of the selected models."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read
from food_inspections.monitor.wording.vocabulary import RATES


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
    """What the audit of a week looked at."""
    rows = read(
        connection,
        "SELECT DISTINCT attribute_name FROM data.bias_report WHERE week = :week ORDER BY attribute_name",
        week=week,
    )
    return list(rows["attribute_name"])


def over_time(connection: Connection, attribute: str, metric: str, label: str) -> pd.DataFrame:
    """One metric's disparity in every audit: week, attribute_value, group_size, disparity.

    Args:
        connection: Database.
        attribute: facility_type, zip or risk.
        metric: A key of :data:`monitor.wording.vocabulary.RATES`.
        label: ``fail`` or ``critical``.
    """
    if metric not in RATES:
        raise KeyError(metric)
    return read(
        connection,
        f"""
        SELECT b.week, b.attribute_value, b.group_size, b.{metric}_disparity AS disparity
        FROM data.bias_report AS b
        JOIN metadata.accepted_weeks AS a ON a.asset = 'bias_report' AND a.week = b.week
        WHERE b.attribute_name = :attribute AND b.label = :label AND b.attribute_value <> b.reference_value
        ORDER BY b.week, b.attribute_value
        """,  # noqa: S608 - one of the names in RATES
        attribute=attribute,
        label=label,
    )
