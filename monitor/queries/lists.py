"""What lists were worth, over many weeks together."""

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read

_RECENT = """
    FROM monitoring.performance AS p
    JOIN metadata.accepted_weeks AS a ON a.asset = 'queue_performance' AND a.week = p.week
    WHERE p.week > (SELECT max(week) FROM metadata.accepted_weeks WHERE asset = 'queue_performance') - 7 * :weeks
"""


def pooled(connection: Connection, weeks: int) -> pd.DataFrame:
    """Visits and failures of the newest judged weeks: source, row_count, positives."""
    return read(
        connection,
        f"""
        SELECT p.source, sum(p.row_count)::bigint AS row_count, sum(p.positives)::bigint AS positives
        {_RECENT}
          AND (p.metric = 'failure_rate'
               OR (p.metric = 'precision_at_capacity' AND p.source IN ('random_share', 'past_rate', 'most_overdue')))
          AND EXISTS (SELECT FROM monitoring.performance AS l WHERE l.week = p.week AND l.source = 'off_list')
        GROUP BY p.source
        HAVING sum(p.row_count) > 0
        """,  # noqa: S608 - a constant
        weeks=weeks,
    )


def share_visited(connection: Connection, weeks: int) -> pd.Series:
    """Of the same weeks: listed (places), visited (of them, within their week), weeks."""
    rows = read(
        connection,
        f"""
        SELECT sum(p.row_count)::bigint AS listed, sum(p.row_count * p.value) AS visited, count(*) AS weeks
        {_RECENT} AND p.source = 'queue' AND p.metric = 'share_visited'
        """,
        weeks=weeks,
    )
    return rows.iloc[0]
