"""Preparation: what was known of each inspection on the morning of the visit."""

import dagster as dg
import pandas as pd

from food_inspections.domain import features
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="preparation",
    io_manager="postgres_weeks",
    table="data.inspection_features",
    deps={clean_inspections: UP_TO_THE_WEEK},
    settings=["knowledge_lag_days", "profile"],
)
def inspection_features(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Features of every inspection, from inspections on earlier days only, and what was then found.

    Earlier weeks are read as history; the labels are kept beside the features, never among them.
    """
    weeks, lag_days = mondays(context.partition_keys), upstream.settings.knowledge_lag_days
    # In a single week's run the checks, and the features of establishments, are made from the same history.
    history = upstream.read(clean_inspections, ["week", *features.HISTORY_COLUMNS], is_kept=len(weeks) == 1)
    visits = history[history["week"].isin([pd.Timestamp(week) for week in weeks])]
    frame = features.build_features(visits, history, upstream.profile, lag_days)
    facts = {week: {"knowledge_lag_days": lag_days} for week in weeks}
    previews.add(context, weeks, frame)
    return WeeklyOutput(frame, facts=facts)
