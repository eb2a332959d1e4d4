"""Decisions made by hand: which models there are, which one serves from a week on instead."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.errors import ModelError
from food_inspections.settings import Label
from food_inspections.storage.models import candidates
from food_inspections.storage.models.champions import SelectionRow, find_champion, log_selection
from food_inspections.storage.postgres import tables
from food_inspections.storage.postgres.rows import select_rows


@dataclass(frozen=True)
class KnownModel:
    """A model on record: a candidate, or a winner refitted on everything before its cutoff.

    Attributes:
        candidate_id: The candidate whose validation metrics speak for it; its own id for a candidate.
        metrics: Validation metrics of that candidate by name.
        is_candidate: Whether it is a candidate, and so has not seen its validation weeks.
    """

    model_id: str
    candidate_id: str
    recipe: str
    label: Label
    cutoff: date
    threshold: float
    object_key: str
    checksum: str
    metrics: dict[str, float | None]
    is_candidate: bool


@dataclass(frozen=True)
class LoggedDecision:
    """A row of the log that counts."""

    selection_id: int
    effective_week: date
    model_id: str
    candidate_id: str
    metric: str
    decided_at: datetime
    decided_by: str
    reason: str


_KNOWN = """
WITH known AS (
    SELECT model_id, model_id AS candidate_id, recipe, label, cutoff, threshold, object_key, checksum, metrics,
           true AS is_candidate
    FROM models.candidates
    UNION ALL
    SELECT DISTINCT ON (s.model_id) s.model_id, s.candidate_id, s.recipe, s.label, s.model_cutoff, s.threshold,
           s.object_key, s.checksum, c.metrics, false
    FROM models.decisions_in_force AS s
    JOIN models.candidates AS c ON c.model_id = s.candidate_id
    WHERE s.model_id <> s.candidate_id
)
SELECT {columns} FROM known WHERE label = :label ORDER BY cutoff DESC, recipe, model_id
"""


def known_models(connection: Connection, label: Label) -> list[KnownModel]:
    """Every model of a label on record, the newest cutoff first."""
    return select_rows(connection, KnownModel, _KNOWN, label=label)


def find_model(connection: Connection, name: str, label: Label) -> KnownModel:
    """The model whose id is, or begins with, a name.

    Raises:
        ModelError: There is none, or more than one.
    """
    known = known_models(connection, label)
    found = [model for model in known if model.model_id == name] or [
        model for model in known if model.model_id.startswith(name)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ModelError(
            f"There is no model {name!r} for label {label!r}: food-inspections models list --all shows all."
        )
    raise ModelError(f"{name!r} begins {len(found)} models: write out one of {', '.join(m.model_id for m in found)}.")


def decisions(connection: Connection, label: Label, limit: int) -> list[LoggedDecision]:
    """The newest decisions that count, the newest first."""
    query = """
        SELECT {columns}
        FROM models.decisions_in_force
        WHERE label = :label
        ORDER BY selection_id DESC
        LIMIT :limit
    """
    return select_rows(connection, LoggedDecision, query, label=label, limit=limit)


def predecessor(connection: Connection, week: date, label: Label) -> KnownModel:
    """The model that served a week before the present champion was decided on.

    Raises:
        ModelError: Nobody reigns, or nobody reigned before.
    """
    champion = find_champion(connection, week, label)
    if champion is None:
        raise ModelError(f"No model for label {label!r} serves week {week}: there is nothing to roll back.")
    row = connection.execute(
        text(
            """
            SELECT model_id
            FROM models.decisions_in_force
            WHERE label = :label AND effective_week <= :week AND model_cutoff <= :week
              AND selection_id < :selection_id AND model_id <> :model_id
            ORDER BY selection_id DESC
            LIMIT 1
            """
        ),
        {"label": label, "week": week, "selection_id": champion.selection_id, "model_id": champion.model_id},
    ).one_or_none()
    if row is None:
        raise ModelError(f"No model served week {week} before {champion.model_id}: there is nothing to roll back to.")
    return find_model(connection, row.model_id, label)


def decide_by_hand(connection: Connection, model: KnownModel, week: date, decided_by: str, reason: str) -> None:
    """Let a model serve from a week on: one more row in the log, which is never changed.

    Raises:
        ModelError: The model was made after the week's Monday, so it may have seen the week.
    """
    if model.cutoff > week:
        raise ModelError(
            f"{model.model_id} has the cutoff {model.cutoff} and may have seen week {week}: "
            f"let it serve from {model.cutoff} on (--week {model.cutoff})."
        )
    log_selection(
        connection,
        SelectionRow(
            effective_week=week,
            label=model.label,
            model_id=model.model_id,
            candidate_id=model.candidate_id,
            recipe=model.recipe,
            model_cutoff=model.cutoff,
            threshold=model.threshold,
            metric="by hand",
            metrics={model.candidate_id: model.metrics},
            object_key=model.object_key,
            checksum=model.checksum,
            run_id=None,
            decided_by=decided_by,
            reason=reason,
        ),
    )
    if candidates.reference_scores(connection, model.model_id).empty:
        # A candidate serves as it was judged: its validation scores are on its own scale.
        scores = candidates.validation_scores(connection, model.candidate_id)
        candidates.write_reference_scores(connection, model.model_id, scores)


def recent_features(connection: Connection, before: date, weeks: int) -> pd.DataFrame:
    """Feature rows of the newest accepted weeks before a day."""
    found = tables.read_query(
        connection,
        """
        SELECT week
        FROM metadata.accepted_weeks
        WHERE asset = 'inspection_features' AND week < :before
        ORDER BY week DESC
        LIMIT :weeks
        """,
        {"before": before, "weeks": weeks},
    )
    mondays: list[Any] = sorted(day.date() for day in found["week"])
    return tables.read_weeks(connection, "data.inspection_features", mondays)
