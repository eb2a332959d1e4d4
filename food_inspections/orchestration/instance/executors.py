"""Which of Dagster's executors runs the steps; the launcher of runs is named in ``dagster.yaml``."""

import dagster as dg

from food_inspections.errors import SettingsError
from food_inspections.settings import Settings


def executor_for(settings: Settings) -> dg.ExecutorDefinition:
    """The executor that FOOD_INSPECTIONS_EXECUTOR names.

    Raises:
        SettingsError: The executor's package is not installed.
    """
    if settings.executor == "in_process":
        return dg.in_process_executor
    if settings.executor == "multiprocess":
        return dg.multiprocess_executor
    try:
        if settings.executor == "celery":
            from food_inspections.orchestration.instance.celery_options import executor  # noqa: PLC0415 - an optional package

            return executor(settings)
        from dagster_k8s import k8s_job_executor  # noqa: PLC0415 - an optional package

        return k8s_job_executor
    except ImportError as error:
        raise SettingsError(
            f"FOOD_INSPECTIONS_EXECUTOR={settings.executor!r} needs the package of that name: "
            f"install the program with it, such as `pip install '.[{settings.executor}]'` in its repository."
        ) from error
