import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.definitions.events import AssetKey
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent, StepMaterializationData
from dagster._core.events.log import EventLogEntry

from food_inspections import worker
from food_inspections.orchestration.instance.event_log import EventLog
from food_inspections.settings import PREFIX

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


def planned(asset: str, week: date, run_id: str = "run") -> EventLogEntry:
    event = DagsterEvent.build_asset_materialization_planned_event(
        "job", "step", AssetMaterializationPlannedData(AssetKey(asset), partition=str(week))
    )
    return EventLogEntry(None, 10, "", run_id, week.toordinal() * 86400.0, "step", "job", event)


def test_planned_weeks_are_written_at_once_as_they_would_be_one_by_one(event_log: EventLog) -> None:
    weeks = [date(2025, 1, 6) + timedelta(weeks=number) for number in range(3)]
    one_by_one = [planned("a", week, "single") for week in weeks]
    at_once = [planned(asset, week) for asset in ("a", "b") for week in weeks]
    for entry in one_by_one:
        event_log.store_event(entry)

    event_log.store_event_batch(at_once)

    records = event_log.get_records_for_run("run").records
    assert [record.event_log_entry for record in records] == at_once
    keys = [AssetKey("a"), AssetKey("b")]
    assert {
        record.asset_entry.asset_key: record.asset_entry.last_run_id for record in event_log.get_asset_records(keys)
    } == dict.fromkeys(keys, "run")
    assert len(event_log.get_records_for_run("single").records) == 3


def test_other_events_are_written_as_ever(event_log: EventLog) -> None:
    weeks = ["2025-01-06", "2025-01-13"]
    events = [
        DagsterEvent(
            "ASSET_MATERIALIZATION",
            "job",
            step_key="step",
            event_specific_data=StepMaterializationData(dg.AssetMaterialization("a", partition=week)),
        )
        for week in weeks
    ]
    materialized = [EventLogEntry(None, 10, "", "run", 0.0, "step", "job", event) for event in events]

    event_log.store_event_batch([planned("a", date(2025, 1, 6)), *materialized])

    assert event_log.get_materialized_partitions(AssetKey("a")) == set(weeks)


def check_event(event_log: EventLog, kind: str, data: object) -> None:
    event = DagsterEvent(kind, "job", step_key="step", event_specific_data=data)
    event_log.store_event(EventLogEntry(None, 10, "", "range", 0.0, "step", "job", event))


@pytest.mark.parametrize("bad", [[], ["2025-01-13"]])
def test_each_week_of_a_range_gets_its_checks_result(event_log: EventLog, bad: list[str]) -> None:
    """Weeks that were announced and never reported on are shown as skipped."""
    weeks = ["2025-01-06", "2025-01-13", "2025-01-20"]
    definition = dg.WeeklyPartitionsDefinition(start_date="2025-01-06", day_offset=1, end_date="2025-02-03")
    subset = definition.empty_subset().with_partition_keys(weeks).to_serializable_subset()
    planned_check = AssetCheckEvaluationPlanned(asset_key=AssetKey("a"), check_name="check", partitions_subset=subset)
    check_event(event_log, "ASSET_CHECK_EVALUATION_PLANNED", planned_check)
    metadata = {"expected": "one", "failed_weeks": bad}
    check_event(event_log, "ASSET_CHECK_EVALUATION", dg.AssetCheckEvaluation(AssetKey("a"), "check", not bad, metadata))

    def shown(week: str) -> tuple[str, bool]:
        key = dg.AssetCheckKey(AssetKey("a"), "check")
        (record,) = event_log.get_asset_check_execution_history(key, 9, partition_filter=PartitionKeyFilter(key=week))
        assert record.evaluation is not None
        assert ("expected" in record.evaluation.metadata) == (not bad or week in bad), (
            "good weeks do not say bad things"
        )
        return record.status.value, record.evaluation.passed

    assert {week: shown(week) for week in weeks} == {
        week: ("FAILED", False) if week in bad else ("SUCCEEDED", True) for week in weeks
    }


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
