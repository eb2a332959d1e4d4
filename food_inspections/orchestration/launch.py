"""Runs a named job for some weeks in this process, on the deployment's own instance."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from food_inspections.errors import FoodInspectionsError

# Only what needs attention: progress is what the caller prints.
_QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}


def open_instance() -> dg.DagsterInstance:
    """The instance of DAGSTER_HOME, which defaults to the folder of ``dagster.yaml``."""
    os.environ.setdefault("DAGSTER_HOME", str(Path(__file__).resolve().parents[2]))
    return dg.DagsterInstance.get()


def run_job(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    job_name: str,
    first: date,
    last: date | None = None,
    run_config: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
) -> str:
    """Run a job for one week, or for a range of weeks in one run.

    Args:
        defs: The deployment's definitions.
        instance: Where the run is recorded.
        job_name: A job of :mod:`food_inspections.orchestration.jobs`.
        first: Monday of the first week.
        last: Monday of the last week; the first by default.
        run_config: Run config of the steps.
        tags: Further tags of the run.

    Returns:
        The run's id.

    Raises:
        FoodInspectionsError: The run failed; the message names the step and what it said.
    """
    job = defs.resolve_job_def(job_name)
    week = last is None or last == first
    range_tags = {} if week else {ASSET_PARTITION_RANGE_START_TAG: str(first), ASSET_PARTITION_RANGE_END_TAG: str(last)}
    result = job.execute_in_process(
        instance=instance,
        partition_key=str(first) if week else None,
        run_config=_QUIET | (run_config or {}),
        tags=range_tags | (tags or {}),
        raise_on_error=False,
    )
    if not result.success:
        raise FoodInspectionsError(f"Run {result.run_id} of {job_name} for {first} failed: {_why(result)}")
    return str(result.run_id)


def _why(result: dg.ExecuteInProcessResult) -> str:
    for event in result.filter_events(lambda event: event.is_step_failure):
        error = event.step_failure_data.error
        cause = error.cause if error is not None and error.cause is not None else error
        return f"{event.step_key}: {cause.message.strip() if cause is not None else 'no message'}"
    return "see the run's log"
