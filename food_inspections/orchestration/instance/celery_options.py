"""How steps reach Celery workers: one set of options for the run that sends them and the workers that take them.

A step is acknowledged when it is done, not when it is taken. Redis knows nothing of workers: it hands out again
what was not acknowledged for some time, dead worker or not. So that this time can be shorter than the longest
step, a living worker renews its lease (:mod:`food_inspections.orchestration.instance.celery_app`).
"""

import warnings
from typing import Any

import dagster as dg
from dagster_celery import celery_executor

from food_inspections.settings import Settings

RESTORE_SECONDS = 5
"""How often a worker looks for steps whose lease has run out."""

CONNECT_SECONDS = 30
ANSWER_SECONDS = 60
"""How long Redis may take; it is asked for nothing that lasts longer than a second."""


def options(settings: Settings) -> dict[str, Any]:
    """Celery's settings, in its own words."""
    return {
        "task_acks_late": True,
        # A killed child of a living worker: hand the step out again at once.
        "task_reject_on_worker_lost": True,
        # A worker takes what it can run, and leaves the rest to the others.
        "worker_prefetch_multiplier": 1,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "visibility_timeout": settings.celery_lease_s,
            "unacked_restore_interval": min(RESTORE_SECONDS, settings.celery_lease_s),
            "unacked_restore_throttle": 1,
            # By default a run, or a worker, waits without end for a Redis that is frozen.
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
        },
    }


def executor(settings: Settings) -> dg.ExecutorDefinition:
    """Dagster's Celery executor, with the deployment's broker and no run config needed."""
    # dagster-celery declares its task anew for every step it sends; each time it is the same one.
    warnings.filterwarnings("ignore", message="Task name '.*' is already registered")
    return celery_executor.configured(
        {
            "broker": settings.celery_broker,
            "backend": settings.celery_broker,
            "config_source": options(settings),
        },
        name="celery",
    )
