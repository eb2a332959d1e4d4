"""Monitoring: evidently's pictures of what the drift report says, for people who want to look."""

import dagster as dg
import pandas as pd

from food_inspections.domain.monitoring.evidently_page import evidently_html
from food_inspections.orchestration.assets.drift_report import current_inspections, drift_report, reference_inspections
from food_inspections.orchestration.assets.inspection_features import inspection_features
from food_inspections.orchestration.assets.predictions import predictions
from food_inspections.orchestration.assets.selected_model import selected_model
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import (
    SAME_WEEK,
    UP_TO_THE_WEEK,
    WEEKS_IN_DRIFT,
    mondays,
    recent_weeks,
)
from food_inspections.orchestration.weekly_asset import weekly_asset

OBJECT_KEY = "drift_page/newest.html"


@weekly_asset(
    group="reports",
    io_manager="postgres_weeks",
    table="monitoring.drift_pages",
    deps={
        drift_report: SAME_WEEK,
        predictions: recent_weeks(WEEKS_IN_DRIFT),
        inspection_features: UP_TO_THE_WEEK,
        selected_model: UP_TO_THE_WEEK,
    },
)
def drift_page(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Evidently's page of the newest of the weeks, with the report's own verdicts; it replaces an older one.

    Apart from the report, which nobody should wait seconds longer for; a page has a few megabytes, so one is kept.
    """
    week = mondays(context.partition_keys)[-1]
    table = upstream.read(drift_report, weeks=[week])
    if table.empty or week < max(upstream.own_weeks(), default=week):
        return WeeklyOutput(pd.DataFrame(columns=["week", "model_id", "object_key", "row_count"]))
    verdicts = upstream.read(drift_report, weeks=[week], table="monitoring.drift_verdicts")
    champion = upstream.champion(selected_model, week)
    current = current_inspections(upstream, champion, week)
    page = evidently_html(
        table,
        reference_inspections(upstream, champion),
        current,
        upstream.load_model(champion).inputs.numeric,
        is_changed=bool(verdicts["answer"].eq("changed").any()),
    )
    row = {
        "week": [pd.Timestamp(week)],
        "model_id": [champion.model_id],
        "object_key": [OBJECT_KEY],
        "row_count": [len(current)],
    }
    return WeeklyOutput(pd.DataFrame(row), side_objects={OBJECT_KEY: page.encode()})
