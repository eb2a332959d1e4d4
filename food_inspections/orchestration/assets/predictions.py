"""Prediction: the score each inspection had on the morning of the visit."""

import dagster as dg
import pandas as pd

from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.scoring import score_week
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.warehouse import Warehouse

KEYS = ("week", "inspection_id", "inspection_date", "establishment_id")


@weekly_asset(
    group="prediction",
    io_manager="postgres_weeks",
    table="data.predictions",
    ins={"inspection_features": dg.AssetIn(partition_mapping=SAME_WEEK)},
    deps=[
        dg.AssetDep("selected_model", partition_mapping=UP_TO_THE_WEEK),
        dg.AssetDep("clean_inspections", partition_mapping=SAME_WEEK),
    ],
)
def predictions(
    context: dg.AssetExecutionContext, inspection_features: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
) -> WeeklyOutput:
    """Score, label and reasons of every inspection that took place, by the champion of its week."""
    weeks = mondays(context.partition_keys)
    names = warehouse.read_table(
        "clean_inspections", "data.clean_inspections", weeks, weeks, ["week", "inspection_id", "dba_name", "address"]
    ).frame
    described = inspection_features.merge(names, on=["week", "inspection_id"], how="left", validate="one_to_one")
    scored = {week: score_week(warehouse, described[described["week"] == pd.Timestamp(week)], week) for week in weeks}
    columns = [*KEYS, "dba_name", "address", "zip", "facility_type", "risk"]
    frame = pd.concat([week.scored_rows(columns) for week in scored.values()], ignore_index=True)
    facts = {week: {"model_id": result.champion.model_id} for week, result in scored.items()}
    previews.add_scores(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts)
