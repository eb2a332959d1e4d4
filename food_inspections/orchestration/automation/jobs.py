"""Named jobs: what schedules and sensors launch, and what a person may launch by hand."""

import dagster as dg

from food_inspections.orchestration.automation.freshness import newest_complete_week


def _assets(selection: str) -> dg.AssetSelection:
    """Assets with their checks; the one about the calendar is no matter of a single run."""
    return dg.AssetSelection.from_string(selection) - dg.AssetSelection.checks(newest_complete_week)


# The week's own graph: everything but training, which has its own rhythm.
weekly_pipeline = dg.define_asset_job(
    "weekly_pipeline",
    selection=_assets("group:ingestion or group:preparation or group:prediction or group:monitoring"),
    description="Pull a week and carry it through clean rows, features, predictions, publication and monitoring.",
)
historical_pull = dg.define_asset_job(
    "historical_pull",
    selection=_assets("key:raw_inspections or key:clean_inspections or key:inspection_features"),
    description="Pull a range of weeks at once and prepare them.",
)
# The same without the pull, for weeks that are already prepared.
forecast = dg.define_asset_job(
    "forecast",
    selection=_assets("key:establishment_features or group:prediction or group:monitoring"),
    description="Score and publish prepared weeks and compare them with what was promised.",
)
training = dg.define_asset_job(
    "training",
    selection=_assets("group:training"),
    description="Fit the candidates of a cutoff, select the model that serves from it on, audit it.",
)
publish_queue = dg.define_asset_job(
    "publish_queue",
    selection=_assets("key:establishment_features or key:inspection_queue or key:api_inspection_queue"),
    description="Compute a week's queue from what is known before its Monday and publish it.",
)
refresh_queue = dg.define_asset_job(
    "refresh_queue",
    selection=_assets("key:establishment_features or key:inspection_queue"),
    description="Compute a week's queue from what is known before its Monday, without publishing it.",
)
pull = dg.define_asset_job(
    "pull",
    selection=_assets("key:raw_inspections"),
    description="Pull weeks again; what follows is made only where their content has changed.",
)
daily_pull = dg.define_asset_job(
    "daily_pull",
    selection=_assets("key:raw_inspections or key:clean_inspections"),
    description="Pull what is new of the week under way, so that the coming week's queue knows of it.",
)
# What is missing or out of date is found by food_inspections.planning; the run names the assets it is about.
catch_up = dg.define_asset_job(
    "catch_up",
    selection=_assets("group:ingestion or group:preparation or group:prediction or group:monitoring"),
    description="Make what is missing or out of date; launched for a part of these assets.",
)

ALL_JOBS = [
    weekly_pipeline,
    historical_pull,
    forecast,
    training,
    publish_queue,
    refresh_queue,
    pull,
    daily_pull,
    catch_up,
]
