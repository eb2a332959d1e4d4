"""Monitoring: how far the newest complete weeks lie from what the champion was validated on."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pandas as pd

from food_inspections.domain.inputs import outcome_column
from food_inspections.domain.learning.explanations import importance
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.monitoring import movements, retraining
from food_inspections.domain.monitoring.drift import SCORE, Drift, Watched, measure, with_steady_scores
from food_inspections.domain.monitoring.verdicts import verdict_table
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

HISTORY_WEEKS = movements.HISTORY_WEEKS + movements.YOUNG_WEEKS


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.drift",
    side_tables=["monitoring.distributions", "monitoring.drift_verdicts", "monitoring.moves"],
    # Of the features also the champion's validation weeks and its history, however old the champion is.
    deps={
        predictions: recent_weeks(WEEKS_IN_DRIFT),
        inspection_features: UP_TO_THE_WEEK,
        selected_model: UP_TO_THE_WEEK,
    },
    code_version="3",
)
def drift_report(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Whether scores, outcomes and features of the last weeks moved.

    The answers go to ``monitoring.drift_verdicts`` and into the week's record, where the rules of retraining read them.
    """
    weeks = mondays(context.partition_keys)
    frames, distributions, verdicts, moves, facts = [], [], [], [], {}
    for week in weeks:
        champion = upstream.champion(selected_model, week)
        model = upstream.load_model(champion)
        reference, current = reference_inspections(upstream, champion), current_inspections(upstream, champion, week)
        drift = _measured(upstream, champion, model, reference, current)
        frames.append(drift.table.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        distributions.append(drift.distributions.assign(week=pd.Timestamp(week)))
        answers = verdict_table(drift.verdicts, drift.reference, drift.current)
        verdicts.append(answers.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        moves.append(retraining.moves(reference, current, model.inputs.numeric).assign(week=pd.Timestamp(week)))
        seen = retraining.Seen.of(drift.weeks, drift.current.rows, drift.verdicts)
        facts[week] = {"model_id": champion.model_id, "seen": seen.as_json()}
    frame = _concat(frames)
    previews.add(context, weeks, frame)
    side_tables = {
        "monitoring.distributions": _concat(distributions),
        "monitoring.drift_verdicts": _concat(verdicts),
        "monitoring.moves": _concat(moves),
    }
    return WeeklyOutput(frame, facts=facts, side_tables=side_tables)


def reference_inspections(upstream: Upstream, champion: Champion) -> pd.DataFrame:
    """The champion's validation inspections: scores and outcomes as stored, features as they are now."""
    scores = upstream.reference_scores(champion)
    weeks = sorted({monday_of(day.date()) for day in scores["inspection_date"]})
    rows = upstream.read(inspection_features, weeks=weeks)
    return rows.merge(scores[["inspection_id", "score", "outcome"]], on="inspection_id", how="inner")


def current_inspections(upstream: Upstream, champion: Champion, week: date) -> pd.DataFrame:
    """The inspections of the last four weeks that this champion has scored, with what was found."""
    weeks = [week - timedelta(weeks=ago) for ago in range(WEEKS_IN_DRIFT)]
    rows = upstream.read(inspection_features, weeks=weeks)
    scores = upstream.read(predictions, ["week", "inspection_id", "score", "model_id"], weeks=weeks, required=[week])
    own = scores[scores["model_id"] == champion.model_id]
    merged = rows.merge(own[["inspection_id", "score"]], on="inspection_id", how="inner")
    return merged.assign(outcome=merged[outcome_column(champion.label)])


def _measured(
    upstream: Upstream, champion: Champion, model: FittedModel, reference: pd.DataFrame, current: pd.DataFrame
) -> Drift:
    """The answers, on the model's own history before its cutoff."""
    if reference.empty or current.empty:
        before, after = (frame.assign(**{SCORE: frame["score"]}) for frame in (reference, current))
        return measure(before, after, pd.DataFrame(), Watched(model.inputs.numeric, {}))
    weeks = [champion.model_cutoff - timedelta(weeks=ago) for ago in range(1, HISTORY_WEEKS + 1)]
    history = upstream.read(inspection_features, weeks=weeks)
    before, after, past = (with_steady_scores(model, reference, frame) for frame in (reference, current, history))
    ranked = importance(model, reference)
    watched = Watched(model.inputs.numeric, dict(zip(ranked["feature"], ranked["share"], strict=True)))
    return measure(before, after, past, watched)


def _concat(frames: Sequence[pd.DataFrame]) -> Any:
    """All rows; frames without any do not decide on the types."""
    return pd.concat([frame for frame in frames if len(frame)] or list(frames[:1]), ignore_index=True)
