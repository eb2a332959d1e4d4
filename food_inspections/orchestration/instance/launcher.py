"""Launches runs as Dagster does, and can tell when the process of a run was killed.

A code server reports the end of its own runs. A run that died together with it, in a restart of the machine, would stay
"started" for ever with Dagster's own launcher, and keep its pool slots. Run monitoring asks this one; a run found dead
is marked as failed, and ``run_retries`` in ``dagster.yaml`` submits it once more.
"""

from dagster import DagsterRun, DefaultRunLauncher

from food_inspections import worker
from food_inspections.orchestration.instance.dagster_private import CheckRunHealthResult, WorkerStatus


class Launcher(DefaultRunLauncher):
    """The default launcher, with eyes for dead workers on this machine."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """So that run monitoring asks."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the process of a run still lives; one that cannot be seen from here counts as alive."""
        if worker.was_killed(run.tags):
            return CheckRunHealthResult(
                WorkerStatus.FAILED,
                f"the process {run.tags[worker.TAG]} is gone: it was killed, or the machine was restarted",
            )
        return CheckRunHealthResult(WorkerStatus.RUNNING)
