"""What Dagster loads: ``dagster ... -m food_inspections.definitions``."""

from food_inspections.orchestration.instance.launch_refusals import say_refusals_in_a_sentence

say_refusals_in_a_sentence()

# Importing it reads the settings, and what is wrong there is said in a sentence by now.
from food_inspections.orchestration.build import build_defs  # noqa: E402

defs = build_defs()
