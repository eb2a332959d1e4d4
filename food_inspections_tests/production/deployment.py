"""A deployment of several machines on this one: a run's process and two workers, each with a home of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from food_inspections_tests.production.postgresql_server import PostgresqlServer

WAIT_SECONDS = 120

SECRETS = {
    "FOOD_INSPECTIONS_APP_TOKEN": "planted-app-token",
    "FOOD_INSPECTIONS_API_KEYS": "planted-api-key",
    "FOOD_INSPECTIONS_WEBHOOK_URL": "http://127.0.0.1:9/planted-webhook-path",
}


def dagster_environment(server: PostgresqlServer, name: str) -> dict[str, str]:
    """What deploy/dagster.yaml is told of the database and the bucket."""
    url = make_url(server.url(name)).set(drivername="postgresql+psycopg2")
    url = url.update_query_dict({"options": "-csearch_path=dagster", "plugin": "food_inspections"})
    return {"DAGSTER_POSTGRES_URL": url.render_as_string(hide_password=False), "DAGSTER_S3_BUCKET": "bucket"}


class Worker:
    """A Celery worker in a process group of its own."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.home = folder / f"home_{name}"
        self.log = folder / f"worker_{name}.log"
        application = "food_inspections.orchestration.instance.celery_app"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [
                    *(sys.executable, "-m", "celery", "--app", application, "worker"),
                    *("--concurrency", "1", "--hostname", f"{name}@here", "--loglevel", "INFO"),
                ],
                # Not the repository: a worker finds its files by their packages, wherever it is started.
                cwd=folder,
                env={**os.environ, **environment, "FOOD_INSPECTIONS_HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    @property
    def is_ready(self) -> bool:
        """Whether it takes steps."""
        return "@here ready." in self.text

    @property
    def is_at_work(self) -> bool:
        """Whether it has taken a step that it has not finished."""
        return self.text.count("] received") > self.text.count("] succeeded in")

    def kill(self) -> None:
        """End it as a power cut would: no warning, no goodbye."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def two_workers(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[Worker, Worker]]:
    """Start two workers and wait until both take steps."""
    workers = (Worker("a", folder, environment), Worker("b", folder, environment))
    try:
        until(lambda: all(worker.is_ready for worker in workers), "two workers are ready")
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def until(is_so: Callable[[], bool], what: str) -> None:
    """Poll until something is so.

    Raises:
        TimeoutError: It does not become so.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {WAIT_SECONDS} s until {what}.")
        time.sleep(0.1)
