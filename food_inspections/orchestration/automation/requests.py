"""What schedules and sensors ask for: runs that are told apart by their need, and tried a bounded number of times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.instance.dagster_private import IN_PROGRESS_RUN_STATUSES

AUTOMATION_TAG = "food_inspections/automation"
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

UNDECIDED_FOR = timedelta(minutes=5)
"""After this a failed run of which Dagster has not said whether it will retry it is taken for over."""

UNFINISHED = [*IN_PROGRESS_RUN_STATUSES, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.CANCELING]


@dataclass(frozen=True)
class Wanted:
    """A run that is needed.

    Attributes:
        automation: Schedule or sensor that asks.
        job: Job to launch.
        first: Monday of the first week.
        last: Monday of the last week.
        reason: Why, in words.
        state: What makes this need another one than an earlier one of the same weeks.
        assets: Assets of the job; all of them by default.
    """

    automation: str
    job: str
    first: date
    last: date
    reason: str
    state: str
    assets: Sequence[str] | None = None

    @property
    def need(self) -> str:
        """The same for the same weeks in the same state."""
        return f"{self.automation}:{self.first}...{self.last}:{self.state}"

    def request(self, run_key: str) -> dg.RunRequest:
        """The run, under a key of its own."""
        weeks = (
            {run_tags.PARTITION: str(self.first)}
            if self.first == self.last
            else {
                run_tags.RANGE_START: str(self.first),
                run_tags.RANGE_END: str(self.last),
                WEEKS_TAG: f"{self.first} to {self.last}",
            }
        )
        return dg.RunRequest(
            run_key=run_key,
            job_name=self.job,
            tags=weeks | {AUTOMATION_TAG: self.automation, NEED_TAG: self.need, REASON_TAG: self.reason},
            asset_selection=None if self.assets is None else [dg.AssetKey(asset) for asset in self.assets],
        )


def attempt(instance: dg.DagsterInstance, wanted: Wanted, now: datetime) -> dg.RunRequest | str:
    """Ask for a run, unless it was asked for before and has not failed since.

    A failure is followed by another attempt after a pause that doubles, a few times over;
    after that only another state of things, or a person, starts it again.

    Returns:
        The request, or why there is none.
    """
    runs = instance.get_run_records(dg.RunsFilter(tags={NEED_TAG: wanted.need}))
    failed = []
    for record in runs:
        run = record.dagster_run
        if run.status in UNFINISHED:
            return f"run {run.run_id} is at work on it"
        if run.status == dg.DagsterRunStatus.FAILURE:
            failed.append(record)
        elif now < record.update_timestamp + SETTLED_FOR:
            return f"run {run.run_id} has already been for this ({run.status.value.lower()})"
    if len(failed) >= MOST_ATTEMPTS:
        return f"{len(failed)} runs for this have failed: mend the cause, then launch it by hand"
    if failed:
        newest = max(failed, key=lambda record: record.update_timestamp)
        again_at = newest.update_timestamp + FIRST_PAUSE * 2 ** (len(failed) - 1)
        if now < again_at:
            return f"run {newest.dagster_run.run_id} has failed, the next attempt is at {again_at:%H:%M} UTC"
    return wanted.request(f"{wanted.need}:{len(runs)}")


def run_at_work(instance: dg.DagsterInstance, automations: Sequence[str] = ()) -> str | None:
    """A run of these schedules and sensors, or of any, that is not finished or is about to be submitted again."""
    failed = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]), limit=20)
    waiting = [record.dagster_run for record in failed if _may_be_submitted_again(instance, record)]
    for run in [*instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)), *waiting]:
        automation = run.tags.get(AUTOMATION_TAG)
        if automation is not None and (not automations or automation in automations):
            return str(run.run_id)
    return None


def _may_be_submitted_again(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    """Whether a failed run is to be submitted again and has not been yet."""
    tags = record.dagster_run.tags
    if run_tags.AUTO_RETRY_RUN in tags:
        return False
    if run_tags.WILL_RETRY in tags:
        return tags[run_tags.WILL_RETRY] == "true"
    # Dagster marks a run as failed first and says a moment later whether it will retry it.
    return instance.run_retries_enabled and datetime.now(UTC) < record.update_timestamp + UNDECIDED_FOR
