"""How fast the API reads: ``python -m benchmarks.http_api``.

Fills a database of its own with a city of some size, serves it as ``food-inspections
api`` does, and puts it under load on this machine, beside a bare Flask route under
the same gunicorn. Prints per route:

* requests a second as fast as they go, when the caller sends the ``ETag`` (304) and
  when it does not (200 from the worker's memory), as shares of the bare route's rate;
* median and 99th percentile of the time to answer at a steady rate, counted from when
  each request was due, so that a stall counts for every request it delays.

Load goes to 127.0.0.1 only, for a bounded time, with ``wrk`` where it is installed
and with threads of this process (slower than the server) otherwise.
"""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import numpy as np
from flask import Flask

from food_inspections.cli.api import Server, server_options
from food_inspections.settings import Settings
from food_inspections.storage import database
from food_inspections.storage.objects import ObjectStore
from food_inspections_tests.api.seed import Seeded, seed_city

HOST = "127.0.0.1"
CONNECTIONS = 8
STEADY_RATE = 200
ROUNDS = 3
START_SECONDS = 60


class BareServer(Server):
    """The least that Flask can do, under the same gunicorn."""

    def load(self) -> Flask:
        """An application of one route."""
        app = Flask("bare")
        app.add_url_rule("/", view_func=lambda: {"status": "bare"})
        return app


@click.group(invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Measure every GET of the API."""
    if context.invoked_subcommand is None:
        context.invoke(measure)


@main.command()
@click.argument("what", type=click.Choice(["bare", "api"]))
@click.argument("port", type=int)
@click.argument("workers", type=int)
def serve(what: str, port: int, workers: int) -> None:
    """Serve the bare route or the API: for the measurement, in a process of its own."""
    server = BareServer if what == "bare" else Server
    server(Settings.from_environment(), server_options(f"{HOST}:{port}", workers, access_log=False)).run()


@main.command()
@click.option("--seconds", default=1, show_default=True, type=click.IntRange(1, 60), help="Length of each measurement.")
@click.option("--places", default=5_000, show_default=True, type=click.IntRange(100, 20_000), help="Establishments.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 8), help="Processes that answer.")
def measure(seconds: int, places: int, workers: int) -> None:
    """Measure every GET of the API."""
    with tempfile.TemporaryDirectory(prefix="fi-bench-") as folder:
        settings = Settings.from_environment({"FOOD_INSPECTIONS_HOME": folder})
        seeded = _filled(settings, places)
        with _served(settings, "bare", workers) as bare, _served(settings, "api", workers) as port:
            rates = "".join(f"{name:>9}{'of bare':>9}" for name in ("304/s", "200/s"))
            click.echo(f"{'route':<32}{'bytes':>9}{'bare/s':>9}{rates}{'p50 ms':>9}{'p99 ms':>9}")
            for name, path in _routes(seeded).items():
                _report(name, f"/api/v1{path}", port, bare, seconds)


def _filled(settings: Settings, places: int) -> Seeded:
    database.upgrade(settings)
    engine = database.engine(settings)
    click.echo(f"filling a city of {places:,} establishments ...")
    seeded = seed_city(engine, ObjectStore.from_url(settings.object_store), places=places, visits_a_week=350)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return seeded


def _routes(seeded: Seeded) -> dict[str, str]:
    week = seeded.predicted_weeks[-1]
    establishment = seeded.inspections["establishment_id"].iloc[-1]
    return {
        "/establishments?q=": "/establishments?q=corner+main&page_size=50",
        "/establishments/{id}/prediction": f"/establishments/{establishment}/prediction",
        "/establishments/{id}/history": f"/establishments/{establishment}/history",
        "/predictions?week=": f"/predictions?week={week}",
        "/predictions?date=": f"/predictions?date={week}",
        "/inspection-queue": "/inspection-queue",
        "/models": "/models",
        "/models/champion": "/models/champion",
        "/bias-report": "/bias-report",
        "/score-distributions": "/score-distributions",
        "/drift": "/drift",
        "/health/ready": "/health/ready",
    }


def _report(name: str, path: str, port: int, bare_port: int, seconds: int) -> None:
    etag, size = _first(port, path)
    # By turns, so that whatever else the machine does weighs on all of them alike.
    rounds = [
        (
            _fastest(bare_port, "/", None, seconds),
            _fastest(port, path, etag, seconds) if etag else float("nan"),
            _fastest(port, path, None, seconds),
        )
        for _ in range(ROUNDS)
    ]
    bare, unchanged, whole = np.median(np.array(rounds), axis=0)
    p50, p99 = 1000 * np.percentile(_steady(port, path, seconds * ROUNDS), [50, 99])
    rates = "".join(f"{rate:>9,.0f}{rate / bare:>9.0%}" for rate in (unchanged, whole))
    click.echo(f"{name:<32}{size:>9,}{bare:>9,.0f}{rates}{p50:>9.1f}{p99:>9.1f}")


def _first(port: int, path: str) -> tuple[str | None, int]:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    size = len(answer.read())
    if answer.status != 200:
        raise click.ClickException(f"{path} answered {answer.status}")
    return answer.getheader("ETag"), size


def _fastest(port: int, path: str, etag: str | None, seconds: int) -> float:
    """Requests a second as fast as they go."""
    if shutil.which("wrk") is None:
        return _fastest_threads(port, path, etag, seconds)
    headers = ["-H", f"If-None-Match: {etag}"] if etag else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *headers, f"http://{HOST}:{port}{path}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output and not etag:
        raise click.ClickException(f"{path} failed under load:\n{output}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None:
        raise click.ClickException(f"wrk said something else than expected:\n{output}")
    return float(rate.group(1))


def _fastest_threads(port: int, path: str, etag: str | None, seconds: int) -> float:
    counts = [0] * CONNECTIONS
    end = time.perf_counter() + seconds

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        while time.perf_counter() < end:
            _ask(connection, path, etag)
            counts[number] += 1

    _run_threads(ask)
    return sum(counts) / seconds


def _steady(port: int, path: str, seconds: int) -> list[float]:
    """Seconds to answer each request at a steady rate, from when it was due."""
    total = STEADY_RATE * seconds
    start = time.perf_counter() + 0.2
    times: list[float] = []

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        for position in range(number, total, CONNECTIONS):
            due = start + position / STEADY_RATE
            time.sleep(max(due - time.perf_counter(), 0))
            _ask(connection, path, None)
            times.append(time.perf_counter() - due)

    _run_threads(ask)
    return times


def _ask(connection: http.client.HTTPConnection, path: str, etag: str | None) -> None:
    connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
    connection.getresponse().read()


def _run_threads(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def _served(settings: Settings, what: str, workers: int) -> Iterator[int]:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    environment = os.environ | {"FOOD_INSPECTIONS_HOME": str(settings.home), "FOOD_INSPECTIONS_API_RATE_LIMIT": "none"}
    command = [sys.executable, "-m", "benchmarks.http_api", "serve", what, str(port), str(workers)]
    with subprocess.Popen(command, env=environment) as server:
        try:
            _wait(port, "/" if what == "bare" else "/health/live")
            yield port
        finally:
            server.terminate()


def _wait(port: int, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            _ask(http.client.HTTPConnection(HOST, port, timeout=5), path, None)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
