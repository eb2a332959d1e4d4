"""Puts the definitions together; ``definitions.py`` only calls it."""

from typing import Any

import dagster as dg

from food_inspections.orchestration.assets import ALL_ASSETS, MADE_BY_PEOPLE
from food_inspections.orchestration.automation import freshness
from food_inspections.orchestration.automation.jobs import ALL_JOBS
from food_inspections.orchestration.automation.schedules import ALL_SCHEDULES
from food_inspections.orchestration.automation.sensors import all_sensors
from food_inspections.orchestration.checks import ALL_SUITES
from food_inspections.orchestration.checks.suite import build_checks
from food_inspections.orchestration.instance.executors import executor_for
from food_inspections.orchestration.links import with_links
from food_inspections.orchestration.policies import with_freshness
from food_inspections.orchestration.resources import default_resources
from food_inspections.settings import Settings


def build_defs(settings: Settings | None = None, resources: dict[str, Any] | None = None) -> dg.Definitions:
    """All definitions of the deployment.

    Args:
        settings: Settings to use; those of the environment by default.
        resources: Resources to put in place of the default ones, by key.
    """
    known = settings or Settings.from_environment()
    return dg.Definitions(
        assets=dg.map_asset_specs(lambda spec: with_links(with_freshness(spec), known), [*ALL_ASSETS, *MADE_BY_PEOPLE]),
        asset_checks=[*build_checks(ALL_SUITES, ALL_ASSETS), *freshness.ALL_CHECKS],
        jobs=ALL_JOBS,
        schedules=ALL_SCHEDULES,
        sensors=all_sensors(known),
        resources=default_resources(known) | (resources or {}),
        executor=executor_for(known),
    )
