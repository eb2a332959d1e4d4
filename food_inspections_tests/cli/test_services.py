"""Real child processes: started together, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from food_inspections import worker
from food_inspections.cli import services
from food_inspections.cli.services import HOST, Service, Supervisor, require_free
from food_inspections.errors import FoodInspectionsError

LISTEN = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
SERVE = LISTEN + "while True: s.accept()[0].close()"
# A service that starts a helper, as Dagster does; neither heeds SIGTERM.
STUBBORN = (
    "import pathlib, signal, subprocess, sys\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal, time;"
    " signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)'], stdout=subprocess.PIPE)\n"
    "child.stdout.readline()\n"
    "pathlib.Path(sys.argv[2]).write_text(str(child.pid))\n"
) + SERVE


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor(dict(os.environ)) as supervisor:
        yield supervisor


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def service(name: str, code: str, *arguments: object, port: int | None = None) -> Service:
    """A program in Python that is given its port and further arguments."""
    chosen = port or free_port()
    return Service(name, [sys.executable, "-c", code, str(chosen), *map(str, arguments)], chosen)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    return worker.started(pid) is not None


def test_services_are_up_once_each_answers_on_its_port(supervisor: Supervisor) -> None:
    both = [service("one", SERVE), service("two", SERVE)]
    for each in both:
        supervisor.start(each)

    supervisor.wait_until_up()

    for each in both:
        with pytest.raises(FoodInspectionsError, match=f"Port {each.port} for another is taken.* --port"):
            require_free(HOST, each.port, "another", "--port")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_a_port_of_ip_6_is_looked_at_as_well() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(FoodInspectionsError, match=f"Port {port} for the API is taken"):
            require_free("::1", port, "the API", "--port")
    require_free("::1", port, "the API", "--port")


def test_a_service_that_ends_while_starting_is_an_error_with_its_code(supervisor: Supervisor) -> None:
    supervisor.start(service("the API", "raise SystemExit(3)"))

    with pytest.raises(FoodInspectionsError, match="the API ended with exit code 3: see what it printed above"):
        supervisor.wait_until_up()


def test_a_service_that_dies_later_is_an_error_too(supervisor: Supervisor) -> None:
    supervisor.start(service("the monitor", SERVE))
    supervisor.start(service("the API", LISTEN + "s.accept(); s.accept(); raise SystemExit(4)"))
    supervisor.wait_until_up()
    _, dying = supervisor._running[1]
    socket.create_connection((HOST, supervisor._running[1][0].port)).close()

    with pytest.raises(FoodInspectionsError, match="the API ended with exit code 4"):
        supervisor.wait()
    assert dying.poll() == 4


def test_a_service_that_never_answers_is_given_up(supervisor: Supervisor) -> None:
    silent = service("the API", "import time; time.sleep(600)")
    supervisor.start(silent)

    with pytest.raises(FoodInspectionsError, match="the API does not answer after 0 s"):
        supervisor.wait_until_up(timeout_s=0.3)


def test_stopping_ends_every_service_and_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, supervisor: Supervisor
) -> None:
    monkeypatch.setattr(services, "STOP_TIMEOUT_S", 0.5)
    note = tmp_path / "pid"
    supervisor.start(service("polite", SERVE))
    supervisor.start(service("stubborn", STUBBORN, note))
    supervisor.wait_until_up()
    pids = [process.pid for _, process in supervisor._running] + [int(note.read_text())]
    assert all(is_running(pid) for pid in pids)

    supervisor.stop()

    wait_for(lambda: not any(is_running(pid) for pid in pids))


def test_an_error_while_they_run_stops_them_all() -> None:
    pids = []

    def fail() -> None:
        with Supervisor(dict(os.environ)) as supervisor:
            supervisor.start(service("one", SERVE))
            supervisor.wait_until_up()
            pids.extend(process.pid for _, process in supervisor._running)
            raise ValueError("made to fail")

    with pytest.raises(ValueError, match="made to fail"):
        fail()
    assert not any(is_running(pid) for pid in pids)


def test_a_second_interrupt_does_not_leave_services_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever presses Ctrl-C again wants it to end at once, not to be left with what it started."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    supervisor = Supervisor(dict(os.environ))
    note = tmp_path / "pid"
    supervisor.start(service("stubborn", STUBBORN, note))
    supervisor.wait_until_up()
    pids = [process.pid for _, process in supervisor._running] + [int(note.read_text())]
    monkeypatch.setattr(services.time, "sleep", interrupt)

    with pytest.raises(KeyboardInterrupt):
        supervisor.stop()
    monkeypatch.undo()

    wait_for(lambda: not any(is_running(pid) for pid in pids))


UP = """
import sys
import food_inspections.cli.up as up
from food_inspections.cli.services import Service
up.database.upgrade = lambda settings: []
up._services = lambda *ports_and_folder: [
    Service(name, [sys.executable, "-c", sys.argv[1], str(port)], port)
    for name, port in zip(("Dagster", "API", "Monitor"), ports_and_folder)
]
up.command(["--dagster-port", sys.argv[2], "--api-port", sys.argv[3], "--monitor-port", sys.argv[4]])
"""


@pytest.fixture
def run_up(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start `food-inspections up` with services that only listen, on the given ports."""
    started = []

    def start(*ports: int) -> "subprocess.Popen[str]":
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", UP, SERVE, *map(str, ports)],
            env={**os.environ, "FOOD_INSPECTIONS_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # As in a shell's foreground, where Ctrl-C is not ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_up_prints_the_addresses_and_stops_all_of_them_when_told_to(
    number: signal.Signals, run_up: Callable[..., "subprocess.Popen[str]"]
) -> None:
    ports = [free_port() for _ in range(3)]
    process = run_up(*ports)
    assert process.stdout is not None
    lines = [process.stdout.readline().split() for _ in range(3)]
    assert lines == [
        ["Dagster", f"http://127.0.0.1:{ports[0]}/"],
        ["API", f"http://127.0.0.1:{ports[1]}/"],
        ["Monitor", f"http://127.0.0.1:{ports[2]}/"],
    ]
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Stopping." in output
    assert all(is_free(port) for port in ports)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_nothing_is_left_of_up_when_it_is_killed(run_up: Callable[..., "subprocess.Popen[str]"]) -> None:
    ports = [free_port() for _ in range(3)]
    process = run_up(*ports)
    assert process.stdout is not None
    while "Ctrl-C" not in process.stdout.readline():
        assert process.poll() is None

    process.kill()

    wait_for(lambda: all(is_free(port) for port in ports))


def test_up_refuses_a_port_that_is_taken_before_anything_starts(run_up: Callable[..., "subprocess.Popen[str]"]) -> None:
    free = [free_port() for _ in range(2)]
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        process = run_up(free[0], taken, free[1])
        output, _ = process.communicate(timeout=60)

    assert f"Port {taken} for API is taken: stop what listens there, or give another with --api-port" in output
    assert process.returncode != 0
    assert all(is_free(port) for port in free)


def test_a_service_that_others_look_for_is_waited_for_at_its_socket(tmp_path: Path, supervisor: Supervisor) -> None:
    path = str(tmp_path / "code")
    code = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\nwhile True: s.accept()"
    )
    listening = Service("the code server", [sys.executable, "-c", code, path], socket=path)
    assert not listening.is_up
    supervisor.start(listening)

    supervisor.wait_until_up()

    assert listening.is_up
    assert listening.address is None
