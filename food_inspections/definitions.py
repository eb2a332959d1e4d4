"""What Dagster loads: ``dagster ... -m food_inspections.definitions``."""

from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.instance.launch_refusals import say_refusals_in_a_sentence

say_refusals_in_a_sentence()
defs = build_defs()
