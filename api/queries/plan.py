"""The plan in force of a week, its decisions, and what became of what was listed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from food_inspections.api.http.caching import Version
from food_inspections.api.queries.paging import read_page

_PLAN = text(
    """
    SELECT p.week, p.version, p.planned_at, p.content_hash,
           (SELECT max(d.decision_id) FROM api.plan_decisions AS d WHERE d.week = p.week) AS decision_id
    FROM api.published_plans AS p
    WHERE p.week = coalesce(:week, (SELECT max(week) FROM api.published_plans))
    ORDER BY p.version DESC
    LIMIT 1
    """
)
_LINES = text(
    """
    SELECT *
    FROM api.plan_lines
    WHERE week = :week AND (CAST(:inspector AS text) IS NULL OR inspector_now = :inspector)
    ORDER BY inspector_now, day, arrival_minute, stop, establishment_id
    """
)
_DECISIONS = text(
    """
    SELECT *, count(*) OVER () AS total
    FROM api.plan_decisions
    WHERE week = :week
    ORDER BY decision_id
    LIMIT :page_size OFFSET :first
    """
)
# What was found may change with any pull: the newest record of clean inspections stands for all of them.
_OUTCOMES_STATE = text(
    """
    SELECT (SELECT max(sequence) FROM metadata.materializations WHERE asset = 'clean_inspections') AS written,
           (SELECT max(decided_at) FROM metadata.materializations WHERE asset = 'clean_inspections') AS decided,
           (SELECT min(version) FROM api.published_queues WHERE week = :week) AS listed,
           (SELECT max(version) FROM api.published_plans WHERE week = :week) AS planned,
           (SELECT max(decision_id) FROM api.plan_decisions WHERE week = :week) AS decision_id,
           api.today() AS today
    """
)
_OUTCOMES = text(
    """
    SELECT *, count(*) OVER () AS total
    FROM api.list_outcomes
    WHERE week = :week
    ORDER BY rank, establishment_id
    LIMIT :page_size OFFSET :first
    """
)


def find_plan(connection: Connection, week: date | None) -> Version | None:
    """The plan in force of a week, of the newest one where none is named; its version moves with every decision."""
    row = connection.execute(_PLAN, {"week": week}).one_or_none()
    if row is None:
        return None
    token = f"{row.week}/{row.version}/{row.content_hash}/{row.decision_id}"
    return Version(token, facts=dict(row._mapping))


def plan_lines(connection: Connection, week: date, inspector: str | None) -> Sequence[RowMapping]:
    """The lines of a week's plan with what was decided, by inspector, day and order."""
    return connection.execute(_LINES, {"week": week, "inspector": inspector}).mappings().all()


def decisions(connection: Connection, week: date, arguments: Mapping[str, Any]) -> tuple[Sequence[RowMapping], int]:
    """One page of the decisions on a week's plan, as they were made, and how many there are."""
    return read_page(connection, _DECISIONS, {"week": week}, arguments)


def find_outcomes(connection: Connection, week: date) -> Version | None:
    """The state of what became of a week's list and plan; ``None`` where neither is published."""
    row = connection.execute(_OUTCOMES_STATE, {"week": week}).one()
    if row.listed is None and row.planned is None:
        return None
    return Version("/".join(str(part) for part in row), facts={"week": week})


def outcomes(connection: Connection, week: date, arguments: Mapping[str, Any]) -> tuple[Sequence[RowMapping], int]:
    """One page of what became of a week's list and plan, by rank, and how many rows there are."""
    return read_page(connection, _OUTCOMES, {"week": week}, arguments)
