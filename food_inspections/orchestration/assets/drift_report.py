"""Monitoring: how far the newest complete weeks lie from what the champion was validated on."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pandas as pd

from food_inspections.domain.inputs import outcome_column
from food_inspections.domain.learning.explanations import importance
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.monitoring import retraining
from food_inspections.domain.monitoring.drift import drift_table, evidently_html
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import UP_TO_THE_WEEK, WEEKS_IN_DRIFT, monday, recent_weeks
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.models import candidates
from food_inspections.storage.models.champions import Champion
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse

REPORT_KEY = "drift_report/newest.html"
HISTORY_WEEKS = retraining.HISTORY_WEEKS + retraining.YOUNG_WEEKS


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.drift",
    deps=[
        dg.AssetDep("predictions", partition_mapping=recent_weeks(WEEKS_IN_DRIFT)),
        dg.AssetDep("inspection_features", partition_mapping=recent_weeks(WEEKS_IN_DRIFT)),
        dg.AssetDep("selected_model", partition_mapping=UP_TO_THE_WEEK),
    ],
    code_version="2",
)
def drift_report(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> WeeklyOutput:
    """Score, feature and outcome drift of the last four weeks, with evidently's page for the newest week.

    The table of moves goes to ``monitoring.moves``; what the rules of retraining look at is
    kept in the week's record.
    """
    weeks = [monday(key) for key in sorted(context.partition_keys)]
    frames, moves, facts = [], [], {}
    for week in weeks:
        champion = warehouse.champion(week)
        model = warehouse.load_model(champion.object_key, champion.checksum)
        reference, current = _reference(warehouse, champion), _current(warehouse, champion, week)
        numeric, categorical = model.inputs.numeric, model.inputs.categorical
        table = drift_table(reference, current, numeric, categorical)
        frames.append(table.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        moves.append(retraining.moves(reference, current, numeric).assign(week=pd.Timestamp(week)))
        facts[week] = {
            "model_id": champion.model_id,
            "html_key": None,
            "watch": _watch(warehouse, champion, model, reference, current).as_json(),
        }
        if week == weeks[-1] and len(reference) and len(current) and _is_newest(warehouse, week):
            page = evidently_html(reference, current, numeric, categorical)
            warehouse.objects.put(REPORT_KEY, page.encode())
            facts[week]["html_key"] = REPORT_KEY
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts, {"monitoring.moves": _concat(moves)})


def _reference(warehouse: Warehouse, champion: Champion) -> pd.DataFrame:
    """The champion's validation inspections: scores and outcomes as stored, features as they are now."""
    with warehouse.snapshot() as connection:
        scores = candidates.reference_scores(connection, champion.model_id)
    weeks = sorted({day.date() - timedelta(days=day.weekday()) for day in scores["inspection_date"]})
    rows = warehouse.read_table("inspection_features", "data.inspection_features", weeks).frame
    return rows.merge(scores[["inspection_id", "score", "outcome"]], on="inspection_id", how="inner")


def _current(warehouse: Warehouse, champion: Champion, week: date) -> pd.DataFrame:
    """The predicted inspections of the last four weeks up to the given one, with what was found."""
    weeks = [week - timedelta(weeks=ago) for ago in range(WEEKS_IN_DRIFT)]
    rows = warehouse.read_table("inspection_features", "data.inspection_features", weeks).frame
    scores = warehouse.read_table(
        "predictions", "data.predictions", weeks, [week], columns=["week", "inspection_id", "score", "model_id"]
    ).frame
    merged = rows.merge(scores[["inspection_id", "score", "model_id"]], on="inspection_id", how="inner")
    return merged.assign(outcome=merged[outcome_column(champion.label)])


def _watch(
    warehouse: Warehouse, champion: Champion, model: FittedModel, reference: pd.DataFrame, current: pd.DataFrame
) -> retraining.Watch:
    """What decides on retraining: the weeks this model has scored itself, against its validation weeks."""
    own = current[current["model_id"] == champion.model_id]
    reference, own = (retraining.with_steady_scores(model, reference, frame) for frame in (reference, own))
    important = retraining.important_features(
        importance(model, reference)["feature"].tolist() if len(reference) else []
    )
    numeric = model.inputs.numeric
    history = pd.DataFrame()
    if own["week"].nunique() == WEEKS_IN_DRIFT:
        last = champion.model_cutoff
        weeks = [last - timedelta(weeks=ago) for ago in range(1, HISTORY_WEEKS + 1)]
        rows = warehouse.read_table("inspection_features", "data.inspection_features", weeks).frame
        history = retraining.with_steady_scores(model, reference, rows)
    movements = retraining.own_movements(history, important, numeric)
    return retraining.watch(reference, own, movements, important, numeric)


def _is_newest(warehouse: Warehouse, week: date) -> bool:
    """Whether no later week has a report: a repeated earlier one must not replace its page."""
    with warehouse.snapshot() as connection:
        return all(row.week <= week for row in records.accepted_weeks(connection, "drift_report"))


def _concat(frames: Sequence[pd.DataFrame]) -> Any:
    """All rows; frames without any do not decide on the types."""
    return pd.concat([frame for frame in frames if len(frame)] or list(frames[:1]), ignore_index=True)
