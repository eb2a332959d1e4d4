"""Candidates, decisions, and the model in use."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, text

from food_inspections.api.http.caching import Version
from food_inspections.settings import Label

_CHAMPION = text("SELECT * FROM models.champion(:week, :label)")
_CANDIDATE = text("SELECT * FROM models.candidates WHERE model_id = :model_id")

# The newest week anything is known of: a model trained for the coming week counts before it begins.
_NEWEST_WEEK = text(
    """
    SELECT greatest(
        :this_week,
        (SELECT max(week) FROM api.published_queues),
        (SELECT max(effective_week) FROM models.selections WHERE label = :label)
    )
    """
)
_STATE = text(
    """
    SELECT (SELECT count(*) FROM models.candidates WHERE label = :label) AS candidates,
           (SELECT max(created_at) FROM models.candidates WHERE label = :label) AS newest,
           (SELECT max(selection_id) FROM models.decisions_in_force WHERE label = :label) AS decision,
           (
               SELECT max(verdicts.newest)
               FROM (SELECT DISTINCT recipe || '_model' AS asset FROM models.candidates) AS fitted
               CROSS JOIN LATERAL (
                   SELECT max(decided_at) AS newest FROM metadata.materializations WHERE asset = fitted.asset
               ) AS verdicts
           ) AS verdict
    """
)
_CANDIDATES = text(
    """
    SELECT c.*
    FROM models.candidates AS c
    WHERE c.label = :label AND (CAST(:week AS date) IS NULL OR c.week = :week)
      AND (
        EXISTS (
            SELECT FROM metadata.accepted_weeks AS a
            WHERE a.asset = c.recipe || '_model' AND a.week = c.week AND a.content_hash = c.checksum
        )
        OR EXISTS (SELECT FROM models.decisions_in_force AS d WHERE d.candidate_id = c.model_id)
      )
    ORDER BY c.week DESC, c.recipe, c.model_id
    LIMIT :limit
    """
)
_SELECTIONS = text(
    """
    SELECT * FROM models.decisions_in_force
    WHERE label = :label AND (CAST(:week AS date) IS NULL OR effective_week = :week)
    ORDER BY selection_id DESC
    LIMIT :limit
    """
)


def newest_week(connection: Connection, label: Label, this_week: date) -> date:
    """The week the model in use is asked for by default."""
    week: date = connection.execute(_NEWEST_WEEK, {"label": label, "this_week": this_week}).scalar_one()
    return week


def champion(connection: Connection, week: date, label: Label) -> RowMapping | None:
    """The decision in force for a week."""
    return connection.execute(_CHAMPION, {"week": week, "label": label}).mappings().one_or_none()


def candidate(connection: Connection, model_id: str) -> RowMapping:
    """One candidate."""
    return connection.execute(_CANDIDATE, {"model_id": model_id}).mappings().one()


def find_state(connection: Connection, label: Label) -> Version:
    """The state of candidates and decisions together."""
    return Version(repr(tuple(connection.execute(_STATE, {"label": label}).one())))


def candidates(connection: Connection, label: Label, week: date | None, limit: int) -> Sequence[RowMapping]:
    """Accepted candidates and those that won, newest first."""
    parameters = {"label": label, "week": week, "limit": limit}
    return connection.execute(_CANDIDATES, parameters).mappings().all()


def selections(connection: Connection, label: Label, week: date | None, limit: int) -> Sequence[RowMapping]:
    """Decisions in force, newest first."""
    parameters = {"label": label, "week": week, "limit": limit}
    return connection.execute(_SELECTIONS, parameters).mappings().all()
