"""Training: the fairness audit of the selected model."""

from dataclasses import asdict

import dagster as dg
import pandas as pd

from food_inspections.domain.monitoring.disparities import disparities, fairness
from food_inspections.domain.monitoring.fairness import agreed_references, audited_attributes, references_of
from food_inspections.domain.monitoring.fairness import bias_report as audit
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, monday
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="training",
    io_manager="postgres_weeks",
    table="data.bias_report",
    side_tables=["data.disparities", "data.fairness_verdicts"],
    code_version="2",
    deps={selected_model: SAME_WEEK},
)
def bias_report(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Error rates by kind, zip and risk class on the validation weeks, compared with a reference group.

    Every ratio has its interval in ``data.disparities``; what they say together is the verdict.
    """
    week = monday(context.partition_key)
    champion = upstream.champion(selected_model, week)
    scores = upstream.validation_scores(champion)
    attributes, agreed = audited_attributes(upstream.profile), agreed_references(upstream.profile)
    frame = audit(scores, attributes, agreed).assign(
        week=pd.Timestamp(week), model_id=champion.candidate_id, label=champion.label
    )
    named = {"week": pd.Timestamp(week), "model_id": champion.candidate_id}
    table = disparities(scores, references_of(scores, attributes, agreed))
    side_tables = {
        "data.disparities": table.assign(week=pd.Timestamp(week), model_id=champion.candidate_id),
        "data.fairness_verdicts": pd.DataFrame([named | asdict(fairness(table, "flagged"))]),
    }
    facts = {week: {"model_id": champion.candidate_id, "validation_rows": len(scores)}}
    previews.add(context, [week], frame)
    return WeeklyOutput(frame, facts=facts, side_tables=side_tables)
