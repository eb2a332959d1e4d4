"""The log of decisions: which model serves which week.

The rule itself is SQL (``models.champion`` in ``sql/0004_models.sql``), so that the
API, the monitor and the assets cannot disagree about it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from food_inspections.errors import ModelError
from food_inspections.settings import Label


@dataclass(frozen=True)
class Champion:
    """A decision in force, as in ``models.selections``."""

    selection_id: int
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
    reason: str


@dataclass(frozen=True)
class Selection:
    """A decision to be logged; ``run_id`` is ``None`` for a decision by hand."""

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


_COLUMNS = ", ".join(Champion.__dataclass_fields__)


def find_champion(connection: Connection, week: date, label: Label) -> Champion | None:
    """The model that serves a week, or ``None`` when nothing was decided before it."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM models.champion(:week, :label)"),  # noqa: S608 - a constant list of columns
        {"week": week, "label": label},
    ).one_or_none()
    return None if row is None else Champion(**row._mapping)


def champions(connection: Connection, weeks: Sequence[date], label: Label) -> dict[date, Champion]:
    """The model that serves each week; weeks that none serves are left out."""
    rows = connection.execute(
        text(
            f"SELECT w.week, {', '.join(f'c.{name}' for name in Champion.__dataclass_fields__)} "  # noqa: S608 - constant
            "FROM unnest(CAST(:weeks AS date[])) AS w(week) CROSS JOIN LATERAL models.champion(w.week, :label) AS c"
        ),
        {"weeks": list(weeks), "label": label},
    )
    return {row.week: Champion(**{name: getattr(row, name) for name in Champion.__dataclass_fields__}) for row in rows}


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
    row = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM models.selections "  # noqa: S608 - a constant list of columns
            "WHERE run_id = :run_id AND effective_week = :week ORDER BY selection_id DESC LIMIT 1"
        ),
        {"run_id": run_id, "week": week},
    ).one()
    return Champion(**row._mapping)


def log_selection(connection: Connection, selection: Selection) -> None:
    """Append a decision to the log, on the caller's transaction.

    A step tried again within its run, after its worker died, decides once: it replaces its own row.
    """
    if selection.run_id is not None:
        connection.execute(
            text("DELETE FROM models.selections WHERE run_id = :run_id AND effective_week = :effective_week"),
            {"run_id": selection.run_id, "effective_week": selection.effective_week},
        )
    names = list(Selection.__dataclass_fields__)
    values = {name: getattr(selection, name) for name in names} | {"metrics": json.dumps(dict(selection.metrics))}
    connection.execute(
        text(
            f"INSERT INTO models.selections ({', '.join(names)}) "  # noqa: S608 - a constant list of columns
            f"VALUES ({', '.join(f'CAST(:{name} AS jsonb)' if name == 'metrics' else f':{name}' for name in names)})"
        ),
        values,
    )
