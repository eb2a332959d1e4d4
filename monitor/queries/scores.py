"""Histograms of scores."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read


def weeks(connection: Connection) -> list[date]:
    """Weeks with distributions, the newest first."""
    rows = read(
        connection,
        """
        SELECT a.week
        FROM metadata.accepted_weeks AS a
        WHERE a.asset = 'score_distributions'
          AND EXISTS (SELECT FROM monitoring.score_distributions AS d WHERE d.week = a.week)
        ORDER BY a.week DESC
        """,
    )
    return list(rows["week"])


def facility_types(connection: Connection, week: date) -> list[str]:
    """Kinds of establishment with predictions in a week, the most frequent first; ``all`` leads."""
    rows = read(
        connection,
        """
        SELECT facility_type
        FROM monitoring.score_distributions
        WHERE week = :week
        GROUP BY facility_type
        ORDER BY facility_type <> 'all', sum(count) FILTER (WHERE source = 'predictions') DESC NULLS LAST, facility_type
        """,
        week=week,
    )
    return list(rows["facility_type"])


def histograms(connection: Connection, week: date, source: str, facility_types: Sequence[str] = ()) -> pd.DataFrame:
    """Bins of a week: facility_type, bin, bin_lower, bin_upper, count, share, model_id.

    Args:
        connection: Database.
        week: An accepted week.
        source: ``validation`` or ``predictions``.
        facility_types: Kinds of establishment; all of them where none is named.
    """
    return read(
        connection,
        """
        SELECT facility_type, bin, bin_lower, bin_upper, count, share, model_id
        FROM monitoring.score_distributions
        WHERE week = :week AND source = :source
          AND (cardinality(CAST(:types AS text[])) = 0 OR facility_type = ANY (:types))
        ORDER BY facility_type, bin
        """,
        week=week,
        source=source,
        types=list(facility_types),
    )
