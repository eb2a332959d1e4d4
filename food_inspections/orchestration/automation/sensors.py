"""Sensors: what the automation reacts to. Each looks at states, so that none depends on having seen every event."""

import dagster as dg

from food_inspections.orchestration.automation.failures import failures
from food_inspections.orchestration.automation.freshness import freshness
from food_inspections.orchestration.automation.out_of_date import out_of_date
from food_inspections.orchestration.automation.publications import publications
from food_inspections.orchestration.automation.revisions import revisions_sensor
from food_inspections.settings import Settings


def all_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """The sensors of a deployment."""
    wanted = [publications] if settings.publication_webhook_url else []
    return [revisions_sensor(settings), out_of_date, failures, freshness, *wanted]
