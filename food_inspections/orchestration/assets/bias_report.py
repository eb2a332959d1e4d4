"""Training: the fairness audit of the selected model."""

import dagster as dg
import pandas as pd

from food_inspections.domain.monitoring.fairness import bias_report as audit
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import SAME_WEEK, monday
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.storage.models import candidates
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(
    group="training",
    io_manager="postgres_weeks",
    table="data.bias_report",
    deps=[dg.AssetDep("selected_model", partition_mapping=SAME_WEEK)],
)
def bias_report(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> WeeklyOutput:
    """Error rates by facility type, zip and risk on the validation weeks, compared with a reference group."""
    week = monday(context.partition_key)
    champion = warehouse.champion(week)
    with warehouse.snapshot() as connection:
        scores = candidates.validation_scores(connection, champion.candidate_id)
    frame = audit(scores).assign(week=pd.Timestamp(week), model_id=champion.candidate_id, label=champion.label)
    facts = {week: {"model_id": champion.candidate_id, "validation_rows": len(scores)}}
    previews.add(context, [week], frame, facts)
    return WeeklyOutput(frame, facts)
