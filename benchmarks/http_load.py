"""Load on a server of this machine: as fast as it goes, at a steady rate, or one request after the other.

With ``wrk`` where it is installed, and with threads of this process (slower than the server) otherwise.
"""

import http.client
import itertools
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

HOST = "127.0.0.1"
CONNECTIONS = 8
STEADY_RATE = 200
SCORING_RATE = 1


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
        return sum(map(processor_seconds_of, workers))


def processor_seconds_of(process: str) -> float:
    """Processor time that a process has used so far."""
    # User and system time are the 14th and 15th field; the second, a name, may hold spaces.
    field = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(field[11]) + int(field[12])) / os.sysconf("SC_CLK_TCK")


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


def fastest(served: Served, asked: Asked, etag: str | None, seconds: int) -> Pace:
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
            ask_one(connection, asked, next(numbers), etag)
            counts[number] += 1

    _run_threads(ask)
    return sum(counts), time.perf_counter() - start


def steady(port: int, asked: Asked, seconds: int) -> list[float]:
    """Seconds to answer each request at a steady rate, from when it was due."""
    total = asked.steady_rate * seconds
    start = time.perf_counter() + 0.2
    times: list[float] = []

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        for position in range(number, total, CONNECTIONS):
            due = start + position / asked.steady_rate
            time.sleep(max(due - time.perf_counter(), 0))
            ask_one(connection, asked, position, None)
            times.append(time.perf_counter() - due)

    _run_threads(ask)
    return times


def ask_one(
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
