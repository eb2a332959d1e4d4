"""``food-inspections api``: the HTTP API."""

import gc
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from food_inspections.cli.services import require_free
from food_inspections.serving.server import Server, address_of
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
LIVENESS_PATHS = frozenset({"/health/live", "/api/v1/health/live"})

# Importing takes seconds: once, for all workers, rather than in each, or even in the
# first request that scores.
_MODULES = (
    "food_inspections.api",
    "food_inspections.storage.models.files",
    "food_inspections.domain.learning.explanations",
)


@click.command("api")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that answer.")
@click.option("--access-log", is_flag=True, help="Log every request to standard output.")
def command(host: str, port: int, workers: int, access_log: bool) -> None:
    """Serve the HTTP API; Swagger UI is at /docs."""
    settings = Settings.from_environment()
    require_free(host, port, "the API", "--port")
    if settings.database_url is None:
        # The embedded server is ours to set up; a given one has its own operator.
        database.upgrade(settings)
    address = address_of(host, port)
    click.echo(f"Food Inspections API on http://{address}, documentation on http://{address}/docs (Ctrl-C stops it)")
    with _shared_metrics(workers):
        for module in _MODULES:
            importlib.import_module(module)
        # What is loaded by now stays: collecting it in each worker would copy the memory they share.
        gc.freeze()
        server(settings, address, workers, with_access_log=access_log).run()


def server(settings: Settings, address: str, workers: int, *, with_access_log: bool = False) -> Server:
    """The API with its workers.

    Args:
        settings: Settings of the program.
        address: ``host:port`` to listen on.
        workers: Processes that answer.
        with_access_log: Whether every request is logged.
    """

    def make() -> "Flask":
        # Not before the metrics' folder is known.
        from food_inspections.api import create_app  # noqa: PLC0415
        from food_inspections.api.http import access_log  # noqa: PLC0415

        app = create_app(settings)
        if with_access_log:
            access_log.register(app)
        return app

    return Server(
        make,
        address,
        workers=workers,
        threads=THREADS,
        largest_body_bytes=settings.api_max_body_bytes,
        liveness_paths=LIVENESS_PATHS,
        options={"child_exit": _forget_worker},
    )


def _forget_worker(_server: Any, worker: Any) -> None:
    if METRICS_FOLDER in os.environ:
        # Its import settles whether numbers are shared, so the variable must be set before.
        from prometheus_client import multiprocess  # noqa: PLC0415

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """A folder through which several workers add up their metrics."""
    if workers == 1:
        yield
        return
    folder = tempfile.mkdtemp(prefix="food-inspections-metrics-")
    os.environ[METRICS_FOLDER] = folder
    owner = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == owner:  # not in a worker, which ends by passing through here as well
            shutil.rmtree(folder)
