"""Which of Dagster's executors runs the steps; launchers are chosen in ``dagster.yaml``."""

import dagster as dg

from food_inspections.errors import SettingsError
from food_inspections.settings import Executor


def executor_for(name: Executor) -> dg.ExecutorDefinition:
    """The executor that FOOD_INSPECTIONS_EXECUTOR names.

    Raises:
        SettingsError: The executor's package is not installed.
    """
    if name == "in_process":
        return dg.in_process_executor
    if name == "multiprocess":
        return dg.multiprocess_executor
    try:
        if name == "celery":
            from dagster_celery import celery_executor  # noqa: PLC0415 - an optional package

            return celery_executor
        from dagster_k8s import k8s_job_executor  # noqa: PLC0415 - an optional package

        return k8s_job_executor
    except ImportError as error:
        raise SettingsError(
            f"FOOD_INSPECTIONS_EXECUTOR={name!r} needs the package of that name: "
            f"install it with `pip install 'food-inspections[{name}]'`."
        ) from error
