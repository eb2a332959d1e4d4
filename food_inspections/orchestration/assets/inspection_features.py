"""Preparation: what was known of each inspection on the morning of the visit."""

import dagster as dg
import pandas as pd

from food_inspections.domain import features
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(
    group="preparation",
    io_manager="postgres_weeks",
    table="data.inspection_features",
    ins={
        "clean_inspections": dg.AssetIn(
            partition_mapping=UP_TO_THE_WEEK, metadata={"columns": ["week", *features.HISTORY_COLUMNS]}
        )
    },
)
def inspection_features(
    context: dg.AssetExecutionContext, clean_inspections: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
) -> WeeklyOutput:
    """Features of every inspection, from inspections on earlier days only, and what was then found.

    Earlier weeks are read as history; the labels are kept beside the features, never among them.
    """
    weeks = mondays(context.partition_keys)
    visits = clean_inspections[clean_inspections["week"].isin([pd.Timestamp(week) for week in weeks])]
    lag_days = warehouse.settings.knowledge_lag_days
    frame = features.build_features(visits, clean_inspections, lag_days)
    facts = {week: {"knowledge_lag_days": lag_days} for week in weeks}
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts)
