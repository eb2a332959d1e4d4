"""The four jobs that schedules and sensors launch, and that a person may launch as well.

``pull`` and ``publish`` touch the world outside, ``training`` has its own rhythm, and ``refresh`` is all that
follows from what the store holds.
"""

import dagster as dg

from food_inspections.orchestration.automation.freshness import ALL_CHECKS


def _assets(selection: str) -> dg.AssetSelection:
    """Assets with their checks; those about the calendar are no matter of a single run."""
    return dg.AssetSelection.from_string(selection) - dg.AssetSelection.checks(*ALL_CHECKS)


pull = dg.define_asset_job(
    "pull",
    selection=_assets("key:raw_inspections"),
    description="Pull weeks from the portal; what follows is made only where their content has changed.",
)
refresh = dg.define_asset_job(
    "refresh",
    selection=_assets("group:preparation or group:prediction or group:monitoring or group:reports")
    - _assets("key:api_inspection_queue or key:inspection_plan"),
    description="Clean rows, features, forecasts and their monitoring; launched for what is missing or out of date.",
)
training = dg.define_asset_job(
    "training",
    selection=_assets("group:training"),
    description="Fit the candidates of a cutoff, select the model that serves from it on, audit it.",
)
publish = dg.define_asset_job(
    "publish",
    selection=_assets(
        "key:establishment_features or key:inspection_queue or key:api_inspection_queue or key:inspection_plan"
    ),
    description="Make a week's queue from what is known before its Monday, publish it, and plan who visits whom.",
)

ALL_JOBS = [pull, refresh, training, publish]
