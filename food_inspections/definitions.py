"""What Dagster loads: ``dagster ... -m food_inspections.definitions``."""

from food_inspections.orchestration.build import build_defs

defs = build_defs()
