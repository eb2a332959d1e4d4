"""Fitted candidates with their validation scores: ``models.candidates`` and ``models.validation_scores``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.errors import ModelError
from food_inspections.settings import Label
from food_inspections.storage.postgres import tables
from food_inspections.storage.postgres.rows import insert_rows, select_rows


@dataclass(frozen=True)
class CandidateRow:
    """A row of ``models.candidates``."""

    model_id: str
    week: date
    run_id: str
    recipe: str
    label: Label
    cutoff: date
    fit_from: date
    calibrate_from: date
    validate_from: date
    fit_rows: int
    calibrate_rows: int
    validate_rows: int
    threshold: float
    parameters: Mapping[str, Any]
    seed: int
    metrics: Mapping[str, Any]
    baseline_metrics: Mapping[str, Any]
    feature_columns: Sequence[str]
    library_versions: Mapping[str, str]
    object_key: str
    checksum: str


def write_candidate(connection: Connection, row: CandidateRow, validation_scores: pd.DataFrame) -> None:
    """Store a candidate and its validation scores; the same model fitted again replaces itself.

    Args:
        connection: Transaction to write on.
        row: The candidate.
        validation_scores: Columns of ``models.validation_scores`` but ``model_id``.
    """
    renewed = ", ".join(f"{field.name} = excluded.{field.name}" for field in fields(row) if field.name != "model_id")
    insert_rows(connection, "models.candidates", [row], f"ON CONFLICT (model_id) DO UPDATE SET {renewed}")
    connection.execute(text("DELETE FROM models.validation_scores WHERE model_id = :id"), {"id": row.model_id})
    tables.append_rows(connection, "models.validation_scores", validation_scores.assign(model_id=row.model_id))


def accepted_candidates(connection: Connection, week: date, label: Label) -> list[CandidateRow]:
    """Candidates of a cutoff whose asset's record in force is accepted, ordered by model id."""
    return select_rows(
        connection,
        CandidateRow,
        """
        SELECT {columns}
        FROM models.candidates
        WHERE week = :week AND label = :label AND EXISTS (
            SELECT FROM metadata.accepted_weeks AS a
            WHERE a.asset = recipe || '_model' AND a.week = candidates.week AND a.content_hash = checksum
        )
        ORDER BY model_id
        """,
        week=week,
        label=label,
    )


def candidate(connection: Connection, model_id: str) -> CandidateRow:
    """One candidate by id.

    Raises:
        ModelError: It is not on record.
    """
    query = "SELECT {columns} FROM models.candidates WHERE model_id = :id"
    rows = select_rows(connection, CandidateRow, query, id=model_id)
    if not rows:
        raise ModelError(f"The candidate {model_id} is not on record.")
    return rows[0]


def candidate_by_checksum(connection: Connection, checksum: str) -> CandidateRow:
    """One candidate by the checksum of its file, which is on record."""
    query = "SELECT {columns} FROM models.candidates WHERE checksum = :checksum"
    return select_rows(connection, CandidateRow, query, checksum=checksum)[0]


def validation_scores(connection: Connection, model_id: str) -> pd.DataFrame:
    """The validation scores of a candidate, ordered by inspection."""
    return _scores(connection, "models.validation_scores", model_id)


def reference_scores(connection: Connection, model_id: str) -> pd.DataFrame:
    """What the scores of a serving model are compared with, ordered by inspection."""
    return _scores(connection, "models.reference_scores", model_id)


def write_reference_scores(connection: Connection, model_id: str, scores: pd.DataFrame) -> None:
    """Store the reference of a serving model; the same model selected again replaces its own."""
    connection.execute(text("DELETE FROM models.reference_scores WHERE model_id = :id"), {"id": model_id})
    tables.append_rows(connection, "models.reference_scores", scores.assign(model_id=model_id))


def _scores(connection: Connection, table: str, model_id: str) -> pd.DataFrame:
    return tables.read_query(
        connection,
        f"""
        SELECT inspection_id, inspection_date, establishment_id, facility_type, zip, risk, score, label, outcome
        FROM {table}
        WHERE model_id = :id
        ORDER BY length(inspection_id), inspection_id COLLATE "C"
        """,  # noqa: S608 - one of two constants
        {"id": model_id},
    )
