"""All of Dagster: partitions, assets, checks, IO managers, resources, jobs.

Nothing below this package imports Dagster; nothing here computes what belongs to
:mod:`food_inspections.domain`.
"""
