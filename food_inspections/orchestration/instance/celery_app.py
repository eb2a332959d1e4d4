"""A Celery worker's application.

Start a worker on every machine, each with the environment of the deployment::

    celery --app food_inspections.orchestration.instance.celery_app worker --concurrency 1

Workers need the object store, PostgreSQL and Redis in common, and nothing else.
"""

import os
import signal
import time
from typing import Any

from celery.signals import worker_process_init, worker_ready
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_task

# The assets are imported here so that the children that run the steps find them loaded.
from food_inspections import definitions, worker  # noqa: F401
from food_inspections.orchestration.instance.celery_options import options
from food_inspections.settings import Settings

_settings = Settings.from_environment()
_pid = os.getpid()

app = make_app({"broker": _settings.celery_broker, "backend": _settings.celery_broker})  # type: ignore[no-untyped-call]
app.conf.update(options(_settings))
execute_plan = create_task(app)  # type: ignore[no-untyped-call]


@worker_ready.connect  # type: ignore[untyped-decorator]  # Celery carries no types
def renew_leases(sender: Any, **_: Any) -> None:
    """Have the worker say, as long as it lives, that it still runs what it took."""

    def renew() -> None:
        channel = sender.task_consumer.channel
        taken = dict.fromkeys(channel.qos._delivered, time.time())
        if taken:
            # A connection of its own: the channel's waits for the next step, and would take that for the answer.
            with channel.conn_or_acquire() as client:
                # xx: what another worker has taken over meanwhile is not ours any more.
                client.zadd(channel.unacked_index_key, taken, xx=True)

    sender.timer.call_repeatedly(_settings.celery_lease_s / 4, renew)


@worker_process_init.connect  # type: ignore[untyped-decorator]
def end_with_the_worker(**_: Any) -> None:
    """End a step when its worker is killed: by then another worker takes over."""
    worker.end_with(_pid, signal.SIGKILL)
