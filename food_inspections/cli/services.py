"""Runs several programs side by side: started together, stopped together.

By hand although honcho exists: it takes a service for ended when nobody holds its output any more. Tried with 2.0.0, it
noticed that a service had been killed after 38 s, when a program that the service had started ended by itself.

Each program gets a process group of its own, so that stopping it also stops what it started, and Ctrl-C reaches this
supervisor alone, which then stops all of them in order.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from food_inspections import worker
from food_inspections.errors import FoodInspectionsError

HOST = "127.0.0.1"
POLL_S = 0.2
WATCH_S = 1.0
"""Between two looks at services that are up, for weeks on end."""

START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 8.0
"""Runs have this long to end by themselves; Dagster's code server (1.13.27) ends on no signal but the last one."""


@dataclass(frozen=True)
class Service:
    """A program to run.

    Attributes:
        name: What people call it.
        command: Program and arguments.
        port: Where it listens for browsers, if it does.
        path: Page to open first.
        socket: Where it listens for other services, if it does.
        log: Where what it says goes, begun anew at every start; among what the others say by default.
    """

    name: str
    command: Sequence[str]
    port: int | None = None
    path: str = "/"
    socket: str | None = None
    log: Path | None = None

    @property
    def address(self) -> str | None:
        """Where a browser finds it."""
        return None if self.port is None else f"http://{HOST}:{self.port}{self.path}"

    @property
    def is_up(self) -> bool:
        """Whether it answers wherever it listens."""
        return (self.port is None or _answers((HOST, self.port))) and (self.socket is None or _answers(self.socket))


def require_free(host: str, port: int, name: str, option: str) -> None:
    """Refuse a port that something else listens on; the message names the option that gives another.

    Raises:
        FoodInspectionsError: The port is taken.
    """
    if _answers((host, port)):
        raise FoodInspectionsError(
            f"Port {port} for {name} is taken: stop what listens there, or give another with {option}."
        )


class Supervisor:
    """Starts services and stops all of them at the end, whatever ends it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._running: list[tuple[Service, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, service: Service) -> None:
        """Start a service without waiting for it."""
        supervisor = os.getpid()
        with nullcontext() if service.log is None else service.log.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - commands of our own
                list(service.command),
                env=self.environment,
                start_new_session=True,
                # Greetings would drown the addresses; what is wrong goes to stderr.
                stdout=subprocess.DEVNULL,
                stderr=log,
                # A supervisor that is killed outright stops nothing by itself. It has no threads that would mind.
                preexec_fn=lambda: worker.end_with(supervisor, signal.SIGKILL),  # noqa: PLW1509
            )
        self._running.append((service, process))

    def wait_until_up(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until every service that was started answers.

        Raises:
            FoodInspectionsError: One of them ended, or does not answer in time.
        """
        deadline = time.monotonic() + timeout_s
        for service, _ in self._running:
            while not service.is_up:
                self.require_all_running()
                if time.monotonic() > deadline:
                    raise FoodInspectionsError(f"{service.name} does not answer after {timeout_s:.0f} s: see above.")
                time.sleep(POLL_S)

    def wait(self) -> None:
        """Wait until a service ends, which is then an error.

        Raises:
            FoodInspectionsError: A service ended.
        """
        while True:
            self.require_all_running()
            time.sleep(WATCH_S)

    def require_all_running(self) -> None:
        """Refuse to go on without one of the services.

        Raises:
            FoodInspectionsError: A service ended.
        """
        for service, process in self._running:
            code = process.poll()
            if code is not None:
                where = "what it printed above" if service.log is None else service.log
                raise FoodInspectionsError(f"{service.name} ended with exit code {code}: see {where}.")

    def stop(self) -> None:
        """Stop every service, the last started first; those that do not stop in time are killed."""
        processes = [process for _, process in reversed(self._running)]
        for process in processes:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        try:
            while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
                time.sleep(POLL_S)
        finally:
            # Whoever presses Ctrl-C again wants an end at once, not to be left with what was started.
            for process in processes:
                _signal(process, signal.SIGKILL)
                process.wait()
            self._running.clear()


def _answers(address: tuple[str, int] | str) -> bool:
    try:
        if isinstance(address, str):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1)
                probe.connect(address)
        else:
            socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return  # the group is gone, which is what was asked for
