"""A run whose process was killed is seen, by number and start time; one that cannot be seen is left alone."""

import json
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from food_inspections import worker
from food_inspections.orchestration.instance.launcher import Launcher

LOCAL = {GRPC_INFO_TAG: json.dumps({"host": "localhost", "socket": "/tmp/socket"})}  # noqa: S108 - never opened
REMOTE = {GRPC_INFO_TAG: json.dumps({"host": "code-server", "port": 4000})}


@dg.job
def nothing() -> None:
    pass


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def killed() -> int:
    """Number of a process that has been killed."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        process.kill()
    return process.pid


def health(instance: dg.DagsterInstance, tags: dict[str, str], *pids: int) -> WorkerStatus:
    """What the launcher says of a run with these tags, whose processes reported in this order."""
    launcher = Launcher()
    launcher.register_instance(instance)
    run = instance.create_run_for_job(nothing, tags=tags, status=dg.DagsterRunStatus.STARTED)
    for pid in pids:
        data = EngineEventData({"pid": dg.MetadataValue.text(str(pid))})
        instance.report_engine_event("Started process for run", run, data)
    assert launcher.supports_check_run_worker_health
    return launcher.check_run_worker_health(run).status


def test_a_living_process_is_healthy(instance: dg.DagsterInstance) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        assert health(instance, LOCAL, process.pid) == WorkerStatus.RUNNING
        process.kill()


def test_a_killed_process_is_seen(instance: dg.DagsterInstance, killed: int) -> None:
    assert health(instance, LOCAL, killed) == WorkerStatus.FAILED


def test_the_newest_process_of_a_run_counts(instance: dg.DagsterInstance, killed: int) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        assert health(instance, LOCAL, killed, process.pid) == WorkerStatus.RUNNING
        process.kill()


def test_a_process_that_took_over_the_number_is_not_mistaken_for_it(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    monkeypatch.setattr(worker, "started_at", lambda _: datetime.now(UTC) + timedelta(minutes=1))
    assert health(instance, LOCAL, 1234) == WorkerStatus.FAILED


def test_processes_of_other_machines_and_silent_ones_are_left_alone(instance: dg.DagsterInstance, killed: int) -> None:
    assert health(instance, REMOTE, killed) == WorkerStatus.RUNNING
    assert health(instance, LOCAL) == WorkerStatus.RUNNING
    assert health(instance, {}) == WorkerStatus.RUNNING


def test_runs_of_the_command_line_name_their_process(instance: dg.DagsterInstance) -> None:
    alive = worker.this_worker()
    dead = alive.replace('"started": "', '"started": "9')
    assert health(instance, {worker.TAG: alive}) == WorkerStatus.RUNNING
    assert health(instance, {worker.TAG: dead}) == WorkerStatus.FAILED
