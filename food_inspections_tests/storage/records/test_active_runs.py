"""Which runs may still write: those whose process lives, and those that have none yet."""

import dagster as dg
import pytest
from sqlalchemy import Engine, text

from food_inspections import worker
from food_inspections.orchestration.instance import storage as instance
from food_inspections.settings import Settings
from food_inspections.storage.records.active_runs import active_runs, runs_under_way

ALIVE = worker.this_worker()
KILLED = ALIVE.replace('"started": "', '"started": "9')
PARENT = "dagster/parent_run_id"


def active(settings: Settings, engine: Engine, status: dg.DagsterRunStatus, tags: dict[str, str]) -> bool:
    """Whether a run with these tags counts as active."""
    storage = instance.Storage(settings)
    storage.run_storage.add_run(dg.DagsterRun(job_name="job", run_id="run", status=status, tags=tags))
    with engine.connect() as connection:
        return "run" in active_runs(connection)


@pytest.mark.parametrize(
    ("status", "tags", "is_active"),
    [
        (dg.DagsterRunStatus.STARTED, {worker.TAG: ALIVE}, True),
        (dg.DagsterRunStatus.STARTED, {worker.TAG: KILLED}, False),
        (dg.DagsterRunStatus.STARTED, {worker.TAG: KILLED, PARENT: "killed"}, False),
        (dg.DagsterRunStatus.NOT_STARTED, {worker.TAG: KILLED}, False),
        # Submitted again after a kill: the tag is its parent's until it starts.
        (dg.DagsterRunStatus.NOT_STARTED, {worker.TAG: KILLED, PARENT: "killed"}, True),
        (dg.DagsterRunStatus.STARTING, {worker.TAG: KILLED, PARENT: "killed"}, True),
        (dg.DagsterRunStatus.STARTING, {}, True),
        (dg.DagsterRunStatus.FAILURE, {worker.TAG: ALIVE}, False),
    ],
)
def test_what_counts_as_active(
    settings: Settings, engine: Engine, status: dg.DagsterRunStatus, tags: dict[str, str], is_active: bool
) -> None:
    assert active(settings, engine, status, tags) == is_active


@pytest.mark.parametrize(
    ("status", "tags", "asked_for", "is_under_way"),
    [
        (dg.DagsterRunStatus.STARTED, {worker.TAG: ALIVE}, "1 hour", True),
        (dg.DagsterRunStatus.STARTED, {worker.TAG: KILLED}, "0", False),
        (dg.DagsterRunStatus.STARTED, {}, "0", False),
        (dg.DagsterRunStatus.STARTING, {}, "0", True),
        # Nobody took it up: its daemon is gone.
        (dg.DagsterRunStatus.STARTING, {}, "1 hour", False),
        (dg.DagsterRunStatus.NOT_STARTED, {worker.TAG: KILLED}, "0", False),
    ],
)
def test_under_way_is_what_a_living_process_executes_and_what_was_just_asked_for(
    settings: Settings,
    engine: Engine,
    status: dg.DagsterRunStatus,
    tags: dict[str, str],
    asked_for: str,
    is_under_way: bool,
) -> None:
    storage = instance.Storage(settings)
    storage.run_storage.add_run(dg.DagsterRun(job_name="job", run_id="run", status=status, tags=tags))
    with engine.connect() as connection:
        ago = text("UPDATE dagster.runs SET create_timestamp = create_timestamp - CAST(:ago AS interval)")
        connection.execute(ago, {"ago": asked_for})
        assert ("run" in runs_under_way(connection)) == is_under_way


def test_before_dagsters_first_start_there_are_none(engine: Engine) -> None:
    with engine.connect() as connection:
        assert active_runs(connection) == runs_under_way(connection) == set()
