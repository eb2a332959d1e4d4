"""Dagster's event log, which knows what process executes a run and takes from killed ones what they held.

Nothing of Dagster's own does this for a run from a bare shell: docs/operations.md has what was measured without it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import dagster as dg
from dagster_postgres import PostgresEventLogStorage
from dagster_shared.serdes import serialize_value
from sqlalchemy import column, text
from sqlalchemy.exc import DBAPIError

from food_inspections import worker
from food_inspections.errors import StorageError
from food_inspections.last_words import last_words
from food_inspections.storage.postgres.turns import LONGEST_WAIT_SECONDS

_ANNOUNCE = text(
    """
    INSERT INTO asset_check_executions (
        asset_key, check_name, partition, run_id, execution_status,
        evaluation_event, evaluation_event_timestamp, evaluation_event_storage_id
    )
    SELECT
        :asset_key, :check_name, week, :run_id, 'PLANNED',
        :event, to_timestamp(:timestamp) AT TIME ZONE 'UTC', :event_id
    FROM unnest(CAST(:weeks AS text[])) AS week
    """
)


class EventLog(PostgresEventLogStorage):
    """Dagster's own, without the slots that killed runs would keep for ever."""

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store an event; the start of a run also says on the run which process executes it.

        Raises:
            StorageError: The database was lost, or refused it.
        """
        with _in_a_line():
            super().store_event(event)
        if event.dagster_event_type == dg.DagsterEventType.RUN_START:
            self._instance.add_run_tags(event.run_id, {worker.TAG: worker.this_worker()})

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store many events; the weeks of an asset that a run announces in one statement, as those it has made.

        Raises:
            StorageError: The database was lost, or refused them.
        """
        with _in_a_line():
            for announced, together in groupby(events, _announced):
                if announced is None:
                    super().store_event_batch(list(together))
                else:
                    self._store_announced(list(together))

    def _store_announced(self, events: Sequence[dg.EventLogEntry]) -> None:
        statement = self.prepare_insert_event_batch(events).returning(column("id"))
        with self.run_connection(events[-1].run_id) as connection:
            newest = max(connection.execute(statement).scalars())
        # What is known of the asset is the last event.
        self.store_asset_event(events[-1], newest)

    def store_asset_check_event(self, event: dg.EventLogEntry, event_id: int | None) -> None:
        """Store an event of a check; the weeks that a run announces in one statement.

        Dagster's own writes the announcement of a check out anew for every week, which is most of what it does in a
        run over a long history.
        """
        said = event.get_dagster_event()
        planned: Any = said.event_specific_data
        if said.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED or planned.partitions_subset is None:
            super().store_asset_check_event(event, event_id)
            return
        with self.index_connection() as connection:
            connection.execute(
                _ANNOUNCE,
                {
                    "asset_key": planned.asset_key.to_string(),
                    "check_name": planned.check_name,
                    "run_id": event.run_id,
                    "event": serialize_value(event),
                    "timestamp": event.timestamp,
                    "event_id": event_id,
                    "weeks": list(planned.partitions_subset.get_partition_keys()),
                },
            )

    # What a claim looks like is not public, and nothing here looks at it.
    def claim_concurrency_slot(self, concurrency_key: str, run_id: str, step_key: str, priority: int | None = None):  # type: ignore[no-untyped-def]
        """Claim a slot of a pool, after taking it from runs whose process was killed.

        The daemon's run monitoring does so too, but a run from a bare shell must not wait for
        a daemon that nobody started. Nor does it wait without end for one that lives and hangs.

        Raises:
            StorageError: The step has waited for too long.
        """
        pool = self.get_concurrency_info(concurrency_key)
        runs = {slot.run_id for slot in pool.claimed_slots} | {step.run_id for step in pool.pending_steps}
        for other in sorted(runs - {run_id}):
            run = self._instance.get_run_by_id(other)
            if run is not None and worker.was_killed(run.tags):
                self.free_concurrency_slots_for_run(other)
        for step in pool.pending_steps:
            waited = datetime.now(UTC) - step.enqueued_timestamp
            if (step.run_id, step.step_key) == (run_id, step_key) and waited.total_seconds() > LONGEST_WAIT_SECONDS:
                holders = ", ".join(sorted(slot.run_id for slot in pool.claimed_slots))
                raise StorageError(
                    f"{step_key} has waited {waited.total_seconds() / 3600:.0f} hours for the pool {concurrency_key}, "
                    f"which run {holders} keeps: terminate that one, then run this again."
                )
        return super().claim_concurrency_slot(concurrency_key, run_id, step_key, priority)


def _announced(event: dg.EventLogEntry) -> dg.AssetKey | None:
    """The asset of which an event announces a week."""
    is_announcement = event.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    return event.get_dagster_event().asset_key if is_announcement else None


@contextmanager
def _in_a_line() -> Iterator[None]:
    """Say in a line why the database does not take events.

    Dagster prints it: by itself it is the statement, of as many pages as there are events.
    """
    try:
        yield
    except DBAPIError as error:
        words = last_words(error)
        if words is None:
            raise
        raise StorageError(words) from error
