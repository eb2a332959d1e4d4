"""Monitoring: what the published queue was worth, once the week's results were in."""

import dagster as dg
import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.domain.monitoring.performance import Promise, promised, realised
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import SAME_WEEK, UP_TO_THE_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.models import candidates
from food_inspections.storage.postgres import tables
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(
    group="monitoring",
    io_manager="postgres_weeks",
    table="monitoring.performance",
    code_version="2",
    ins={"predictions": dg.AssetIn(partition_mapping=SAME_WEEK)},
    deps=[
        dg.AssetDep("clean_inspections", partition_mapping=SAME_WEEK),
        dg.AssetDep("api_inspection_queue", partition_mapping=SAME_WEEK),
        dg.AssetDep("selected_model", partition_mapping=UP_TO_THE_WEEK),
    ],
)
def queue_performance(
    context: dg.AssetExecutionContext, predictions: pd.DataFrame, warehouse: dg.ResourceParam[Warehouse]
) -> WeeklyOutput:
    """The first published queue, its random share, the predictions and the promise, joined to what was found.

    The first version counts, whatever was published later; the coverage is stated.
    """
    weeks = mondays(context.partition_keys)
    label = "is_failure" if warehouse.settings.label == "fail" else "is_critical"
    columns = ["week", "inspection_id", "inspection_date", "establishment_id", label]
    visits = warehouse.read_table("clean_inspections", "data.clean_inspections", weeks, weeks, columns).frame
    visits = visits.rename(columns={label: "outcome"}).astype({"outcome": "int64"})
    frames, facts = [], {}
    promises: dict[str, Promise] = {}
    for week in weeks:
        champion = warehouse.champion(week)
        with warehouse.snapshot() as connection:
            queue = _first_published(connection, week)
            if champion.candidate_id not in promises:
                scores = candidates.validation_scores(connection, champion.candidate_id)
                promises[champion.candidate_id] = promised(scores)
        rows = realised(
            visits[visits["week"] == pd.Timestamp(week)],
            queue=queue,
            predictions=predictions[predictions["week"] == pd.Timestamp(week)],
            promise=promises[champion.candidate_id],
        )
        frames.append(rows.assign(week=pd.Timestamp(week), model_id=champion.model_id))
        facts[week] = {"model_id": champion.model_id, "is_queue_published": queue is not None}
    frame = pd.concat(frames, ignore_index=True)
    previews.add(context, weeks, frame, facts)
    return WeeklyOutput(frame, facts)


def _first_published(connection: Connection, week: object) -> pd.DataFrame | None:
    version = connection.execute(
        text("SELECT min(version) FROM api.published_queues WHERE week = :week"), {"week": week}
    ).scalar_one()
    if version is None:
        return None
    return tables.read_query(
        connection,
        "SELECT establishment_id, score, label, is_on_list, is_random_draw FROM api.inspection_queue "
        "WHERE week = :week AND version = :version ORDER BY rank",
        {"week": week, "version": version},
    )
