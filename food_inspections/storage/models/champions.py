"""The log of decisions: which model serves which week.

The rule itself is SQL (``models.champion`` in ``sql/0004_models.sql``), so that the
API, the monitor and the assets cannot disagree about it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from food_inspections.errors import ModelError
from food_inspections.settings import Label
from food_inspections.storage.postgres.rows import insert_rows, select_rows


@dataclass(frozen=True, kw_only=True)
class SelectionRow:
    """A row of ``models.selections``; ``run_id`` is ``None`` for a decision by hand."""

    effective_week: date
    label: Label
    model_id: str
    candidate_id: str
    recipe: str
    model_cutoff: date
    threshold: float
    metric: str
    metrics: Mapping[str, Any]
    object_key: str
    checksum: str
    run_id: str | None
    decided_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Champion(SelectionRow):
    """A selection in force."""

    selection_id: int


def find_champion(connection: Connection, week: date, label: Label) -> Champion | None:
    """The model that serves a week, or ``None`` when nothing was decided before it."""
    query = "SELECT {columns} FROM models.champion(:week, :label)"
    return next(iter(select_rows(connection, Champion, query, week=week, label=label)), None)


class Serving(NamedTuple):
    """A model that serves.

    Attributes:
        model_id: The model.
        effective_week: Monday of the first week of the decision for it.
        profile: Hash of the city's profile when it was learnt, as in the record of its run; ``None`` where that was
            not on record yet.
    """

    model_id: str
    effective_week: date
    profile: str | None


_SERVING = """
SELECT w.week, c.model_id, c.effective_week, m.profile
FROM unnest(CAST(:weeks AS date[])) AS w(week)
CROSS JOIN LATERAL models.champion(w.week, :label) AS c
JOIN models.candidates AS k ON k.model_id = c.candidate_id
LEFT JOIN LATERAL (
    -- A decision by hand has no run of its own: what it chose was learnt in the candidate's.
    SELECT parameters ->> 'profile' AS profile
    FROM metadata.materializations
    WHERE run_id = coalesce(c.run_id, k.run_id)
      AND week = CASE WHEN c.run_id IS NULL THEN k.week ELSE c.effective_week END
    ORDER BY sequence DESC
    LIMIT 1
) AS m ON true
"""


def serving_models(connection: Connection, weeks: Sequence[date], label: Label) -> dict[date, Serving]:
    """Which model serves each week; weeks that none serves are left out."""
    rows = connection.execute(text(_SERVING), {"weeks": list(weeks), "label": label})
    return {row.week: Serving(row.model_id, row.effective_week, row.profile) for row in rows}


def champion_of(connection: Connection, week: date, label: Label) -> Champion:
    """The model that serves a week.

    Raises:
        ModelError: Nothing was decided for the week or before it.
    """
    champion = find_champion(connection, week, label)
    if champion is None:
        raise ModelError(
            f"No model for label {label!r} before {week}: train first with "
            f"`dagster asset materialize -m food_inspections.definitions --select group:training --partition {week}`."
        )
    return champion


def logged_selection(connection: Connection, run_id: str, week: date) -> Champion:
    """The newest decision a run logged for a week, accepted or not."""
    return select_rows(
        connection,
        Champion,
        """
        SELECT {columns}
        FROM models.selections
        WHERE run_id = :run_id AND effective_week = :week
        ORDER BY selection_id DESC
        """,
        run_id=run_id,
        week=week,
    )[0]


def log_selection(connection: Connection, selection: SelectionRow) -> None:
    """Append a decision to the log, on the caller's transaction.

    A step tried again within its run, after its worker died, decides once: it replaces its own row.
    """
    if selection.run_id is not None:
        connection.execute(
            text("DELETE FROM models.selections WHERE run_id = :run_id AND effective_week = :effective_week"),
            {"run_id": selection.run_id, "effective_week": selection.effective_week},
        )
    insert_rows(connection, "models.selections", [selection])
