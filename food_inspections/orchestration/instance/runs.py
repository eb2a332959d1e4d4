"""Dagster's own records of runs and backfills, where a backfill is what a person chose."""

from typing import Any

from dagster_postgres import PostgresRunStorage

from food_inspections.orchestration.instance.backfills import as_chosen
from food_inspections.orchestration.partitions import CALENDAR


class Runs(PostgresRunStorage):
    """Dagster's own, but for backfills that are asked for."""

    def add_backfill(self, partition_backfill: Any) -> None:
        """Store a backfill, cut to the chosen weeks.

        Raises:
            DataError: Some of it could not be made; the message says what to choose instead.
        """
        # The assets take seconds to import, which only a backfill has to wait for.
        from food_inspections.orchestration.automation.store import asset_graph  # noqa: PLC0415

        super().add_backfill(as_chosen(partition_backfill, asset_graph(), CALENDAR.today()))
