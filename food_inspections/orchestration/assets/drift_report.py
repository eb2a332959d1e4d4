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
from food_inspections.domain.weeks import monday_of
from food_inspections.orchestration.assets.inspection_features import inspection_features
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import UP_TO_THE_WEEK, WEEKS_IN_DRIFT, mondays, recent_weeks
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.models.champions import Champion

REPORT_KEY = "drift_report/newest.html"
HISTORY_WEEKS = retraining.HISTORY_WEEKS + retraining.YOUNG_WEEKS


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.drift",
    side_tables=["monitoring.moves"],
    # Of the features also the champion's validation weeks and its history, however old the champion is.
    deps={
        predictions: recent_weeks(WEEKS_IN_DRIFT),
        inspection_features: UP_TO_THE_WEEK,
        selected_model: UP_TO_THE_WEEK,
    },
    code_version="2",
)
def drift_report(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Score, feature and outcome drift of the last four weeks, with evidently's page for the newest week.

    The table of moves goes to ``monitoring.moves``; what the rules of retraining look at is
    kept in the week's record.
    """
    weeks = mondays(context.partition_keys)
    frames, moves, facts, pages = [], [], {}, {}
    for week in weeks:
        champion = upstream.champion(selected_model, week)
        model = upstream.load_model(champion)
        reference, current = _reference(upstream, champion), _current(upstream, champion, week)
        numeric, categorical = model.inputs.numeric, model.inputs.categorical
        table = drift_table(reference, current, numeric, categorical)
        frames.append(table.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        moves.append(retraining.moves(reference, current, numeric).assign(week=pd.Timestamp(week)))
        facts[week] = {
            "model_id": champion.model_id,
            "html_key": None,
            "watch": _watch(upstream, champion, model, reference, current).as_json(),
        }
        if week == weeks[-1] and len(reference) and len(current) and week >= max(upstream.own_weeks(), default=week):
            page = evidently_html(table, reference, current, numeric, categorical)
            pages[REPORT_KEY] = page.encode()
            facts[week]["html_key"] = REPORT_KEY
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts=facts, side_tables={"monitoring.moves": _concat(moves)}, side_objects=pages)


def _reference(upstream: Upstream, champion: Champion) -> pd.DataFrame:
    """The champion's validation inspections: scores and outcomes as stored, features as they are now."""
    scores = upstream.reference_scores(champion)
    weeks = sorted({monday_of(day.date()) for day in scores["inspection_date"]})
    rows = upstream.read(inspection_features, weeks=weeks)
    return rows.merge(scores[["inspection_id", "score", "outcome"]], on="inspection_id", how="inner")


def _current(upstream: Upstream, champion: Champion, week: date) -> pd.DataFrame:
    """The predicted inspections of the last four weeks up to the given one, with what was found."""
    weeks = [week - timedelta(weeks=ago) for ago in range(WEEKS_IN_DRIFT)]
    rows = upstream.read(inspection_features, weeks=weeks)
    scores = upstream.read(predictions, ["week", "inspection_id", "score", "model_id"], weeks=weeks, required=[week])
    merged = rows.merge(scores[["inspection_id", "score", "model_id"]], on="inspection_id", how="inner")
    return merged.assign(outcome=merged[outcome_column(champion.label)])


def _watch(
    upstream: Upstream, champion: Champion, model: FittedModel, reference: pd.DataFrame, current: pd.DataFrame
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
        rows = upstream.read(inspection_features, weeks=weeks)
        history = retraining.with_steady_scores(model, reference, rows)
    movements = retraining.own_movements(history, important, numeric)
    return retraining.watch(reference, own, movements, important, numeric)


def _concat(frames: Sequence[pd.DataFrame]) -> Any:
    """All rows; frames without any do not decide on the types."""
    return pd.concat([frame for frame in frames if len(frame)] or list(frames[:1]), ignore_index=True)
