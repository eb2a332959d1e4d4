"""Fitted candidates with their validation scores: ``models.candidates`` and ``models.validation_scores``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.settings import Label
from food_inspections.storage.postgres import tables


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


_NAMES = tuple(CandidateRow.__dataclass_fields__)
_JSON = ("parameters", "metrics", "baseline_metrics", "feature_columns", "library_versions")


def write_candidate(connection: Connection, row: CandidateRow, validation_scores: pd.DataFrame) -> None:
    """Store a candidate and its validation scores; the same model fitted again replaces itself.

    Args:
        connection: Transaction to write on.
        row: The candidate.
        validation_scores: Columns of ``models.validation_scores`` but ``model_id``.
    """
    values = {name: json.dumps(getattr(row, name)) if name in _JSON else getattr(row, name) for name in _NAMES}
    placeholders = ", ".join(f"CAST(:{name} AS jsonb)" if name in _JSON else f":{name}" for name in _NAMES)
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _NAMES if name != "model_id")
    connection.execute(
        text(
            f"INSERT INTO models.candidates ({', '.join(_NAMES)}) VALUES ({placeholders}) "  # noqa: S608 - constant names
            f"ON CONFLICT (model_id) DO UPDATE SET {renewed}"
        ),
        values,
    )
    connection.execute(text("DELETE FROM models.validation_scores WHERE model_id = :id"), {"id": row.model_id})
    tables.append_rows(connection, "models.validation_scores", validation_scores.assign(model_id=row.model_id))


def accepted_candidates(connection: Connection, week: date, label: Label) -> list[CandidateRow]:
    """Candidates of a cutoff whose asset's record in force is accepted, ordered by model id."""
    columns = ", ".join(f"c.{name}" for name in _NAMES)
    rows = connection.execute(
        text(
            f"SELECT {columns} FROM models.candidates AS c "  # noqa: S608 - constant names
            "JOIN metadata.accepted_weeks AS a ON a.asset = c.recipe || '_model' AND a.week = c.week "
            "AND a.content_hash = c.checksum "
            "WHERE c.week = :week AND c.label = :label ORDER BY c.model_id"
        ),
        {"week": week, "label": label},
    )
    return [CandidateRow(**row._mapping) for row in rows]


def candidate(connection: Connection, model_id: str) -> CandidateRow:
    """One candidate by id."""
    row = connection.execute(
        text(f"SELECT {', '.join(_NAMES)} FROM models.candidates WHERE model_id = :id"),  # noqa: S608 - constant names
        {"id": model_id},
    ).one()
    return CandidateRow(**row._mapping)


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
        "SELECT inspection_id, inspection_date, establishment_id, facility_type, zip, risk, score, label, outcome "  # noqa: S608 - constants
        f'FROM {table} WHERE model_id = :id ORDER BY length(inspection_id), inspection_id COLLATE "C"',
        {"id": model_id},
    )


def candidate_by_checksum(connection: Connection, checksum: str) -> CandidateRow:
    """One candidate by the checksum of its file."""
    row = connection.execute(
        text(f"SELECT {', '.join(_NAMES)} FROM models.candidates WHERE checksum = :checksum"),  # noqa: S608 - constant
        {"checksum": checksum},
    ).one()
    return CandidateRow(**row._mapping)
