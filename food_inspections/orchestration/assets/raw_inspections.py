"""Ingestion: what the portal publishes of some weeks, as it gives it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pandas as pd

from food_inspections.domain.weeks import monday_of
from food_inspections.orchestration.io.outputs import PulledOutput
from food_inspections.orchestration.partitions import mondays
from food_inspections.orchestration.same_portal import require_same_inspections, require_same_portal
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.portal.client import PortalClient
from food_inspections.storage.records import pulls
from food_inspections.storage.warehouse import Warehouse


@weekly_asset(group="ingestion", io_manager="parquet_weeks")
def raw_inspections(
    context: dg.AssetExecutionContext,
    portal: dg.ResourceParam[PortalClient],
    warehouse: dg.ResourceParam[Warehouse],
) -> PulledOutput:
    """Inspections as the city's portal publishes them, every value as text.

    A range of weeks is one historical pull; a single week is a consecutive pull. Where the
    date of an inspection was corrected into these weeks, the week it lay in is pulled with
    them, so that it leaves the one in the commit that brings it to the other.
    """
    settings, weeks = warehouse.settings, mondays(context.partition_keys)
    kind: pulls.Kind = "historical" if len(weeks) > 1 else "consecutive"
    context.log.info(f"{kind} pull of {len(weeks)} weeks from {weeks[0]} on, from {settings.portal_url}")
    require_same_portal(warehouse, settings.portal_url, settings.dataset)
    require_same_inspections(warehouse, portal)
    frame = _fetch(portal, weeks[0], weeks[-1], _log_progress(context))
    moved: dict[date, set[date]] = {}
    frames, asked = [frame], set(weeks)
    while origins := _origins(warehouse, portal.columns.ids(frames[-1]), frames[-1]["week"]):
        for week, destinations in origins.items():
            moved[week] = moved.get(week, set()) | destinations
        left = {week: destinations for week, destinations in origins.items() if week not in asked}
        if not left:
            break
        for week, destinations in left.items():
            context.log.info(f"Inspections of week {week} have moved to {_named(destinations)}: pulling it as well")
        frames.append(pd.concat([_fetch(portal, week, week, None) for week in left], ignore_index=True))
        asked |= set(left)
    everything, together = pd.concat(frames, ignore_index=True), sorted(asked)
    days = portal.columns.days(everything)
    pulled = pulls.describe(everything, days, together, kind, settings.portal_url, settings.dataset)
    facts = {week.week: week.facts | _moves(week.week, moved) for week in pulled}
    further = sorted(asked - set(weeks))
    for week in further:
        context.log_event(dg.AssetMaterialization(context.asset_key, partition=str(week)))
    return PulledOutput(everything, facts=facts, further_weeks=further, pulled=pulled)


def _fetch(portal: PortalClient, first: date, last: date, on_progress: Any) -> pd.DataFrame:
    frame = portal.fetch(first, last + timedelta(days=6), on_progress)
    frame.insert(0, "week", monday_of(portal.columns.days(frame)))
    return frame


def _origins(warehouse: Warehouse, ids: pd.Series, weeks: pd.Series) -> dict[date, set[date]]:
    """The weeks that inspections lay in before, and for each the weeks they lie in now."""
    place = dict(zip(ids, weeks.dt.date, strict=True))
    with warehouse.snapshot() as connection:
        before = pulls.weeks_before(connection, {name: week for name, week in place.items() if isinstance(name, str)})
    return {week: {place[name] for name in names} for week, names in before.items()}


def _moves(week: date, moved: dict[date, set[date]]) -> dict[str, Any]:
    """The weeks this one exchanged inspections with, so that what follows is committed together as well."""
    others = moved.get(week, set()) | {origin for origin, destinations in moved.items() if week in destinations}
    return {"moved_with": [str(other) for other in sorted(others)]} if others else {}


def _named(weeks: Sequence[date] | set[date]) -> str:
    return ", ".join(str(week) for week in sorted(weeks))


def _log_progress(context: dg.AssetExecutionContext) -> Any:
    def log(rows: int, total: int) -> None:
        context.log.info(f"{rows:,} of {total:,} inspections received")

    return log
