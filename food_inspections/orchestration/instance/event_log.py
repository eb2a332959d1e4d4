"""Dagster's event log, with what ranges of weeks and killed runs ask of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from dagster import AssetCheckEvaluation, DagsterEventType, serialize_value
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as ExecutionStatus
from dagster._core.storage.event_log import SqlEventLogStorageTable
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._utils.concurrency import ConcurrencyClaimStatus
from dagster_postgres import PostgresEventLogStorage
from dagster_shared.record import copy
from sqlalchemy import and_

from food_inspections import worker

FAILED_WEEKS = "failed_weeks"
"""Metadata of a range's result: the weeks that did not pass (see checks/suite.py)."""


class EventLog(PostgresEventLogStorage):
    """Dagster's own, quicker with many weeks, and without the slots that killed runs would keep for ever."""

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; the start of a run also says on the run which process executes it."""
        super().store_event(event)
        if event.dagster_event_type == DagsterEventType.RUN_START:
            self._instance.add_run_tags(event.run_id, {worker.TAG: worker.this_worker()})

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events; those that announce a range's weeks in one statement instead of one by one."""
        planned: list[EventLogEntry] = []
        others: list[EventLogEntry] = []
        for entry in events:
            is_planned = entry.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION_PLANNED
            (planned if is_planned else others).append(entry)
        if planned:
            self._store_planned(planned)
        if others:
            super().store_event_batch(others)

    def store_asset_check_event(self, event: EventLogEntry, event_id: int | None) -> None:
        """Store the result of a check, of a range for each of its weeks as well.

        Dagster announces a check for every week of a range and records one result without a week: the UI
        then shows the check as skipped.
        """
        super().store_asset_check_event(event, event_id)
        if event.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION and event.run_id:
            evaluation = event.get_dagster_event().event_specific_data
            if isinstance(evaluation, AssetCheckEvaluation) and evaluation.partition is None:
                self._store_result_of_weeks(event, event_id, evaluation)

    def claim_concurrency_slot(
        self, concurrency_key: str, run_id: str, step_key: str, priority: int | None = None
    ) -> ConcurrencyClaimStatus:
        """Claim a slot of a pool, after taking it from runs whose process was killed.

        The daemon's run monitoring does so too, but a run from a bare shell must not wait for
        a daemon that nobody started.
        """
        pool = self.get_concurrency_info(concurrency_key)
        runs = {slot.run_id for slot in pool.claimed_slots} | {step.run_id for step in pool.pending_steps}
        for other in sorted(runs - {run_id}):
            if self._was_killed(other):
                self.free_concurrency_slots_for_run(other)
        return super().claim_concurrency_slot(concurrency_key, run_id, step_key, priority)

    def _was_killed(self, run_id: str) -> bool:
        """Whether the process of a run is known to be gone; one that cannot be seen from here counts as alive."""
        run = self._instance.get_run_by_id(run_id)
        named = None if run is None else run.tags.get(worker.TAG)
        return named is not None and not worker.is_alive(named)

    def _store_planned(self, events: Sequence[EventLogEntry]) -> None:
        statement = self.prepare_insert_event_batch(events).returning(SqlEventLogStorageTable.c.id)
        with self.index_transaction() as connection:
            event_ids = [row.id for row in connection.execute(statement)]
            # An asset's own row keeps its newest event only.
            newest = {
                entry.get_dagster_event().asset_key: (entry, id_) for entry, id_ in zip(events, event_ids, strict=True)
            }
            for entry, event_id in newest.values():
                self._store_asset_event(connection, entry, event_id)

    def _store_result_of_weeks(self, event: EventLogEntry, event_id: int | None, result: AssetCheckEvaluation) -> None:
        """Give the announced weeks the range's result: the worst week's, of which those that passed know nothing."""
        failed = result.metadata.get(FAILED_WEEKS)
        bad = [] if failed is None else [str(week) for week in cast("Sequence[str]", failed.value)]
        table = AssetCheckExecutionsTable
        is_of_the_run = and_(
            table.c.asset_key == result.asset_key.to_string(),
            table.c.check_name == result.check_name,
            table.c.run_id == event.run_id,
            table.c.partition.is_not(None),
        )
        good = result if result.passed else copy(result, passed=True, description=None, metadata={})
        with self.index_transaction() as connection:
            for outcome, of_weeks in ((result, table.c.partition.in_(bad)), (good, table.c.partition.not_in(bad))):
                status = ExecutionStatus.SUCCEEDED if outcome.passed else ExecutionStatus.FAILED
                own = event.get_dagster_event()._replace(event_specific_data=outcome)
                connection.execute(
                    table.update()
                    .where(is_of_the_run, of_weeks)
                    .values(
                        execution_status=status.value,
                        evaluation_event=serialize_value(event._replace(dagster_event=own)),
                        evaluation_event_timestamp=datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None),
                        evaluation_event_storage_id=event_id,
                    )
                )
