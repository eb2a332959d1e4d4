"""Prediction: accepted weeks, published for the API and the monitor."""

import dagster as dg
import pandas as pd

from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import SAME_WEEK
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="prediction",
    io_manager="postgres_weeks",
    table="api.predictions",
    ins={"predictions": dg.AssetIn(partition_mapping=SAME_WEEK)},
)
def api_predictions(predictions: pd.DataFrame) -> WeeklyOutput:
    """Predictions of accepted weeks, published; a rejected week is an error and changes nothing."""
    return WeeklyOutput(predictions)


@weekly_asset(
    group="prediction",
    io_manager="queue_publications",
    table="api.inspection_queue",
    ins={"inspection_queue": dg.AssetIn(partition_mapping=SAME_WEEK)},
)
def api_inspection_queue(inspection_queue: pd.DataFrame) -> WeeklyOutput:
    """Queues of accepted weeks, published; a queue that differs from the published one adds a version."""
    return WeeklyOutput(inspection_queue)
