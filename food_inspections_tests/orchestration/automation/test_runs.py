"""Each need is asked for once, and after a failure a bounded number of times."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import dagster as dg
import pytest

from food_inspections.orchestration.automation.runs import (
    MOST_ATTEMPTS,
    has_week,
    run_at_work,
    run_request,
    unless_tried,
)

WEEK = date(2025, 1, 6)
REQUEST = run_request("revisions", "pull", WEEK, WEEK, "the portal has changed", "state")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def record(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, **tags: str) -> str:
    """A run for the need, with this outcome."""
    known = {f"dagster/{name}": value for name, value in tags.items()}
    run = instance.create_run_for_job(nothing, tags={**REQUEST.tags, **known}, status=status)
    return run.run_id


@dg.job
def nothing() -> None:
    pass


def refusal(instance: dg.DagsterInstance, now: datetime) -> str:
    """Why the run is not asked for."""
    answer = unless_tried(instance, REQUEST, now)
    assert isinstance(answer, dg.SkipReason)
    return answer.skip_message or ""


def at_work(instance: dg.DagsterInstance) -> str | None:
    run = run_at_work(instance)
    return None if run is None else run.run_id


def in_(**time: float) -> datetime:
    return datetime.now(UTC) + timedelta(**time)


def test_a_need_never_asked_for_is_asked_for(instance: dg.DagsterInstance) -> None:
    request = unless_tried(instance, REQUEST, in_())
    assert isinstance(request, dg.RunRequest)
    assert request.run_key == "pull:2025-01-06...2025-01-06:state:0"
    assert request.tags["dagster/partition"] == "2025-01-06"
    assert request.tags["dagster/max_runtime"] == "3600", "after an hour run monitoring gives it up"
    assert request.tags["food_inspections/reason"] == "the portal has changed"


def test_a_range_is_one_run() -> None:
    later = date(2025, 2, 3)
    tags = run_request("revisions", "pull", WEEK, later, "", "").tags
    assert tags["dagster/asset_partition_range_start"] == "2025-01-06"
    assert tags["dagster/asset_partition_range_end"] == "2025-02-03"
    assert tags["food_inspections/weeks"] == "2025-01-06 to 2025-02-03", "for people: the UI hides the others"


def test_a_run_at_work_is_waited_for(instance: dg.DagsterInstance) -> None:
    run_id = record(instance, dg.DagsterRunStatus.STARTED)
    assert refusal(instance, in_()) == f"run {run_id} is at work on it"
    assert at_work(instance) == run_id
    assert run_at_work(instance, "pull") is None, "this one is of another job"


def test_a_killed_run_is_waited_for_until_it_is_submitted_again(instance: dg.DagsterInstance) -> None:
    record(instance, dg.DagsterRunStatus.FAILURE)
    record(instance, dg.DagsterRunStatus.FAILURE, will_retry="true", auto_retry_run_id="another")
    assert run_at_work(instance) is None
    run_id = record(instance, dg.DagsterRunStatus.FAILURE, will_retry="true")
    assert at_work(instance) == run_id


def test_a_run_that_has_just_failed_is_waited_for_until_dagster_says_whether_it_retries_it() -> None:
    """Two statements of Dagster: a tick between them must not launch a run beside the resubmission."""
    with dg.DagsterInstance.ephemeral(settings={"run_retries": {"enabled": True}}) as instance:
        run_id = record(instance, dg.DagsterRunStatus.FAILURE)
        assert at_work(instance) == run_id
        instance.add_run_tags(run_id, {"dagster/will_retry": "false"})
        assert run_at_work(instance) is None


def test_what_has_succeeded_is_not_asked_for_again_within_a_day(instance: dg.DagsterInstance) -> None:
    run_id = record(instance, dg.DagsterRunStatus.SUCCESS)
    assert refusal(instance, in_(hours=23)) == f"run {run_id} has already been for this (success)"
    assert isinstance(unless_tried(instance, REQUEST, in_(hours=25)), dg.RunRequest)


def test_a_failure_is_tried_again_after_a_pause_that_doubles(instance: dg.DagsterInstance) -> None:
    record(instance, dg.DagsterRunStatus.FAILURE)
    assert "the next attempt is at" in refusal(instance, in_(minutes=9))
    again = unless_tried(instance, REQUEST, in_(minutes=11))
    assert isinstance(again, dg.RunRequest)
    assert again.run_key == "pull:2025-01-06...2025-01-06:state:1"
    record(instance, dg.DagsterRunStatus.FAILURE)
    assert refusal(instance, in_(minutes=19))
    assert isinstance(unless_tried(instance, REQUEST, in_(minutes=21)), dg.RunRequest)


def test_it_is_given_up_in_the_end(instance: dg.DagsterInstance) -> None:
    for _ in range(MOST_ATTEMPTS):
        record(instance, dg.DagsterRunStatus.FAILURE)
    assert refusal(instance, in_(days=30)) == (
        f"{MOST_ATTEMPTS} runs for this have failed: remove the cause, then launch pull by hand"
    )


def test_the_pause_begins_with_the_newest_failure(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = {"newest": in_(), "older": in_(hours=-2), "oldest": in_(hours=-3)}
    failed = [
        SimpleNamespace(
            dagster_run=SimpleNamespace(run_id=name, status=dg.DagsterRunStatus.FAILURE), update_timestamp=moment
        )
        for name, moment in ended.items()
    ]
    monkeypatch.setattr(instance, "get_run_records", lambda _: failed)
    assert refusal(instance, in_(minutes=39)).startswith("run newest has failed, the next attempt is at")
    assert isinstance(unless_tried(instance, REQUEST, in_(minutes=41)), dg.RunRequest)


def test_what_a_person_has_cancelled_is_not_asked_for_again_within_a_day(instance: dg.DagsterInstance) -> None:
    run_id = record(instance, dg.DagsterRunStatus.CANCELED)
    assert refusal(instance, in_(hours=23)) == f"run {run_id} has already been for this (canceled)"


@pytest.mark.parametrize("last", [WEEK, date(2025, 2, 3)])
def test_a_run_has_the_weeks_of_its_tags_and_no_other(last: date) -> None:
    run = dg.DagsterRun(job_name="pull", tags=run_request("revisions", "pull", WEEK, last, "", "").tags)
    weeks = [WEEK + timedelta(weeks=number) for number in range(-1, 6)]
    assert [week for week in weeks if has_week(run, week)] == [week for week in weeks if WEEK <= week <= last]
    assert not has_week(dg.DagsterRun(job_name="pull"), WEEK)
