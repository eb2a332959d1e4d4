"""How fast the API reads: ``python -m benchmarks.http_api``.

Fills a database of its own with a city of some size, serves it as ``food-inspections
api`` does, and puts it under load on this machine, beside a bare Flask route under
the same gunicorn. Prints per route:

* requests a second as fast as they go, when the caller sends the ``ETag`` (304) and
  when it does not (200 from the worker's memory), as shares of the bare route's rate;
* the processor time that one of them takes the workers, which other work on the machine
  hardly changes, and the same of the bare route;
* median and 99th percentile of the time to answer at a steady rate, counted from when
  each request was due, so that a stall counts for every request it delays.

Load goes to 127.0.0.1 only, for a bounded time, with ``wrk`` where it is installed
and with threads of this process (slower than the server) otherwise.
"""

import http.client
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from flask import Flask

from food_inspections.api.schemas.queue import LARGEST_PAGE
from food_inspections.cli.api import THREADS
from food_inspections.cli.api import server as api_server
from food_inspections.serving.server import Server
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database
from food_inspections_tests.api.seed import Seeded, seed_city

HOST = "127.0.0.1"
CONNECTIONS = 8
STEADY_RATE = 200
SCORING_RATE = 1
ROUNDS = 3
START_SECONDS = 60


@dataclass(frozen=True)
class Served:
    """A server under measurement: its port, and the process that its workers are children of."""

    port: int
    process_id: int

    def processor_seconds(self) -> float:
        """Processor time its workers have used so far; not a number where the system has no ``/proc``."""
        own = Path(f"/proc/{self.process_id}")
        if not own.exists():
            return float("nan")
        workers = (own / f"task/{self.process_id}/children").read_text().split()
        # User and system time are the 14th and 15th field; the second, a name, may hold spaces.
        fields = [Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split() for worker in workers]
        return sum(int(field[11]) + int(field[12]) for field in fields) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Asked:
    """What callers ask for, one after the other.

    Attributes:
        paths: Addresses.
        bodies: What is posted there; nothing where it is a ``GET``.
    """

    paths: Sequence[str]
    bodies: Sequence[Any] = ()

    @property
    def is_one(self) -> bool:
        """Whether every request is the same, and only reads."""
        return len(self.paths) == 1 and not self.bodies

    @property
    def steady_rate(self) -> int:
        """Requests a second that the times to answer are measured at."""
        return SCORING_RATE if self.bodies else STEADY_RATE


@dataclass(frozen=True)
class Pace:
    """Requests a second, and processor milliseconds one of them takes."""

    rate: float
    cost_ms: float


def bare_app() -> Flask:
    """The least that Flask can do: one route."""
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
    address = f"{HOST}:{port}"
    if what == "api":
        api_server(Settings.from_environment(), address, workers).run()
    else:
        Server(bare_app, address, workers=workers, threads=THREADS, largest_body_bytes=1024).run()


