"""Dagster's own records of runs and backfills, where a backfill is what a person chose."""

from datetime import date
from typing import Any

from dagster_postgres import PostgresRunStorage

from food_inspections.orchestration.instance.backfills import as_chosen
from food_inspections.orchestration.partitions import CALENDAR, WEEKS
from food_inspections.settings import Settings
from food_inspections.storage.records.planning_state import load_state
from food_inspections.storage.warehouse import Warehouse


class Runs(PostgresRunStorage):
    """Dagster's own, but for backfills that are asked for."""

    def add_backfill(self, partition_backfill: Any) -> None:
        """Store a backfill, cut to the chosen weeks.

        Raises:
            DataError: Some of it could not be made; the message says what to choose instead.
        """
        # The assets take seconds to import, which only a backfill has to wait for.
        from food_inspections.orchestration.automation.store import asset_graph  # noqa: PLC0415

        settings = Settings.from_environment()
        asked = [date.fromisoformat(key) for key in WEEKS.get_partition_keys()]
        with Warehouse(settings).snapshot() as connection:
            state = load_state(connection, settings, asset_graph(), CALENDAR.today(), asked)
        super().add_backfill(as_chosen(partition_backfill, state))
