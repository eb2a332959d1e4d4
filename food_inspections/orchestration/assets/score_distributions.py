"""Monitoring: scores as they were at validation, against the newest ones."""

import dagster as dg
import pandas as pd

from food_inspections.domain.monitoring.distributions import score_histograms
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.models import candidates
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.score_distributions",
    ins={"predictions": dg.AssetIn(partition_mapping=SAME_WEEK)},
    deps=[dg.AssetDep("selected_model", partition_mapping=UP_TO_THE_WEEK)],
)
def score_distributions(
    context: dg.AssetExecutionContext, predictions: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
) -> WeeklyOutput:
    """Histograms of the champion's validation scores and of the week's predictions, overall and by facility type."""
    weeks = mondays(context.partition_keys)
    frames, facts = [], {}
    for week in weeks:
        champion = warehouse.champion(week)
        with warehouse.snapshot() as connection:
            validation = candidates.reference_scores(connection, champion.model_id)
        newest = predictions[predictions["week"] == pd.Timestamp(week)]
        histograms = [score_histograms(validation, "validation"), score_histograms(newest, "predictions")]
        frames.append(pd.concat(histograms).assign(week=pd.Timestamp(week), model_id=champion.model_id))
        facts[week] = {
            "model_id": champion.model_id,
            "scores": {"validation": len(validation), "predictions": len(newest)},
        }
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts)
