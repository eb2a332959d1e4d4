"""Ingestion: what the portal publishes of some weeks, as it gives it."""

from datetime import timedelta
from typing import Any

import dagster as dg
import pandas as pd

from food_inspections.domain.weeks import monday_of
from food_inspections.orchestration.outputs import WeeklyOutput
from food_inspections.orchestration.partitions import mondays
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.portal.client import PortalClient
from food_inspections.storage import pulls
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(group="ingestion", io_manager="parquet_weeks")
def raw_inspections(
    context: dg.AssetExecutionContext,
    portal: dg.ResourceParam[PortalClient],
    warehouse: dg.ResourceParam[Warehouse],
) -> WeeklyOutput:
    """Inspections as the city's portal publishes them, every value as text.

    A range of weeks is one historical pull; a single week is a consecutive pull.
    """
    settings, weeks = warehouse.settings, mondays(context.partition_keys)
    kind: pulls.Kind = "historical" if len(weeks) > 1 else "consecutive"
    context.log.info(f"{kind} pull of {len(weeks)} weeks from {weeks[0]} on, from {settings.portal_url}")
    frame = portal.fetch(weeks[0], weeks[-1] + timedelta(days=6), _log_progress(context))
    frame.insert(0, "week", monday_of(pd.to_datetime(frame["inspection_date"].str.slice(0, 10))))
    pulled = pulls.describe(frame, weeks, kind, settings.portal_url, settings.dataset)
    with warehouse.transaction() as connection:
        pulls.write(connection, context.run_id, pulled)
    return WeeklyOutput(frame, {week.week: week.facts for week in pulled})


def _log_progress(context: dg.AssetExecutionContext) -> Any:
    def log(rows: int, total: int) -> None:
        context.log.info(f"{rows:,} of {total:,} inspections received")

    return log
