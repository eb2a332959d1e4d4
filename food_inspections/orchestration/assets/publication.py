"""Prediction: accepted weeks, published for the API and the monitor."""

from food_inspections.orchestration.assets.inspection_queue import inspection_queue
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="prediction",
    io_manager="postgres_weeks",
    table="api.predictions",
    deps={predictions: SAME_WEEK},
    published_from=predictions,
)
def api_predictions(upstream: Upstream) -> WeeklyOutput:
    """Predictions of accepted weeks, published; a rejected week is an error and changes nothing."""
    return WeeklyOutput(upstream.read(predictions))


@weekly_asset(
    group="prediction",
    io_manager="queue_publications",
    table="api.inspection_queue",
    deps={inspection_queue: SAME_WEEK},
    published_from=inspection_queue,
)
def api_inspection_queue(upstream: Upstream) -> WeeklyOutput:
    """Queues of accepted weeks, published; a queue that differs from the published one adds a version."""
    return WeeklyOutput(upstream.read(inspection_queue))
