"""A run whose process was killed is seen; one that cannot be seen is left alone."""

from collections.abc import Iterator

import dagster as dg
import pytest

from food_inspections import worker
from food_inspections.orchestration.instance.dagster_private import WorkerStatus
from food_inspections.orchestration.instance.launcher import Launcher

ALIVE = worker.this_worker()
KILLED = ALIVE.replace('"started": "', '"started": "9')
ELSEWHERE = KILLED.replace('"host": "', '"host": "elsewhere-')


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@dg.job
def nothing() -> None:
    pass


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ({worker.TAG: ALIVE}, WorkerStatus.RUNNING),
        ({worker.TAG: KILLED}, WorkerStatus.FAILED),
        ({worker.TAG: ELSEWHERE}, WorkerStatus.RUNNING),
        ({}, WorkerStatus.RUNNING),
    ],
    ids=["alive", "killed", "on another machine", "unknown"],
)
def test_how_the_process_of_a_run_is(instance: dg.DagsterInstance, tags: dict[str, str], status: WorkerStatus) -> None:
    launcher = Launcher()
    run = instance.create_run_for_job(nothing, tags=tags, status=dg.DagsterRunStatus.STARTED)

    assert launcher.supports_check_run_worker_health
    assert launcher.check_run_worker_health(run).status == status
