"""Preparation: what is known on a Monday of every establishment in business."""

from datetime import timedelta

import dagster as dg
import pandas as pd

from food_inspections.domain import features
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(
    group="preparation",
    io_manager="postgres_weeks",
    table="data.establishment_features",
    ins={
        "clean_inspections": dg.AssetIn(
            partition_mapping=BEFORE_THE_WEEK, metadata={"columns": ["week", *features.HISTORY_COLUMNS]}
        )
    },
)
def establishment_features(
    context: dg.AssetExecutionContext, clean_inspections: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
) -> WeeklyOutput:
    """Features every establishment in business would have as a canvass on the week's Monday.

    In business: visited in the last three years and not found closed since.
    """
    weeks = mondays(context.partition_keys)
    lag_days = warehouse.settings.knowledge_lag_days
    closures = warehouse.read_up_to("clean_inspections", "data.closures", weeks[-1] - timedelta(weeks=1)).frame
    frames = [features.build_establishment_features(clean_inspections, closures, week, lag_days) for week in weeks]
    frame = pd.concat(frames, ignore_index=True)
    facts = {week: {"knowledge_lag_days": lag_days} for week in weeks}
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts)
