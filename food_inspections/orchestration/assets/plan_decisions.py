"""Prediction: what people did with the lines of past plans, which no run makes."""

import dagster as dg

from food_inspections.orchestration.io.upstream import TABLE
from food_inspections.orchestration.partitions import WEEKS
from food_inspections.orchestration.policies import OWNER
from food_inspections.orchestration.weekly_asset import column_schema
from food_inspections.storage.records import plan_decisions as records

plan_decisions = dg.AssetsDefinition(
    specs=[
        dg.AssetSpec(
            records.ASSET,
            description=(
                "Decisions on the lines of a week's plan: append-only, by whom and why. Kept by the API and the "
                "monitor, each with a record of its own, so that assets read them like any other."
            ),
            group_name="prediction",
            partitions_def=WEEKS,
            owners=[OWNER],
            kinds={"postgres"},
            code_version=records.CODE_VERSION,
            metadata={
                TABLE: records.TABLE,
                "dagster/column_schema": column_schema(records.TABLE),
            },
        )
    ]
)
