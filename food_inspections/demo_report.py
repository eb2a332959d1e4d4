"""What a demo ends with: the forecast itself, how good it is, and where to look."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from food_inspections.domain.evaluation.metrics import evaluate, scored_from

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from food_inspections.storage.warehouse import Warehouse

PLACES = 5
REASONS = 2
"""Reasons shown of a place: the first two that raise its score."""

_COUNTED = ("data.clean_inspections", "data.predictions", "api.inspection_queue", "test.check_results")
_TOP = """
SELECT rank, score, dba_name, address, last_visit, reasons, count(*) OVER () AS ranked,
       count(*) FILTER (WHERE is_on_list) OVER () AS listed
FROM api.inspection_queue WHERE week = :week ORDER BY rank LIMIT :places
"""
_PREDICTED = """
SELECT p.inspection_id, p.inspection_date, p.score, p.label, f.is_failure::int AS outcome
FROM data.predictions AS p JOIN data.clean_inspections AS f USING (week, inspection_id)
WHERE f.is_first_look ORDER BY inspection_date, length(inspection_id), inspection_id
"""
_SHOWN = "SELECT rank, score, dba_name, address, last_visit FROM api.inspection_queue ORDER BY week DESC, rank LIMIT 5"


def summary(warehouse: "Warehouse", truth: Path | None, newest: "date", coming: "date") -> Iterator[str]:
    """The demo's last lines.

    Args:
        warehouse: What was made.
        truth: File with the probability behind each visit, which only the sample city knows; ``None`` of a real one.
        newest: Monday of the newest complete week.
        coming: Monday of the week whose queue is shown.
    """
    with warehouse.snapshot() as connection:
        yield ""
        yield from _top_places(connection, coming)
        yield ""
        yield from _quality(connection, truth)
        yield ""
        yield from _contents(connection)
    champion = warehouse.champion(newest)
    yield f"Champion {champion.model_id}: {champion.reason}"
    yield f"Home: {warehouse.settings.home}"
    yield ""
    yield from _where_to_look(warehouse.settings)


def _top_places(connection: "Connection", week: "date") -> Iterator[str]:
    from food_inspections.storage.postgres import tables  # noqa: PLC0415 - imports SQLAlchemy

    places = tables.read_query(connection, _TOP, {"week": week, "places": PLACES})
    ranked, listed = (int(places[name].iloc[0]) for name in ("ranked", "listed"))
    yield f"Whom to visit first in the week of {week}, of {ranked:,} places ranked and {listed} on the list:"
    for place in places.to_dict("records"):
        reasons = [reason["text"] for reason in place["reasons"] if reason["effect"] > 0][:REASONS]
        why = "; ".join(reasons) or "nothing speaks for it in particular"
        yield f"  {place['rank']}. {place['dba_name']}, {place['address']}: {place['score']:.0%} likely to fail"
        yield f"     {why} (last visit {place['last_visit']:%Y-%m-%d})"


def _quality(connection: "Connection", truth: Path | None) -> Iterator[str]:
    """How good the forecast is; of a sample city, beside the best possible."""
    from food_inspections.storage.postgres import tables  # noqa: PLC0415 - imports SQLAlchemy

    predicted = tables.read_query(connection, _PREDICTED)
    scores = evaluate(scored_from(predicted))
    ceiling = ""
    if truth is not None:
        hidden = pd.read_csv(truth, dtype={"inspection_id": str})[["inspection_id", "probability"]]
        known = predicted.merge(hidden, on="inspection_id")
        best = evaluate(scored_from(known.assign(score=known["probability"])))
        ceiling = f"; knowing the city's hidden state itself gives {best['roc_auc']:.3f}"
    yield f"How good that is, on {len(predicted)} first looks of the last weeks, none of them seen when fitting:"
    yield f"  AUC {scores['roc_auc']:.3f}{ceiling}"
    yield f"  first half of the work finds {scores['first_half']:.0%} of the failures"
    yield f"  failures found {scores['days_earlier']:.1f} days earlier on average"


def _contents(connection: "Connection") -> Iterator[str]:
    from food_inspections.storage.postgres import tables  # noqa: PLC0415 - imports SQLAlchemy

    counts = {
        name: tables.read_query(connection, f"SELECT count(*) AS n FROM {name}")["n"].iloc[0]  # noqa: S608 - constants
        for name in _COUNTED
    }
    yield "Rows: " + ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _where_to_look(settings: Any) -> Iterator[str]:
    command = sys.argv[0] if Path(sys.argv[0]).name == "food-inspections" else "food-inspections"
    yield f"Open everything:    {command} up"
    yield f"  the list and its map      {settings.monitor_url}/queue"
    yield f"  does the forecast hold    {settings.monitor_url}/"
    yield f"  the list for programs     {settings.api_url}/docs"
    yield f"  what ran, and its checks  {settings.dagster_url}/"
    yield f"Query the tables:   {command} db query '{_SHOWN}'"
