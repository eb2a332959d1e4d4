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

Ends with what the API is meant to keep to, asked for by one caller at a time: each aim,
what was seen, and the processor time that PostgreSQL took for it.

Load goes to 127.0.0.1 only, for a bounded time, with ``wrk`` where it is installed
and with threads of this process (slower than the server) otherwise.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
import numpy as np
from flask import Flask

from benchmarks.http_load import HOST, Asked, Pace, Served, ask_one, fastest, processor_seconds_of, steady
from food_inspections.api.schemas.queue import LARGEST_PAGE
from food_inspections.cli.api import THREADS
from food_inspections.cli.api import server as api_server
from food_inspections.domain.recipes.registry import DEFAULT_RECIPE
from food_inspections.serving.server import Server
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database
from food_inspections_tests.api.seed import Seeded, seed_city

AIMED_REQUESTS = 30
"""Requests that an aim is measured by."""
MOST_TIMES_BARE = 2.5
MOST_MS_OF_QUEUE = 100.0
ROWS_OF_QUEUE = 15_000
MOST_MS_OF_ONE = 25.0
MOST_MS_OF_THOUSAND = 400.0
ROUNDS = 3
START_SECONDS = 60


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
            routes = _routes(seeded)
            for name, asked in routes.items():
                _report(name, asked, api, bare, seconds)
            _report_aims(routes, settings, api, bare)


def _filled(settings: Settings, places: int) -> Seeded:
    database.upgrade(settings)
    engine = database.engine(settings)
    click.echo(f"filling a city of {places:,} establishments ...")
    seeded = seed_city(
        engine,
        ObjectStore.from_url(settings.object_store),
        places=places,
        visits_a_week=max(350, places // 10),
        recipe=DEFAULT_RECIPE,
    )
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
    etag, size = first_answer(api.port, asked)
    # By turns, so that whatever else the machine does weighs on all of them alike.
    rounds = [
        (
            fastest(bare, Asked(["/"]), None, seconds),
            fastest(api, asked, etag, seconds) if etag else Pace(float("nan"), float("nan")),
            fastest(api, asked, None, seconds),
        )
        for _ in range(ROUNDS)
    ]
    paces = np.median([[(pace.rate, pace.cost_ms) for pace in turn] for turn in rounds], axis=0)
    (bare_rate, bare_cost), *others = paces
    p50, p99 = 1000 * np.percentile(steady(api.port, asked, seconds * ROUNDS), [50, 99])
    columns = "".join(f"{rate:>8,.0f}{rate / bare_rate:>9.0%}{cost:>8.2f}" for rate, cost in others)
    click.echo(f"{name:<32}{size:>9,}{bare_rate:>8,.0f}{bare_cost:>8.2f}{columns}{p50:>8.1f}{p99:>8.1f}")


def _report_aims(routes: dict[str, Asked], settings: Settings, api: Served, bare: Served) -> None:
    """What the API is meant to keep to, by one caller at a time."""
    click.echo(f"\n{'aim, one caller at a time':<58}{'seen':>9}{'aim':>8}{'PostgreSQL ms':>16}")

    def say(name: str, seen: float, aim: float, cost: Cost) -> None:
        verdict = "kept" if seen <= aim else "MISSED"
        click.echo(f"{name:<58}{seen:>9.1f}{aim:>8.1f}{cost.database_ms:>16.1f}  {verdict}")

    row = _cost(api, routes[".../prediction, random ids"], settings, 20 * AIMED_REQUESTS)
    least = _cost(bare, Asked(["/"]), settings, 20 * AIMED_REQUESTS)
    say(
        "a row by random id, processor time over the bare route's",
        row.worker_ms / least.worker_ms,
        MOST_TIMES_BARE,
        row,
    )
    # By another score each time, so that no answer is one that the worker has kept.
    path = routes["/inspection-queue?scope=all"].paths[0]
    unkept = Asked([f"{path}&min_score={number / 1e9:.9f}" for number in range(10 * AIMED_REQUESTS)])
    whole = _cost(api, unkept, settings, AIMED_REQUESTS)
    name = f"the whole queue, processor ms of the worker for {ROWS_OF_QUEUE:,} rows"
    say(name, whole.worker_ms * ROWS_OF_QUEUE / _queue_rows(api.port), MOST_MS_OF_QUEUE, whole)
    one = _cost(api, routes["POST /predictions, 1 visit"], settings, AIMED_REQUESTS)
    say("one known visit scored with reasons, median ms", one.median_ms, MOST_MS_OF_ONE, one)
    click.echo(f"{'  its processor ms in the worker':<58}{one.worker_ms:>9.1f}")
    many = _cost(api, routes["POST /predictions, 1,000 visits"], settings, AIMED_REQUESTS)
    say("1,000 visits scored with reasons, median ms", many.median_ms, MOST_MS_OF_THOUSAND, many)
    click.echo(f"{'  their processor ms in the worker':<58}{many.worker_ms:>9.1f}")


@dataclass(frozen=True)
class Cost:
    """What a request costs where nobody else asks: median time, and processor time of the worker and of PostgreSQL."""

    median_ms: float
    worker_ms: float
    database_ms: float


def _cost(served: Served, asked: Asked, settings: Settings, requests: int) -> Cost:
    connection, times = http.client.HTTPConnection(HOST, served.port, timeout=30), []
    for number in range(2 * THREADS):  # every thread has its connections and the model
        ask_one(connection, asked, number, None)
    before, before_there = served.processor_seconds(), _database_seconds(settings)
    for number in range(requests):
        start = time.perf_counter()
        ask_one(connection, asked, number, None)
        times.append(time.perf_counter() - start)
    worker, there = served.processor_seconds() - before, _database_seconds(settings) - before_there
    return Cost(1000 * float(np.median(times)), 1000 * worker / requests, 1000 * there / requests)


def _database_seconds(settings: Settings) -> float:
    """Processor time of the connections that PostgreSQL holds."""
    with database.engine(settings).connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'food-inspections api'"
        )
        return sum(processor_seconds_of(str(row.pid)) for row in found)


def _queue_rows(port: int) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", "/api/v1/inspection-queue?scope=all&page_size=1")
    answer = connection.getresponse()
    answer.read()
    return int(json.loads(answer.getheader("X-Pagination") or "{}")["total"])


def first_answer(port: int, asked: Asked) -> tuple[str | None, int]:
    """The ETag, where every caller asks for the same, and the size of the answer."""
    answer, size = ask_one(http.client.HTTPConnection(HOST, port, timeout=30), asked, 0, None)
    if answer.status != 200:
        raise click.ClickException(f"{asked.paths[0]} answered {answer.status}")
    return (answer.getheader("ETag") if asked.is_one else None), size


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
            ask_one(http.client.HTTPConnection(HOST, port, timeout=5), Asked([path]), 0, None)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
