"""What schedules and sensors launch: runs that are told apart by their need, and tried a bounded number of times.

Dagster's own do what they can: run keys (no need is launched twice), a limit in the run queue (automated runs work one
after another, see ``dagster.yaml``), run retries (a run whose process died). What is ours says why.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.instance.dagster_private import IN_PROGRESS_RUN_STATUSES

AUTOMATION_TAG = "food_inspections/automation"
"""The schedule or sensor that asked; the run queue lets one run with this tag work at a time."""

# People have no use for it: the prefix hides it in the UI.
NEED_TAG = ".dagster/food_inspections_need"
# The UI shows the week of a run, but not a range of them.
WEEKS_TAG = "food_inspections/weeks"
REASON_TAG = "food_inspections/reason"

MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(minutes=10)
"""Doubled with each failure: what failed at ten is tried again at ten past, half past, ten past eleven, ..."""

SETTLED_FOR = timedelta(days=1)
"""After this a run that succeeded does not stand against the same need again: things may have gone to and fro."""

LONGEST_RUN = timedelta(hours=1)
"""After this Dagster's run monitoring gives an automated run up, many times what the longest one takes.

In containers nothing else tells it that a run went down with its code server.
"""

UNDECIDED_FOR = timedelta(minutes=5)
"""After this a failed run of which Dagster has not said whether it will retry it is taken for over."""

UNFINISHED = [*IN_PROGRESS_RUN_STATUSES, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.CANCELING]
UNFINISHED_BACKFILLS = ("REQUESTED", "CANCELING", "FAILING")


def run_request(
    automation: str,
    job: str,
    first: date,
    last: date,
    reason: str,
    state: str,
    assets: Sequence[str] | None = None,
) -> dg.RunRequest:
    """A run, under the key of its need.

    Args:
        automation: Schedule or sensor that asks.
        job: Job to launch.
        first: Monday of the first week.
        last: Monday of the last week.
        reason: Why, in words.
        state: What makes this need another one than an earlier one of the same weeks.
        assets: Assets of the job; all of them by default.
    """
    need = f"{job}:{first}...{last}:{state}"
    weeks = (
        {run_tags.PARTITION: str(first)}
        if first == last
        else {
            run_tags.RANGE_START: str(first),
            run_tags.RANGE_END: str(last),
            WEEKS_TAG: f"{first} to {last}",
        }
    )
    return dg.RunRequest(
        run_key=need,
        job_name=job,
        tags={
            **weeks,
            AUTOMATION_TAG: automation,
            NEED_TAG: need,
            REASON_TAG: reason,
            run_tags.MAX_RUNTIME: str(int(LONGEST_RUN.total_seconds())),
        },
        asset_selection=None if assets is None else [dg.AssetKey(asset) for asset in assets],
    )


def unless_tried(instance: dg.DagsterInstance, request: dg.RunRequest, now: datetime) -> dg.RunRequest | dg.SkipReason:
    """The request, unless its need was launched before and has not failed since; else why not.

    A failure is followed by another attempt after a pause that doubles, a few times over; after that only another
    state of things, or a person, starts it again. Ours, because Dagster's run retries know no pause, and because a
    run key holds for ever, while a need may come back.
    """
    need = request.tags[NEED_TAG]
    records = instance.get_run_records(dg.RunsFilter(tags={NEED_TAG: need}))
    failed = []
    for record in records:
        run = record.dagster_run
        if run.status in UNFINISHED:
            return dg.SkipReason(f"run {run.run_id} is at work on it")
        if run.status == dg.DagsterRunStatus.FAILURE:
            failed.append(record)
        elif now < record.update_timestamp + SETTLED_FOR:
            return dg.SkipReason(f"run {run.run_id} has already been for this ({run.status.value.lower()})")
    if len(failed) >= MOST_ATTEMPTS:
        return dg.SkipReason(
            f"{len(failed)} runs for this have failed: remove the cause, then launch {request.job_name} by hand"
        )
    if failed:
        newest = max(failed, key=lambda record: record.update_timestamp)
        again_at = newest.update_timestamp + FIRST_PAUSE * 2 ** (len(failed) - 1)
        if now < again_at:
            return dg.SkipReason(
                f"run {newest.dagster_run.run_id} has failed, the next attempt is at {again_at:%H:%M} UTC"
            )
    return request._replace(run_key=f"{need}:{len(records)}")


def run_at_work(instance: dg.DagsterInstance, job: str | None = None) -> dg.DagsterRun | None:
    """An automated run that is not finished, or is about to be submitted again.

    Ours, because the limit of the run queue lets the second of two runs wait, but what was decided before the first
    one ended would be out of date when it starts.

    Args:
        instance: Where runs are recorded.
        job: Only runs of this job.
    """
    failed = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]), limit=20)
    waiting = [record.dagster_run for record in failed if _may_be_submitted_again(instance, record)]
    for run in [*instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)), *waiting]:
        if AUTOMATION_TAG in run.tags and job in (None, run.job_name):
            return run
    return None


def backfill_at_work(instance: dg.DagsterInstance) -> str | None:
    """The id of a backfill that is not over: between its runs, what it goes on with looks out of date."""
    # Dagster has no public name for these statuses; a backfill that is not over is among the newest.
    newest = instance.get_backfills(limit=20)
    return next((each.backfill_id for each in newest if each.status.value in UNFINISHED_BACKFILLS), None)


def _may_be_submitted_again(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    """Whether a failed run is to be submitted again and has not been yet."""
    tags = record.dagster_run.tags
    if run_tags.AUTO_RETRY_RUN in tags:
        return False
    if run_tags.WILL_RETRY in tags:
        return tags[run_tags.WILL_RETRY] == "true"
    # Dagster marks a run as failed first and says a moment later whether it will retry it.
    return instance.run_retries_enabled and datetime.now(UTC) < record.update_timestamp + UNDECIDED_FOR


def has_week(run: dg.DagsterRun, week: date) -> bool:
    """Whether a run is for a week, alone or within a range."""
    one = run.tags.get(run_tags.PARTITION)
    first = run.tags.get(run_tags.RANGE_START, one or "")
    last = run.tags.get(run_tags.RANGE_END, one or "")
    return first <= str(week) <= last
