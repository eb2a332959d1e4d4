"""Prediction: whom to visit first in a week, from what was known before its Monday."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pandas as pd

from food_inspections.domain.decisions import is_gone
from food_inspections.domain.queue import rank_queue, weekly_capacity
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.assets.establishment_features import establishment_features
from food_inspections.orchestration.assets.plan_decisions import plan_decisions
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import BEFORE_THE_WEEK, SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.scoring import score_week
from food_inspections.orchestration.weekly_asset import weekly_asset

CAPACITY_WEEKS = 8


@weekly_asset(
    group="prediction",
    io_manager="postgres_weeks",
    table="data.inspection_queue",
    deps={
        establishment_features: SAME_WEEK,
        clean_inspections: BEFORE_THE_WEEK,
        plan_decisions: BEFORE_THE_WEEK,
        selected_model: UP_TO_THE_WEEK,
    },
    settings=["weekly_capacity", "random_share", "wording"],
    code_version="3",
)
def inspection_queue(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Every establishment in business, ranked; the top of the ranking and a random draw are the week's list.

    A place that inspectors found closed or not at its address is left out until the portal shows a visit to it.
    """
    weeks = mondays(context.partition_keys)
    features = upstream.read(establishment_features)
    decisions = upstream.read(
        plan_decisions, ["decision_id", "establishment_id", "decision", "planned_day", "decided_at"]
    )
    frames, facts = [], {}
    for week in weeks:
        champion = upstream.champion(selected_model, week)
        places = features[features["week"] == pd.Timestamp(week)]
        gone = is_gone(places, decisions, week, ZoneInfo(upstream.profile.city.time_zone))
        scored = score_week(champion, upstream.load_model(champion), places[~gone], upstream.profile.wording)
        capacity, share = _capacity(upstream, week), upstream.settings.random_share
        frames.append(rank_queue(scored.rows, scored.scores, week=week, capacity=capacity, random_share=share))
        facts[week] = {
            "model_id": champion.model_id,
            "capacity": capacity,
            "random_share": share,
            "found_gone": list(places.loc[gone, "establishment_id"]),
        }
    frame = pd.concat(frames, ignore_index=True)
    previews.add_scores(context, weeks, frame)
    return WeeklyOutput(frame, facts=facts)


def _capacity(upstream: Upstream, week: date) -> int:
    """The capacity set, or the median visits of the last eight complete weeks."""
    if upstream.settings.weekly_capacity is not None:
        return upstream.settings.weekly_capacity
    before = [week - timedelta(weeks=ago) for ago in range(1, CAPACITY_WEEKS + 1)]
    visits, accepted = upstream.read_weeks(clean_inspections, ["week"], weeks=before)
    counts = visits["week"].value_counts()
    return weekly_capacity([int(counts.get(pd.Timestamp(complete), 0)) for complete in accepted])
