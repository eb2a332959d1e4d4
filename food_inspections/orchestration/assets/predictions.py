"""Prediction: the score each inspection had on the morning of the visit."""

import dagster as dg
import pandas as pd

from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.assets.inspection_features import inspection_features
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.scoring import score_week
from food_inspections.orchestration.weekly_asset import weekly_asset

KEYS = ("week", "inspection_id", "inspection_date", "establishment_id")


@weekly_asset(
    group="prediction",
    io_manager="postgres_weeks",
    table="data.predictions",
    deps={inspection_features: SAME_WEEK, clean_inspections: SAME_WEEK, selected_model: UP_TO_THE_WEEK},
    settings=["wording"],
    code_version="3",
)
def predictions(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Score, label and reasons of every inspection that took place, by the champion of its week."""
    weeks = mondays(context.partition_keys)
    features = upstream.read(inspection_features)
    names = upstream.read(clean_inspections, ["week", "inspection_id", "dba_name", "address"])
    described = features.merge(names, on=["week", "inspection_id"], how="left", validate="one_to_one")
    frames, facts = [], {}
    for week in weeks:
        champion = upstream.champion(selected_model, week)
        rows = described[described["week"] == pd.Timestamp(week)]
        scored = score_week(champion, upstream.load_model(champion), rows, upstream.profile.wording)
        frames.append(scored.scored_rows([*KEYS, "dba_name", "address", "zip", "facility_type", "risk"]))
        facts[week] = {"model_id": champion.model_id}
    frame = pd.concat(frames, ignore_index=True)
    previews.add_scores(context, weeks, frame)
    return WeeklyOutput(frame, facts=facts)
