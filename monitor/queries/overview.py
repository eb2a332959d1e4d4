"""How things stand, in a few rows."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read


def champion(connection: Connection, week: date, label: str) -> pd.DataFrame:
    """The model in use in a week: at most one row.

    Returns:
        model_id, candidate_id, recipe, model_cutoff, effective_week, metric, decided_at, decided_by, reason,
        threshold, validation_metrics.
    """
    return read(
        connection,
        """
        SELECT s.model_id, s.candidate_id, s.recipe, s.model_cutoff, s.effective_week, s.metric, s.decided_at,
               s.decided_by, s.reason, s.threshold, c.metrics AS validation_metrics
        FROM models.champion(:week, :label) AS s
        JOIN models.candidates AS c ON c.model_id = s.candidate_id
        """,
        week=week,
        label=label,
    )


def newest_weeks(connection: Connection) -> pd.DataFrame:
    """For each asset its newest accepted week: asset, week, row_count."""
    return read(
        connection,
        """
        SELECT DISTINCT ON (asset) asset, week, row_count
        FROM metadata.accepted_weeks
        ORDER BY asset, week DESC
        """,
    )


def freshness(connection: Connection) -> pd.DataFrame:
    """Day of the newest accepted inspection and the newest pull: one row, newest_inspection, pulled_at, pull_week."""
    return read(
        connection,
        """
        SELECT (SELECT max(i.inspection_date)
                FROM data.clean_inspections AS i
                WHERE i.week = (SELECT max(week) FROM metadata.accepted_weeks WHERE asset = 'clean_inspections'
                                AND row_count > 0)) AS newest_inspection,
               p.requested_at AS pulled_at, p.week AS pull_week
        FROM (VALUES (1)) AS one_row
        LEFT JOIN LATERAL (SELECT requested_at, week FROM metadata.pulls
                           ORDER BY requested_at DESC, week DESC LIMIT 1) AS p ON true
        """,
    )


def check_counts(connection: Connection, since: date) -> pd.DataFrame:
    """Newest result of every check and week since a week: one row, passed, failed, warned."""
    return read(
        connection,
        """
        SELECT count(*) FILTER (WHERE passed) AS passed,
               count(*) FILTER (WHERE NOT passed AND severity = 'ERROR') AS failed,
               count(*) FILTER (WHERE NOT passed AND severity = 'WARN') AS warned
        FROM (SELECT DISTINCT ON (asset, check_name, week) passed, severity
              FROM test.check_results
              WHERE week >= :since
              ORDER BY asset, check_name, week, created_at DESC, run_id) AS newest
        """,
        since=since,
    )


def newest_publication(connection: Connection) -> pd.DataFrame:
    """The newest published queue: at most one row, week, version, published_at, row_count, on_list, random_draws."""
    return read(
        connection,
        """
        SELECT p.week, p.version, p.published_at, p.row_count, p.model_id,
               (SELECT count(*) FROM api.inspection_queue AS q
                WHERE q.week = p.week AND q.version = p.version AND q.is_on_list) AS on_list,
               (SELECT count(*) FROM api.inspection_queue AS q
                WHERE q.week = p.week AND q.version = p.version AND q.is_random_draw) AS random_draws
        FROM api.published_queues AS p
        ORDER BY p.week DESC, p.version DESC
        LIMIT 1
        """,
    )


def newest_result(connection: Connection) -> str:
    """When something was last written, accepted or published, as text; empty where nothing ever was."""
    rows = read(
        connection,
        """
        SELECT concat_ws(' ', (SELECT max(created_at) FROM metadata.materializations),
                         (SELECT max(decided_at) FROM metadata.materializations),
                         (SELECT max(published_at) FROM api.queue_publications)) AS newest
        """,
    )
    return str(rows["newest"].iloc[0])


def list_counts(connection: Connection, week: date, version: int) -> pd.DataFrame:
    """The list of a published queue in numbers: one row, on_list, random_draws, open (re-inspections)."""
    return read(
        connection,
        """
        SELECT count(*) AS on_list, count(*) FILTER (WHERE is_random_draw) AS random_draws,
               count(*) FILTER (WHERE is_reinspection_open) AS open
        FROM api.inspection_queue
        WHERE week = :week AND version = :version AND is_on_list
        """,
        week=week,
        version=version,
    )


def list_outcome(connection: Connection) -> pd.DataFrame:
    """What the visits of its week found at the places of the newest list that can be judged.

    A list is judged as it was first published, and by the accepted visits of its own week. A place counts once,
    as failed where any of its visits failed.

    Returns:
        At most one row: week; listed, visited and failed (places of the list); visited_elsewhere and
        failed_elsewhere (all other places visited in that week).
    """
    return read(
        connection,
        """
        WITH judged AS (
            SELECT p.week, min(p.version) AS version
            FROM api.queue_publications AS p
            WHERE p.week = (SELECT max(n.week) FROM api.queue_publications AS n
                            JOIN metadata.accepted_weeks AS a
                              ON a.asset = 'clean_inspections' AND a.week = n.week AND a.row_count > 0)
            GROUP BY p.week
        ), listed AS (
            SELECT q.establishment_id
            FROM api.inspection_queue AS q
            JOIN judged AS j ON j.week = q.week AND j.version = q.version
            WHERE q.is_on_list
        ), visited AS (
            SELECT i.establishment_id, bool_or(i.is_failure) AS is_failure,
                   i.establishment_id IN (SELECT establishment_id FROM listed) AS is_listed
            FROM data.clean_inspections AS i
            WHERE i.week = (SELECT week FROM judged)
            GROUP BY i.establishment_id
        )
        SELECT j.week, (SELECT count(*) FROM listed) AS listed,
               count(v.*) FILTER (WHERE v.is_listed) AS visited,
               count(v.*) FILTER (WHERE v.is_listed AND v.is_failure) AS failed,
               count(v.*) FILTER (WHERE NOT v.is_listed) AS visited_elsewhere,
               count(v.*) FILTER (WHERE NOT v.is_listed AND v.is_failure) AS failed_elsewhere
        FROM judged AS j LEFT JOIN visited AS v ON true
        GROUP BY j.week
        """,
    )
