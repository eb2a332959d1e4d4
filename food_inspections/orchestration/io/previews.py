"""What people look at on an asset: a preview or plot in single-week runs."""

import base64
from collections.abc import Sequence
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd

from food_inspections.domain import plots
from food_inspections.domain.evaluation.metrics import scored_from
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.selection import Winner
from food_inspections.domain.learning.training import Candidate
from food_inspections.domain.visit_order import in_visit_order

PREVIEW_ROWS = 10
PREVIEW_COLUMNS = 12
PREVIEW_FIRST = ("week", "rank", "score", "label", "dba_name", "address", "inspection_date", "last_visit")
"""What a person looks for; the other columns follow in the table's order."""


def add(context: dg.AssetExecutionContext, weeks: Sequence[date], frame: pd.DataFrame) -> None:
    """Attach a preview where the run is a single week; facts and row counts come with the writing."""
    if len(weeks) == 1 and len(frame):
        context.add_asset_metadata({"preview": _table(frame)}, partition_key=str(weeks[0]))


def add_scores(context: dg.AssetExecutionContext, weeks: Sequence[date], frame: pd.DataFrame) -> None:
    """The same, with a histogram of the scores."""
    add(context, weeks, frame)
    if len(weeks) == 1 and len(frame):
        picture = _image(plots.score_counts(frame["score"].to_numpy(), float(frame["threshold"].iloc[0])))
        context.add_asset_metadata({"scores": picture}, partition_key=str(weeks[0]))


def add_candidate(context: dg.AssetExecutionContext, week: date, candidate: Candidate) -> None:
    """Attach metrics beside the base rate's, and the calibration curve on the validation weeks."""
    metadata: dict[str, Any] = {name: value for name, value in candidate.metrics.items() if value is not None}
    metadata |= {
        "base_rate": candidate.baseline_metrics["base_rate"],
        "validation_rows": candidate.validate_rows,
        "calibration": _image(plots.calibration_curve(scored_from(candidate.validation_scores))),
    }
    context.add_asset_metadata(metadata, partition_key=str(week))


def add_selection(context: dg.AssetExecutionContext, week: date, winner: Winner, pictures: dict[str, bytes]) -> None:
    """Attach who won and why, and what the winner goes by."""
    metadata: dict[str, Any] = {
        "winner": winner.model_id,
        "reason": winner.reason,
        winner.metric: winner.value,
        "contenders": winner.metrics,
    }
    context.add_asset_metadata(
        metadata | {name: _image(content) for name, content in pictures.items()}, partition_key=str(week)
    )


def importance_plots(model: FittedModel, features: pd.DataFrame) -> dict[str, bytes]:
    """Global importance and beeswarm of a model on its newest inspections, as PNG bytes by name."""
    newest = in_visit_order(features).tail(plots.BEESWARM_ROWS)
    return {"importance": plots.importance_plot(model, newest), "beeswarm": plots.beeswarm(model, newest)}


def _image(content: bytes) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(f"![plot](data:image/png;base64,{base64.b64encode(content).decode()})")


def _table(frame: pd.DataFrame) -> dg.TableMetadataValue:
    first = [name for name in PREVIEW_FIRST if name in frame.columns]
    columns = [*first, *(name for name in frame.columns if name not in first)][:PREVIEW_COLUMNS]
    shown = frame[columns].head(PREVIEW_ROWS).astype(str)
    records = [dg.TableRecord(dict(zip(shown.columns, row, strict=True))) for row in shown.itertuples(index=False)]
    return dg.MetadataValue.table(records)
