"""Prediction: whom to visit first in a week, from what was known before its Monday."""

from datetime import date, timedelta

import dagster as dg
import pandas as pd

from food_inspections.domain.queue import rank_queue, weekly_capacity
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.scoring import score_week
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.warehouse import Warehouse

CAPACITY_WEEKS = 8


@weekly_asset(
    group="prediction",
    io_manager="postgres_weeks",
    table="data.inspection_queue",
    ins={"establishment_features": dg.AssetIn(partition_mapping=SAME_WEEK)},
    deps=[
        dg.AssetDep("selected_model", partition_mapping=UP_TO_THE_WEEK),
        dg.AssetDep("clean_inspections", partition_mapping=BEFORE_THE_WEEK),
    ],
)
def inspection_queue(
    context: dg.AssetExecutionContext, establishment_features: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
) -> WeeklyOutput:
    """Every establishment in business, ranked; the top of the ranking and a random draw are the week's list."""
    weeks = mondays(context.partition_keys)
    frames, facts = [], {}
    for week in weeks:
        rows = establishment_features[establishment_features["week"] == pd.Timestamp(week)]
        scored = score_week(warehouse, rows, week)
        capacity = _capacity(warehouse, week)
        queue = rank_queue(
            scored.rows,
            scored.scores,
            week=week,
            capacity=capacity,
            random_share=warehouse.settings.random_share,
        )
        frames.append(queue)
        facts[week] = {
            "model_id": scored.champion.model_id,
            "capacity": capacity,
            "random_share": warehouse.settings.random_share,
        }
    frame = pd.concat(frames, ignore_index=True)
    previews.add_scores(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts)


def _capacity(warehouse: Warehouse, week: date) -> int:
    """The capacity set, or the median visits of the last eight complete weeks."""
    if warehouse.settings.weekly_capacity is not None:
        return warehouse.settings.weekly_capacity
    before = [week - timedelta(weeks=ago) for ago in range(1, CAPACITY_WEEKS + 1)]
    visits = warehouse.read_table("clean_inspections", "data.clean_inspections", before, columns=["week"])
    counts = visits.frame["week"].value_counts()
    return weekly_capacity([int(counts.get(pd.Timestamp(read), 0)) for read in visits.weeks])
