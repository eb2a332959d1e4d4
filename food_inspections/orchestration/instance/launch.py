"""Runs a named job for some weeks and waits for it, on the deployment's own instance."""

import logging
import os
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from datetime import date
from typing import Any, TextIO, cast

import dagster as dg

from food_inspections import worker
from food_inspections.errors import FoodInspectionsError
from food_inspections.last_words import of_a_lost_database
from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.instance.dagster_private import ReconstructableRepository
from food_inspections.settings import Settings, instance_folder

# Dagster puts the class before the message; of an error made for people the message says it all.
_CLASS = re.compile(r"^(?:food_inspections|dagster)\.[\w.]+: ")
_OURS = "food_inspections."
# A lost connection as the driver tells it, or as SQLAlchemy does, before the statement that met it.
_LOST = re.compile(
    r"^(?:sqlalchemy\.exc\.\w+: \()?psycopg2\.(?:Operational|Interface|Database)Error(?:\)|:) "
    r"(?P<said>.*?)(?:\n+[\[(]|$)",
    re.DOTALL,
)
# What Dagster tells of the database on its own account, before the error that says it all.
_TRIES_AGAIN = "Retrying failed database connection"
_STORES_NOT = (
    "Exception while writing logger call to event log",
    "Exception while storing event batch",
    "Falling back to storing multiple single-event storage requests",
)
# The caller prints progress and the error; the whole story is in the run's log.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def open_instance() -> dg.DagsterInstance:
    """The instance of DAGSTER_HOME, which defaults to the folder of ``dagster.yaml``."""
    os.environ.setdefault("DAGSTER_HOME", str(instance_folder(os.environ)))
    logging.getLogger().addFilter(_is_news)
    return dg.DagsterInstance.get()


def _is_news(record: logging.LogRecord) -> bool:
    """Not that Dagster tries again to reach the database: what comes of it is said."""
    return not str(record.msg).startswith(_TRIES_AGAIN)


class _WithoutEchoes:
    """Standard error without what is said of the database in the end anyway."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if text.startswith(_STORES_NOT) else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def definitions_of(settings: Settings) -> dg.Definitions:
    """Definitions whose steps run where FOOD_INSPECTIONS_EXECUTOR says."""
    if settings.executor == "in_process":
        from food_inspections.orchestration.build import build_defs  # noqa: PLC0415 - imports every asset

        return build_defs(settings)
    # Other processes and machines look these up by the name of their module, and read the same environment.
    from food_inspections import definitions  # noqa: PLC0415 - reads the environment when it is imported

    return definitions.defs


def run_job(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    job_name: str,
    first: date,
    last: date | None = None,
    run_config: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
    assets: Sequence[str] | None = None,
) -> str:
    """Run a job for one week, or for a range of weeks in one run.

    Steps run in this process, unless the definitions are those of
    :mod:`food_inspections.definitions` and bring another executor: only those can be
    found again by the processes and machines that then run the steps.

    Args:
        defs: The deployment's definitions.
        instance: Where the run is recorded.
        job_name: A job of :mod:`food_inspections.orchestration.automation.jobs`.
        first: Monday of the first week.
        last: Monday of the last week; the first by default.
        run_config: Run config of the steps.
        tags: Further tags of the run.
        assets: Assets of the job to make; all of them by default.

    Returns:
        The run's id.

    Raises:
        FoodInspectionsError: The run failed; the message names the step and what it said.
    """
    is_one_week = last is None or last == first
    partitions = (
        {run_tags.PARTITION: str(first)}
        if is_one_week
        else {run_tags.RANGE_START: str(first), run_tags.RANGE_END: str(last)}
    )
    # So that the daemon's run monitoring can tell this process from one that was killed.
    known = partitions | run_tags.OF_THE_LOCATION | {worker.TAG: worker.this_worker()} | (tags or {})
    selection = None if assets is None else [dg.AssetKey(asset) for asset in assets]
    with redirect_stderr(cast(TextIO, _WithoutEchoes(sys.stderr))):
        result = _execute(defs, instance, job_name, run_config or {}, known, selection)
    if not result.success:
        raise FoodInspectionsError(f"Run {result.run_id} of {job_name} for {first} failed: {_why(result)}")
    return str(result.run_id)


def _execute(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    job_name: str,
    run_config: dict[str, Any],
    tags: dict[str, str],
    selection: list[dg.AssetKey] | None,
) -> dg.ExecuteInProcessResult | dg.JobExecutionResult:
    job = defs.resolve_job_def(job_name)
    if job.executor_def is dg.in_process_executor or not _is_of_the_module(defs):
        return job.execute_in_process(
            instance=instance,
            partition_key=tags.get(run_tags.PARTITION),
            run_config=_QUIET | run_config,
            tags=tags,
            asset_selection=selection,
            raise_on_error=False,
        )
    repository = ReconstructableRepository.for_module("food_inspections.definitions", "defs")
    return dg.execute_job(
        repository.get_reconstructable_job(job_name),
        instance,
        run_config=_QUIET | run_config,
        tags=tags,
        asset_selection=selection,
    )


def _is_of_the_module(defs: dg.Definitions) -> bool:
    from food_inspections import definitions  # noqa: PLC0415 - reads the environment when it is imported

    return defs is definitions.defs


def _why(result: dg.ExecuteInProcessResult | dg.JobExecutionResult) -> str:
    for event in result.filter_events(lambda event: event.is_step_failure):
        return f"{event.step_key}: {_message(event.step_failure_data.error)}"
    for event in result.filter_events(lambda event: event.is_run_failure):
        return _message(event.job_failure_data.error)
    return "see the run's log"


def _message(error: Any) -> str:
    """What an event's error says: the outermost that was made for people, else the cause of what Dagster wraps.

    Dagster has no public name for their type.
    """
    chain = []
    while error is not None:
        chain.append(error.message.strip())
        error = error.cause
    for_people = [message for message in chain if message.startswith(_OURS)]
    told = next(iter(for_people or chain[1:] or chain), "no message")
    lost = _LOST.match(told)
    return _CLASS.sub("", told) if lost is None else of_a_lost_database(lost["said"])
