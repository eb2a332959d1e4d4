"""Monitoring: how far the newest complete weeks lie from what the champion was validated on."""

from datetime import date, timedelta

import dagster as dg
import pandas as pd

from food_inspections.domain.drift import drift_table, evidently_html
from food_inspections.domain.inputs import outcome_column
from food_inspections.orchestration import previews
from food_inspections.orchestration.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import UP_TO_THE_WEEK, WEEKS_IN_DRIFT, monday, recent_weeks
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage import candidates
from food_inspections.storage.champions import Champion
from food_inspections.storage.warehouse import Warehouse

REPORT_KEY = "drift_report/newest.html"


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.drift",
    deps=[
        dg.AssetDep("predictions", partition_mapping=recent_weeks(WEEKS_IN_DRIFT)),
        dg.AssetDep("inspection_features", partition_mapping=recent_weeks(WEEKS_IN_DRIFT)),
        dg.AssetDep("selected_model", partition_mapping=UP_TO_THE_WEEK),
    ],
)
def drift_report(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> WeeklyOutput:
    """Score, feature and outcome drift of the last four weeks, with evidently's page for the newest week."""
    weeks = [monday(key) for key in sorted(context.partition_keys)]
    frames, facts = [], {}
    for week in weeks:
        champion = warehouse.champion(week)
        model = warehouse.load_model(champion.object_key, champion.checksum)
        reference, current = _reference(warehouse, champion), _current(warehouse, champion, week)
        numeric, categorical = model.inputs.numeric, model.inputs.categorical
        table = drift_table(reference, current, numeric, categorical)
        frames.append(table.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        facts[week] = {"model_id": champion.model_id, "html_key": None}
        if week == weeks[-1] and len(reference) and len(current):
            page = evidently_html(reference, current, numeric, categorical)
            warehouse.objects.put(REPORT_KEY, page.encode())
            facts[week]["html_key"] = REPORT_KEY
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts)


def _reference(warehouse: Warehouse, champion: Champion) -> pd.DataFrame:
    """The champion's validation inspections: scores and outcomes as stored, features as they are now."""
    with warehouse.snapshot() as connection:
        scores = candidates.reference_scores(connection, champion.model_id)
    weeks = sorted({day.date() - timedelta(days=day.weekday()) for day in scores["inspection_date"]})
    rows = warehouse.read_table("inspection_features", "data.inspection_features", weeks).frame
    return rows.merge(scores[["inspection_id", "score", "outcome"]], on="inspection_id", how="inner")


def _current(warehouse: Warehouse, champion: Champion, week: date) -> pd.DataFrame:
    """The predicted inspections of the last four weeks up to the given one, with what was found."""
    weeks = [week - timedelta(weeks=ago) for ago in range(WEEKS_IN_DRIFT)]
    rows = warehouse.read_table("inspection_features", "data.inspection_features", weeks).frame
    scores = warehouse.read_table(
        "predictions", "data.predictions", weeks, [week], columns=["week", "inspection_id", "score"]
    ).frame
    merged = rows.merge(scores[["inspection_id", "score"]], on="inspection_id", how="inner")
    return merged.assign(outcome=merged[outcome_column(champion.label)])
