"""Monitoring: scores as they were at validation, against the newest ones."""

import dagster as dg
import pandas as pd

from food_inspections.domain.monitoring.distributions import score_histograms
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.score_distributions",
    deps={predictions: SAME_WEEK, selected_model: UP_TO_THE_WEEK},
)
def score_distributions(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Histograms of the champion's validation scores and of the week's predictions, overall and by facility type."""
    weeks = mondays(context.partition_keys)
    scores = upstream.read(predictions)
    frames, facts = [], {}
    for week in weeks:
        champion = upstream.champion(selected_model, week)
        validation = upstream.reference_scores(champion)
        newest = scores[scores["week"] == pd.Timestamp(week)]
        histograms = [score_histograms(validation, "validation"), score_histograms(newest, "predictions")]
        frames.append(pd.concat(histograms).assign(week=pd.Timestamp(week), model_id=champion.model_id))
        facts[week] = {
            "model_id": champion.model_id,
            "scores": {"validation": len(validation), "predictions": len(newest)},
        }
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame)
    return WeeklyOutput(frame, facts=facts)
