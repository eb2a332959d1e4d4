"""Preparation: inspections of establishments in business, after the cleaning rules."""

from datetime import date
from typing import Any

import dagster as dg
import pandas as pd

from food_inspections.domain.inspections.cleaning import Cleaned, clean
from food_inspections.orchestration.assets.raw_inspections import raw_inspections
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, mondays
from food_inspections.orchestration.weekly_asset import weekly_asset


@weekly_asset(
    group="preparation",
    io_manager="postgres_weeks",
    table="data.clean_inspections",
    side_tables=["data.closures"],
    deps={raw_inspections: SAME_WEEK},
    settings=["profile"],
)
def clean_inspections(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """Inspections of establishments in business: complete, normalised, violations by severity and topic.

    Rows that are left out are counted per reason; closures are kept in ``data.closures``.
    """
    weeks = mondays(context.partition_keys)
    raw = upstream.read(raw_inspections)
    cleaned = clean(raw, upstream.profile)
    facts = _facts(raw, cleaned, weeks)
    previews.add(context, weeks, cleaned.inspections)
    return WeeklyOutput(cleaned.inspections, facts=facts, side_tables={"data.closures": cleaned.closures})


def _facts(raw: pd.DataFrame, cleaned: Cleaned, weeks: list[date]) -> dict[date, dict[str, Any]]:
    rows_in = raw.groupby("week").size() if len(raw) else pd.Series(dtype="int64")
    kept = cleaned.kept.set_index("week")["row_count"]
    reasons = {
        stamp: dict(zip(rows["reason"], rows["row_count"].astype(int), strict=True))
        for stamp, rows in cleaned.dropped.groupby("week")
    }
    unmapped = {stamp: _by_column(rows) for stamp, rows in cleaned.unmapped.groupby("week")}
    return {
        week: {
            "rows_in": int(rows_in.get(pd.Timestamp(week), 0)),
            "rows_kept": int(kept.get(pd.Timestamp(week), 0)),
            "dropped": {reason: count for reason, count in reasons.get(pd.Timestamp(week), {}).items() if count},
            "unmapped": unmapped.get(pd.Timestamp(week), {}),
        }
        for week in weeks
    }


def _by_column(unmapped: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Values that became ``other``, the most frequent first, by column."""
    ordered = unmapped.sort_values(["row_count", "value"], ascending=[False, True])
    return {
        str(column): dict(zip(rows["value"], rows["row_count"].astype(int), strict=True))
        for column, rows in ordered.groupby("column")
    }
