"""Puts the definitions together; ``definitions.py`` only calls it."""

import warnings
from collections.abc import Sequence
from typing import Any

import dagster as dg

# Single-run backfills and partitioned checks are what this graph is built on; both carry a
# beta or preview mark in this minor version, which pyproject.toml therefore pins.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

from food_inspections.orchestration.assets import ALL_ASSETS  # noqa: E402 - after the filters
from food_inspections.orchestration.checks import ALL_SUITES  # noqa: E402
from food_inspections.orchestration.checks.suite import build_checks  # noqa: E402
from food_inspections.orchestration.executors import executor_for  # noqa: E402
from food_inspections.orchestration.io_managers import (  # noqa: E402
    PulledWeeksIOManager,
    QueuePublisher,
    TableIOManager,
)
from food_inspections.orchestration.jobs import ALL_JOBS  # noqa: E402
from food_inspections.orchestration.model_io_managers import CandidateIOManager, SelectionIOManager  # noqa: E402
from food_inspections.portal.client import PortalClient  # noqa: E402
from food_inspections.settings import Settings  # noqa: E402
from food_inspections.storage.warehouse import Warehouse  # noqa: E402


def build_defs(
    settings: Settings | None = None,
    resources: dict[str, Any] | None = None,
    schedules: Sequence[dg.ScheduleDefinition] = (),
    sensors: Sequence[dg.SensorDefinition] = (),
) -> dg.Definitions:
    """All definitions of the deployment.

    Args:
        settings: Settings to use; those of the environment by default.
        resources: Resources to put in place of the default ones, by key.
        schedules: Schedules to include.
        sensors: Sensors to include.
    """
    known = settings or Settings.from_environment()
    return dg.Definitions(
        assets=ALL_ASSETS,
        asset_checks=build_checks(ALL_SUITES),
        jobs=ALL_JOBS,
        schedules=schedules,
        sensors=sensors,
        resources=default_resources(known) | (resources or {}),
        executor=executor_for(known),
    )


def default_resources(settings: Settings) -> dict[str, Any]:
    """The resources of a deployment: nothing connects before it is used."""
    warehouse = Warehouse(settings)
    return {
        "warehouse": warehouse,
        "portal": PortalClient.from_settings(settings),
        "parquet_weeks": PulledWeeksIOManager(warehouse),
        "postgres_weeks": TableIOManager(warehouse),
        "queue_publications": QueuePublisher(warehouse),
        "candidates": CandidateIOManager(warehouse),
        "selections": SelectionIOManager(warehouse),
    }
