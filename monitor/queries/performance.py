"""What the forecast was worth once results were in."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read
from food_inspections.monitor.wording.vocabulary import HEADLINES


def weeks(connection: Connection) -> list[date]:
    """Weeks judged, the newest first."""
    rows = read(
        connection,
        """
        SELECT a.week
        FROM metadata.accepted_weeks AS a
        WHERE a.asset = 'queue_performance' AND EXISTS (SELECT FROM monitoring.performance AS p WHERE p.week = a.week)
        ORDER BY a.week DESC
        """,
    )
    return list(rows["week"])


def series(
    connection: Connection, since: date, until: date, sources: Sequence[str], metrics: Sequence[str]
) -> pd.DataFrame:
    """Metrics by week and source, in the columns of ``monitoring.performance``."""
    return read(
        connection,
        """
        SELECT p.week, p.model_id, p.source, p.metric, p.value, p.lower, p.upper, p.row_count, p.positives, p.coverage
        FROM monitoring.performance AS p
        JOIN metadata.accepted_weeks AS a ON a.asset = 'queue_performance' AND a.week = p.week
        WHERE p.week BETWEEN :since AND :until AND p.source = ANY (:sources) AND p.metric = ANY (:metrics)
        ORDER BY p.week, p.source, p.metric
        """,
        since=since,
        until=until,
        sources=list(sources),
        metrics=list(metrics),
    )


def promises(connection: Connection, week: date, source: str) -> pd.DataFrame:
    """Whether the newest judged weeks until one keep their promises: ``monitoring.promises`` in the pages' order."""
    rows = read(
        connection,
        "SELECT * FROM monitoring.promises WHERE week = :week AND source = :source",
        week=week,
        source=source,
    )
    order = {metric: place for place, metric in enumerate(HEADLINES)}
    return rows.sort_values("metric", key=lambda metrics: metrics.map(order), ignore_index=True)


def coverage(connection: Connection, week: date, source: str, weeks: int) -> float | None:
    """Share of the visits that a source held a score for, mean of the newest judged weeks until one."""
    rows = read(
        connection,
        """
        SELECT avg(newest.coverage) AS coverage
        FROM (SELECT p.week, max(p.coverage) AS coverage
              FROM monitoring.performance AS p
              JOIN metadata.accepted_weeks AS a ON a.asset = 'queue_performance' AND a.week = p.week
              WHERE p.source = :source AND p.metric = 'roc_auc' AND p.week <= :week AND p.week > :week - 7 * :weeks
              GROUP BY p.week) AS newest
        """,
        week=week,
        source=source,
        weeks=weeks,
    )
    share = rows["coverage"].iloc[0]
    return None if pd.isna(share) else float(share)


def calibration(connection: Connection, since: date, until: date, label: str, bins: int = 10) -> pd.DataFrame:
    """Scores against what was found, in bins of equal width over complete weeks.

    Args:
        connection: Database.
        since: First week.
        until: Last week.
        label: ``fail`` or ``critical``.
        bins: Bins between 0 and 1.

    Returns:
        bin, mean_score, share_found, row_count.
    """
    return read(
        connection,
        """
        WITH judged AS MATERIALIZED (
            SELECT week
            FROM metadata.accepted_weeks
            WHERE asset IN ('predictions', 'clean_inspections') AND week BETWEEN :since AND :until
            GROUP BY week
            HAVING count(*) = 2
        )
        SELECT least(floor(p.score * :bins), :bins - 1)::int AS bin, avg(p.score) AS mean_score,
               avg(CASE WHEN :label = 'fail' THEN i.is_failure ELSE i.is_critical END::int)::float8 AS share_found,
               count(*) AS row_count
        FROM judged
        JOIN data.predictions AS p USING (week)
        JOIN data.clean_inspections AS i USING (week, inspection_id)
        GROUP BY 1
        ORDER BY 1
        """,
        since=since,
        until=until,
        label=label,
        bins=bins,
    )
