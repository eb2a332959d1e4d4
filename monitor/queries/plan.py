"""The plan of a week as it stands: its lines, working days, what changed since the week before, what was cited last."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection

from food_inspections.monitor.queries.reading import read


def weeks(connection: Connection) -> list[date]:
    """Weeks with a plan, the newest first."""
    return list(read(connection, "SELECT DISTINCT week FROM api.published_plans ORDER BY week DESC")["week"])


def lines(connection: Connection, week: date, inspector: str = "") -> pd.DataFrame:
    """Lines of the plan in force with what was decided: columns of ``api.plan_lines``, by inspector, day and time."""
    return read(
        connection,
        """
        SELECT *
        FROM api.plan_lines
        WHERE week = :week AND (:inspector = '' OR inspector_now = :inspector)
        ORDER BY inspector_now, day, arrival_minute, stop, establishment_id
        """,
        week=week,
        inspector=inspector,
    )


def working_days(connection: Connection, week: date) -> pd.DataFrame:
    """Working days of the plan in force: columns of ``data.plan_days``."""
    return _in_force(connection, "data.plan_days", week, "inspector, day")


def unserved(connection: Connection, week: date, most: int) -> pd.DataFrame:
    """Must-visits that the plan in force could not hold, the likeliest failures: columns of ``data.plan_unserved``."""
    return _in_force(connection, "data.plan_unserved", week, "expected_finding DESC, establishment_id", most)


def causes(connection: Connection, week: date) -> pd.DataFrame:
    """Why must-visits are not in the plan in force: why, cause, times, the most frequent first."""
    return read(
        connection,
        """
        SELECT why, cause, count(*) AS times
        FROM data.plan_unserved
        WHERE week = :week AND version = (SELECT max(version) FROM api.published_plans WHERE week = :week)
        GROUP BY why, cause
        ORDER BY times DESC, why, cause
        """,
        week=week,
    )


def service(connection: Connection, week: date) -> pd.DataFrame:
    """How soon areas and kinds are served by the plan in force: columns of ``data.plan_service``."""
    return _in_force(connection, "data.plan_service", week, "attribute, value")


def floor_cost(connection: Connection, week: date) -> float | None:
    """Expected failures that the floor of the plan in force costs; ``None`` where that is not on record."""
    rows = read(
        connection,
        """
        SELECT (m.parameters ->> 'floor_cost_finds')::float AS cost
        FROM api.published_plans AS p
        JOIN metadata.materializations AS m
          ON m.asset = 'inspection_plan' AND m.week = p.week AND m.content_hash = p.content_hash
        WHERE p.week = :week AND m.status = 'accepted' AND m.parameters ? 'floor_cost_finds'
        ORDER BY p.version DESC, m.decided_at DESC
        LIMIT 1
        """,
        week=week,
    )
    return None if rows.empty else float(rows["cost"].iloc[0])


def _in_force(connection: Connection, table: str, week: date, order: str, most: int | None = None) -> pd.DataFrame:
    """Rows of a table beside the plan, of the version in force; the first so many, or all."""
    return read(
        connection,
        f"""
        SELECT *
        FROM {table}
        WHERE week = :week AND version = (SELECT max(version) FROM api.published_plans WHERE week = :week)
        ORDER BY {order}
        LIMIT :most
        """,  # noqa: S608 - constants
        week=week,
        most=most,
    )


def planned_at(connection: Connection, week: date) -> pd.Series:
    """The version in force of a week's plan: version, planned_at."""
    rows = read(
        connection,
        "SELECT version, planned_at FROM api.published_plans WHERE week = :week ORDER BY version DESC LIMIT 1",
        week=week,
    )
    return rows.iloc[0]


def expected_findings(connection: Connection, week: date, most: int) -> list[float]:
    """The highest scores of the week's newest published queue, in order: what the first so many visits would find."""
    rows = read(
        connection,
        """
        SELECT score
        FROM api.inspection_queue
        WHERE week = :week AND version = (SELECT max(version) FROM api.published_queues WHERE week = :week)
        ORDER BY rank
        LIMIT :most
        """,
        week=week,
        most=most,
    )
    return [float(score) for score in rows["score"]]


def changes(connection: Connection, week: date) -> pd.DataFrame:
    """How the plan differs from that of the week before.

    Returns:
        One row per place: establishment_id, dba_name, change (``new``; ``dropped``: planned last week, not visited
        since and no longer planned; ``moved``: planned again, with another inspector or on another weekday), before
        and now (inspector and weekday). Places planned alike, or done, are left out. Empty without an earlier plan.
    """
    return read(
        connection,
        """
        WITH earlier AS (
            SELECT p.*
            FROM api.plan_lines AS p
            WHERE p.week = (SELECT max(week) FROM api.published_plans WHERE week < :week)
        ), now AS (
            SELECT * FROM api.plan_lines WHERE week = :week
        )
        SELECT establishment_id,
               coalesce(n.dba_name, e.dba_name) AS dba_name,
               CASE WHEN e.week IS NULL THEN 'new' WHEN n.week IS NULL THEN 'dropped' ELSE 'moved' END AS change,
               e.inspector_now || ', ' || to_char(e.day, 'FMDay') AS before,
               n.inspector_now || ', ' || to_char(n.day, 'FMDay') AS now,
               coalesce(n.expected_finding, e.expected_finding) AS expected_finding
        FROM earlier AS e
        FULL JOIN now AS n USING (establishment_id)
        WHERE EXISTS (SELECT FROM earlier)
          AND (n.week IS NOT NULL OR (
                  e.decision IS DISTINCT FROM 'done'
                  AND NOT EXISTS (
                      SELECT
                      FROM data.clean_inspections AS i
                      JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
                      WHERE i.establishment_id = e.establishment_id AND i.inspection_date >= e.week
                  )))
          AND (e.week IS NULL OR n.week IS NULL
               OR (e.inspector_now, extract(isodow FROM e.day)) <> (n.inspector_now, extract(isodow FROM n.day)))
        ORDER BY change DESC, expected_finding DESC, establishment_id
        """,
        week=week,
    )


def last_citations(connection: Connection, week: date, establishments: list[str]) -> pd.DataFrame:
    """The last visit before a week that cited anything, of each place.

    Returns:
        establishment_id, inspection_date, results, violations.
    """
    return read(
        connection,
        """
        SELECT DISTINCT ON (i.establishment_id) i.establishment_id, i.inspection_date, i.results, i.violations
        FROM data.clean_inspections AS i
        JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
        WHERE i.establishment_id = ANY(:establishments) AND i.inspection_date < :week AND i.violations <> 'unknown'
        ORDER BY i.establishment_id, i.inspection_date DESC, i.inspection_id DESC
        """,
        week=week,
        establishments=establishments,
    )


def outcomes(connection: Connection, week: date) -> pd.DataFrame:
    """What became of each place listed or planned: columns of ``api.list_outcomes``, by rank."""
    return read(
        connection,
        "SELECT * FROM api.list_outcomes WHERE week = :week ORDER BY rank, establishment_id",
        week=week,
    )
