"""Monitoring: what the published queue was worth, once the week's results were in."""

import dagster as dg
import pandas as pd

from food_inspections.domain.monitoring.performance import Promise, promised, realised
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.assets.publication import api_inspection_queue
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.performance",
    code_version="2",
    deps={
        predictions: SAME_WEEK,
        clean_inspections: SAME_WEEK,
        api_inspection_queue: SAME_WEEK,
        selected_model: UP_TO_THE_WEEK,
    },
)
def queue_performance(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """The first published queue, its random share, the predictions and the promise, joined to what was found.

    The first version counts, whatever was published later; the coverage is stated.
    """
    weeks = mondays(context.partition_keys)
    label = "is_failure" if upstream.settings.label == "fail" else "is_critical"
    scores = upstream.read(predictions)
    visits = upstream.read(clean_inspections, ["week", "inspection_id", "inspection_date", "establishment_id", label])
    visits = visits.rename(columns={label: "outcome"}).astype({"outcome": "int64"})
    frames, facts = [], {}
    promises: dict[str, Promise] = {}
    for week in weeks:
        champion = upstream.champion(selected_model, week)
        queue = upstream.first_published(api_inspection_queue, week)
        if champion.candidate_id not in promises:
            promises[champion.candidate_id] = promised(upstream.validation_scores(champion))
        rows = realised(
            visits[visits["week"] == pd.Timestamp(week)],
            queue=queue,
            predictions=scores[scores["week"] == pd.Timestamp(week)],
            promise=promises[champion.candidate_id],
        )
        frames.append(rows.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        facts[week] = {"model_id": champion.model_id, "is_queue_published": queue is not None}
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts=facts)
