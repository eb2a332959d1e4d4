"""All of Dagster: partitions, assets, checks, IO managers, resources, jobs.

Nothing below this package imports Dagster; nothing here computes what belongs to
:mod:`food_inspections.domain`.
"""

import warnings

import dagster as dg

from food_inspections.orchestration.instance.launch_refusals import say_refusals_in_a_sentence

# Single-run backfills, partitioned checks and dagster-pandas carry a beta or preview mark in
# this minor version, which pyproject.toml therefore pins; at each start they would be pages of warnings.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

# Before any module of this package reads the settings: what is wrong there is said in a sentence, too.
say_refusals_in_a_sentence()
