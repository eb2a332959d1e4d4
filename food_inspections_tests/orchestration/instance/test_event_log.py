"""Which process executes a run, and what becomes of the slots of one that was killed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster_postgres import PostgresEventLogStorage
from sqlalchemy import text

from food_inspections import worker
from food_inspections.environment import PREFIX
from food_inspections.errors import StorageError
from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.instance.event_log import EventLog

ROOT = Path(__file__).resolve().parents[3]
POOL = "portal"


@dg.op
def nothing() -> None:
    pass


@dg.job
def job() -> None:
    nothing()


@pytest.fixture
def instance(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The instance of dagster.yaml, over a fresh database."""
    monkeypatch.setenv("DAGSTER_HOME", str(ROOT))
    monkeypatch.setenv(f"{PREFIX}HOME", str(tmp_path))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", database_url)
    with dg.DagsterInstance.get() as instance:
        yield instance
        instance.event_log_storage._engine.dispose()


@pytest.fixture
def event_log(instance: dg.DagsterInstance) -> EventLog:
    storage = instance.event_log_storage
    assert isinstance(storage, EventLog)
    return storage


@pytest.fixture
def killed() -> str:
    """A worker that has been killed."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        named = {**json.loads(worker.this_worker()), "pid": process.pid, "started": worker.started(process.pid)}
        assert worker.is_alive(json.dumps(named))
        process.kill()
    return json.dumps(named)


def run_of(instance: dg.DagsterInstance, named: str | None) -> str:
    """A started run that a worker executes."""
    tags = {} if named is None else {worker.TAG: named}
    return instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED).run_id


def test_a_run_says_which_process_executes_it(instance: dg.DagsterInstance, killed: str) -> None:
    result = job.execute_in_process(instance=instance, tags={worker.TAG: killed})

    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags[worker.TAG] == worker.this_worker(), "a run tried again names the process that tries"


def test_a_killed_run_loses_its_slot_to_the_next(
    instance: dg.DagsterInstance, event_log: EventLog, killed: str
) -> None:
    event_log.set_concurrency_slots(POOL, 1)
    dead, next_one = run_of(instance, killed), run_of(instance, worker.this_worker())
    assert event_log.claim_concurrency_slot(POOL, dead, "step").is_claimed

    assert event_log.claim_concurrency_slot(POOL, next_one, "step").is_claimed
    assert [slot.run_id for slot in event_log.get_concurrency_info(POOL).claimed_slots] == [next_one]


def test_a_run_killed_in_the_queue_of_a_pool_does_not_hold_up_the_others(
    instance: dg.DagsterInstance, event_log: EventLog, killed: str
) -> None:
    event_log.set_concurrency_slots(POOL, 1)
    first, dead, last = (run_of(instance, named) for named in (worker.this_worker(), killed, worker.this_worker()))
    assert event_log.claim_concurrency_slot(POOL, first, "step").is_claimed
    assert not event_log.claim_concurrency_slot(POOL, dead, "step").is_claimed
    assert not event_log.claim_concurrency_slot(POOL, last, "step").is_claimed

    event_log.free_concurrency_slots_for_run(first)

    assert event_log.claim_concurrency_slot(POOL, last, "step").is_claimed


@pytest.mark.parametrize("is_known", [True, False])
def test_a_living_run_and_one_that_cannot_be_seen_keep_their_slots(
    instance: dg.DagsterInstance, event_log: EventLog, killed: str, is_known: bool
) -> None:
    event_log.set_concurrency_slots(POOL, 1)
    elsewhere = json.dumps({**json.loads(killed), "host": "another machine"})
    holder, other = run_of(instance, worker.this_worker() if is_known else elsewhere), run_of(instance, None)
    assert event_log.claim_concurrency_slot(POOL, holder, "step").is_claimed

    assert not event_log.claim_concurrency_slot(POOL, other, "step").is_claimed
    assert [slot.run_id for slot in event_log.get_concurrency_info(POOL).claimed_slots] == [holder]


def test_a_step_does_not_wait_without_end_for_a_run_that_lives_and_hangs(
    instance: dg.DagsterInstance, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_log.set_concurrency_slots(POOL, 1)
    holder, other = run_of(instance, worker.this_worker()), run_of(instance, worker.this_worker())
    assert event_log.claim_concurrency_slot(POOL, holder, "step").is_claimed
    assert not event_log.claim_concurrency_slot(POOL, other, "step").is_claimed
    assert not event_log.claim_concurrency_slot(POOL, other, "step").is_claimed, "it may wait for hours"

    monkeypatch.setattr("food_inspections.orchestration.instance.event_log.LONGEST_WAIT_SECONDS", 0)
    with pytest.raises(StorageError, match=f"step has waited 0 hours for the pool portal, which run {holder} keeps"):
        event_log.claim_concurrency_slot(POOL, other, "step")


def test_the_weeks_that_a_run_announces_are_stored_as_dagster_stores_them(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one statement: written out anew for every week they took seconds of each check of a long history."""
    days = dg.DailyPartitionsDefinition("2025-01-01", end_date="2025-01-09")

    @dg.asset(partitions_def=days, backfill_policy=dg.BackfillPolicy.single_run())
    def numbers() -> None: ...

    @dg.asset_check(asset=numbers, partitions_def=days)
    def small() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    def stored() -> list[tuple[object, ...]]:
        tags = {run_tags.RANGE_START: "2025-01-03", run_tags.RANGE_END: "2025-01-06"}
        run_id = dg.materialize([numbers, small], instance=instance, tags=tags).run_id
        with instance.event_log_storage._engine.connect() as connection:
            rows = connection.execute(
                text(
                    """
                    SELECT e.dagster_event_type, e.step_key, e.asset_key, e.partition, a.last_run_id = e.run_id,
                        c.asset_key, c.check_name, c.partition, c.execution_status,
                        c.evaluation_event_timestamp = e.timestamp, c.evaluation_event = e.event, c.run_id = e.run_id
                    FROM event_logs AS e
                    LEFT JOIN asset_keys AS a ON a.asset_key = e.asset_key
                    LEFT JOIN asset_check_executions AS c ON c.evaluation_event_storage_id = e.id
                    WHERE e.run_id = :run_id
                    ORDER BY e.id, c.id
                    """
                ),
                {"run_id": run_id},
            )
            return [tuple(row) for row in rows]

    ours = stored()
    for method in ("store_asset_check_event", "store_event_batch"):
        monkeypatch.setattr(EventLog, method, getattr(PostgresEventLogStorage, method))
    assert ours == stored()
    weeks = [f"2025-01-0{day}" for day in range(3, 7)]
    assert [row[3] for row in ours if row[0] == "ASSET_MATERIALIZATION_PLANNED"] == weeks
    assert [row[7] for row in ours if row[8] == "PLANNED"] == weeks


def test_why_the_database_takes_no_events_is_said_in_a_line(
    event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster prints the error as it is: of five hundred events it was pages."""
    full = "DO $$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file'; END $$; SELECT 'pages of it'"

    def refused(storage: EventLog, events: list[dg.EventLogEntry]) -> None:
        with storage._engine.connect() as connection:
            connection.execute(text(full))

    monkeypatch.setattr(PostgresEventLogStorage, "store_event_batch", refused)
    with pytest.raises(StorageError, match="The database has a full disk") as raised:
        event_log.store_event_batch([dg.EventLogEntry(None, "debug", "said", "run", 0.0)])

    assert "pages" not in str(raised.value)
    assert "\n" not in str(raised.value)