@main.command()
@click.option("--seconds", default=1, show_default=True, type=click.IntRange(1, 60), help="Length of each measurement.")
@click.option("--places", default=5_000, show_default=True, type=click.IntRange(100, 20_000), help="Establishments.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 8), help="Processes that answer.")
def measure(seconds: int, places: int, workers: int) -> None:
    """Measure every GET of the API."""
    with tempfile.TemporaryDirectory(prefix="fi-bench-") as folder:
        settings = Settings.from_environment({"FOOD_INSPECTIONS_HOME": folder})
        seeded = _filled(settings, places)
        with _served(settings, "bare", workers) as bare, _served(settings, "api", workers) as api:
            paces = f"{'bare/s':>8}{'cpu ms':>8}" + "".join(
                f"{name:>8}{'of bare':>9}{'cpu ms':>8}" for name in ("304/s", "200/s")
            )
            click.echo(f"{'route':<32}{'bytes':>9}{paces}{'p50 ms':>8}{'p99 ms':>8}")
            for name, asked in _routes(seeded).items():
                _report(name, asked, api, bare, seconds)


def _filled(settings: Settings, places: int) -> Seeded:
    database.upgrade(settings)
    engine = database.engine(settings)
    click.echo(f"filling a city of {places:,} establishments ...")
    seeded = seed_city(engine, ObjectStore.from_url(settings.object_store), places=places, visits_a_week=350)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return seeded


def _routes(seeded: Seeded) -> dict[str, Asked]:
    """What each line of the report is about."""
    week = seeded.predicted_weeks[-1]
    establishment = seeded.inspections["establishment_id"].iloc[-1]
    known = seeded.inspections["establishment_id"].drop_duplicates().sample(frac=1.0, random_state=0).to_list()
    visits = [{"establishment_id": each} for each in known]
    routes = {
        "/establishments?q=": "/establishments?q=corner+main&page_size=50",
        "/establishments/{id}/prediction": f"/establishments/{establishment}/prediction",
        "/establishments/{id}/history": f"/establishments/{establishment}/history",
        "/predictions?week=": f"/predictions?week={week}",
        "/predictions?date=": f"/predictions?date={week}",
        "/inspection-queue": "/inspection-queue",
        "/inspection-queue?scope=all": f"/inspection-queue?scope=all&page_size={LARGEST_PAGE}",
        "/models": "/models",
        "/models/champion": "/models/champion",
        "/bias-report": "/bias-report",
        "/score-distributions": "/score-distributions",
        "/drift": "/drift",
        "/health/ready": "/health/ready",
    }
    return {
        ".../prediction, random ids": Asked([f"/api/v1/establishments/{each}/prediction" for each in known]),
        **{name: Asked([f"/api/v1{path}"]) for name, path in routes.items()},
        "POST /predictions, 1 visit": Asked(["/api/v1/predictions"], [{"visits": [visit]} for visit in visits]),
        "POST /predictions, 1,000 visits": Asked(["/api/v1/predictions"], [{"visits": visits[:1000]}]),
    }


def _report(name: str, asked: Asked, api: Served, bare: Served, seconds: int) -> None:
    etag, size = _first(api.port, asked)
    # By turns, so that whatever else the machine does weighs on all of them alike.
    rounds = [
        (
            _fastest(bare, Asked(["/"]), None, seconds),
            _fastest(api, asked, etag, seconds) if etag else Pace(float("nan"), float("nan")),
            _fastest(api, asked, None, seconds),
        )
        for _ in range(ROUNDS)
    ]
    paces = np.median([[(pace.rate, pace.cost_ms) for pace in turn] for turn in rounds], axis=0)
    (bare_rate, bare_cost), *others = paces
    p50, p99 = 1000 * np.percentile(_steady(api.port, asked, seconds * ROUNDS), [50, 99])
    columns = "".join(f"{rate:>8,.0f}{rate / bare_rate:>9.0%}{cost:>8.2f}" for rate, cost in others)
    click.echo(f"{name:<32}{size:>9,}{bare_rate:>8,.0f}{bare_cost:>8.2f}{columns}{p50:>8.1f}{p99:>8.1f}")


def _first(port: int, asked: Asked) -> tuple[str | None, int]:
    """The ETag, where every caller asks for the same, and the size of the answer."""
    answer, size = _ask(http.client.HTTPConnection(HOST, port, timeout=30), asked, 0, None)
    if answer.status != 200:
        raise click.ClickException(f"{asked.paths[0]} answered {answer.status}")
    return (answer.getheader("ETag") if asked.is_one else None), size


def _fastest(served: Served, asked: Asked, etag: str | None, seconds: int) -> Pace:
    """How a route does as fast as it goes."""
    before = served.processor_seconds()
    send = _send_wrk if asked.is_one and shutil.which("wrk") else _send_threads
    requests, took_s = send(served.port, asked, etag, seconds)
    return Pace(requests / took_s, 1000 * (served.processor_seconds() - before) / requests)


def _send_wrk(port: int, asked: Asked, etag: str | None, seconds: int) -> tuple[int, float]:
    """Requests answered, and the seconds they took."""
    path = asked.paths[0]
    headers = ["-H", f"If-None-Match: {etag}"] if etag else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *headers, f"http://{HOST}:{port}{path}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output and not etag:
        raise click.ClickException(f"{path} failed under load:\n{output}")
    requests = re.search(r"(\d+) requests in", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if requests is None or rate is None:
        raise click.ClickException(f"wrk said something else than expected:\n{output}")
    return int(requests.group(1)), int(requests.group(1)) / float(rate.group(1))


def _send_threads(port: int, asked: Asked, etag: str | None, seconds: int) -> tuple[int, float]:
    numbers, counts = itertools.count(), [0] * CONNECTIONS
    start = time.perf_counter()

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        while time.perf_counter() < start + seconds:
            _ask(connection, asked, next(numbers), etag)
            counts[number] += 1

    _run_threads(ask)
    return sum(counts), time.perf_counter() - start


def _steady(port: int, asked: Asked, seconds: int) -> list[float]:
    """Seconds to answer each request at a steady rate, from when it was due."""
    total = asked.steady_rate * seconds
    start = time.perf_counter() + 0.2
    times: list[float] = []

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        for position in range(number, total, CONNECTIONS):
            due = start + position / asked.steady_rate
            time.sleep(max(due - time.perf_counter(), 0))
            _ask(connection, asked, position, None)
            times.append(time.perf_counter() - due)

    _run_threads(ask)
    return times


def _ask(
    connection: http.client.HTTPConnection, asked: Asked, number: int, etag: str | None
) -> tuple[http.client.HTTPResponse, int]:
    """The answer to one request, and the size of its body."""
    headers = {"If-None-Match": etag} if etag else {}
    path = asked.paths[number % len(asked.paths)]
    if asked.bodies:
        body = json.dumps(asked.bodies[number % len(asked.bodies)])
        connection.request("POST", path, body, headers | {"Content-Type": "application/json"})
    else:
        connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer, len(answer.read())


def _run_threads(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def _served(settings: Settings, what: str, workers: int) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = int(free.getsockname()[1])
    environment = os.environ | {"FOOD_INSPECTIONS_HOME": str(settings.home), "FOOD_INSPECTIONS_API_RATE_LIMIT": "none"}
    environment["FOOD_INSPECTIONS_API_SCORING_RATE_LIMIT"] = "none"
    command = [sys.executable, "-m", "benchmarks.http_api", "serve", what, str(port), str(workers)]
    with subprocess.Popen(command, env=environment) as server:
        try:
            _wait(port, "/" if what == "bare" else "/health/live")
            yield Served(port, server.pid)
        finally:
            server.terminate()


def _wait(port: int, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            _ask(http.client.HTTPConnection(HOST, port, timeout=5), Asked([path]), 0, None)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
