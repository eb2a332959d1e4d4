"""Preparation: what is known on a Monday of every establishment in business."""

import dagster as dg
import pandas as pd

from food_inspections.domain import features
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="preparation",
    io_manager="postgres_weeks",
    table="data.establishment_features",
    deps={clean_inspections: BEFORE_THE_WEEK},
    settings=["knowledge_lag_days", "profile"],
)
def establishment_features(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Features every establishment in business would have as a scheduled first look on the week's Monday.

    In business: visited in the last three years and not found closed since.
    """
    weeks, lag_days = mondays(context.partition_keys), upstream.settings.knowledge_lag_days
    history = upstream.read(clean_inspections, ["week", *features.HISTORY_COLUMNS], is_kept=len(weeks) == 1)
    closures = upstream.read(clean_inspections, table="data.closures")
    frames = [
        features.build_establishment_features(history, closures, week, upstream.profile, lag_days) for week in weeks
    ]
    frame = pd.concat(frames, ignore_index=True)
    facts = {week: {"knowledge_lag_days": lag_days} for week in weeks}
    previews.add(context, weeks, frame)
    return WeeklyOutput(frame, facts=facts)
