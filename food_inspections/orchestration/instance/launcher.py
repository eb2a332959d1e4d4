"""Launches runs as Dagster does, and can tell when the process of a run was killed.

The default launcher cannot: a run whose process and code server died together stays "started"
for ever, and keeps its pool slots. Run monitoring asks this one; a run found dead is marked as
failed, and ``run_retries`` in ``dagster.yaml`` submits it once more.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dagster import DagsterEventType
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.dagster_run import DagsterRun
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._serdes import ConfigurableClassData

from food_inspections import worker
from food_inspections.settings import Settings

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
CLOCK_TOLERANCE = timedelta(seconds=5)
"""Start times count from the machine's start, events by the wall clock; the two differ a little."""


class Launcher(DefaultRunLauncher):
    """The default launcher, with eyes for dead workers on this machine; or the one FOOD_INSPECTIONS_LAUNCHER names."""

    @classmethod
    def config_type(cls) -> Any:
        """Nothing is configured in YAML."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> Any:
        """Read the settings; called by Dagster."""
        settings = Settings.from_environment()
        if settings.launcher == "celery":
            from food_inspections.orchestration.instance.celery_options import launcher  # noqa: PLC0415 - an optional package

            return launcher(settings, inst_data)
        return cls(inst_data=inst_data)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """So that run monitoring asks."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the process of a run still lives; one that cannot be seen from here counts as alive."""
        named = run.tags.get(worker.TAG)
        if named is not None:
            return _result(worker.is_alive(named), f"the process {named}")
        if not _is_local(run):
            return CheckRunHealthResult(WorkerStatus.RUNNING, "the process is on another machine")
        seen = self._newest_process(run)
        if seen is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "no process has reported yet")
        pid, reported_at = seen
        started_at = worker.started_at(pid)
        # A process that started after the report has the number of one that is gone.
        is_alive = started_at is not None and started_at <= reported_at + CLOCK_TOLERANCE
        return _result(is_alive, f"process {pid}")

    def _newest_process(self, run: DagsterRun) -> tuple[int, datetime] | None:
        """Number of the process that said last that it executes the run, and when it said so."""
        records = self._instance.get_records_for_run(
            run.run_id, of_type={DagsterEventType.ENGINE_EVENT, DagsterEventType.RUN_START}, ascending=False
        ).records
        for record in records:
            event = record.event_log_entry.dagster_event
            metadata = event.engine_event_data.metadata if event is not None and event.is_engine_event else {}
            if "pid" in metadata:
                reported_at = datetime.fromtimestamp(record.event_log_entry.timestamp, UTC)
                return int(str(metadata["pid"].value)), reported_at
        return None


def _is_local(run: DagsterRun) -> bool:
    """Whether the code server that started the run is on this machine."""
    server = run.tags.get(GRPC_INFO_TAG)
    return server is not None and json.loads(server).get("host") in LOCAL_HOSTS


def _result(is_alive: bool, what: str) -> CheckRunHealthResult:
    if is_alive:
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    return CheckRunHealthResult(WorkerStatus.FAILED, f"{what} is gone: it was killed, or the machine was restarted")
