import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Self

import pytest
from click.testing import CliRunner, Result
from dagster._daemon import freshness
from dagster._daemon.auto_run_reexecution import event_log_consumer

from food_inspections import home_record
from food_inspections.cli import up
from food_inspections.cli.services import Service
from food_inspections.demo import demo_data
from food_inspections.environment import PREFIX

ROOT = Path(__file__).resolve().parents[2]


class Recorder:
    """A supervisor that starts nothing and is interrupted as soon as it waits."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.started: list[Service] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def start(self, service: Service) -> None:
        self.started.append(service)

    def wait_until_up(self) -> None:
        return None

    def wait(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def recorders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Recorder]]:
    """What would have been started, from an environment that names a home and nothing else."""
    made: list[Recorder] = []

    def make(environment: dict[str, str]) -> Recorder:
        made.append(Recorder(environment))
        return made[-1]

    for name in [name for name in os.environ if name.startswith(PREFIX)] + ["DAGSTER_HOME"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(f"{PREFIX}HOME", str(tmp_path))
    monkeypatch.setattr(up, "Supervisor", make)
    monkeypatch.setattr(up.database, "upgrade", lambda settings: [])
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(up.command, arguments)
    assert result.exit_code == 0, result.output
    return result


def test_the_services_share_one_home_and_know_each_others_addresses(recorders: list[Recorder], tmp_path: Path) -> None:
    run("--dagster-port", "3101", "--api-port", "8101", "--monitor-port", "8151")

    (recorder,) = recorders
    assert [service.name for service in recorder.started] == ["Code", "Dagster", "Daemon", "API", "Monitor"]
    own = {name: value for name, value in recorder.environment.items() if name.startswith((PREFIX, "DAGSTER_HOME"))}
    assert own == {
        "DAGSTER_HOME": str(ROOT),
        f"{PREFIX}HOME": str(tmp_path),
        f"{PREFIX}DAGSTER_URL": "http://127.0.0.1:3101",
        f"{PREFIX}API_URL": "http://127.0.0.1:8101",
        f"{PREFIX}MONITOR_URL": "http://127.0.0.1:8151",
    }
    assert all(str(service.port) in service.command for service in recorder.started if service.port is not None)


def test_the_addresses_are_printed_and_how_to_stop(recorders: list[Recorder]) -> None:
    output = run().output

    assert "Dagster    http://127.0.0.1:3000/\n" in output
    assert "API        http://127.0.0.1:8000/docs\n" in output
    assert "Monitor    http://127.0.0.1:8050/\n" in output
    assert "Ctrl-C stops all of them." in output


def test_too_little_room_is_said_beforehand(recorders: list[Recorder], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Note:" not in run().output

    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert "has 0 MB free, and 1 week may need" in run().output


def test_dagsters_loops_turn_at_leisure_unless_somebody_says_otherwise(
    recorders: list[Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRESHNESS_DAEMON_INTERVAL_SECONDS", "7")

    run()

    environment = recorders[0].environment
    assert environment["FRESHNESS_DAEMON_INTERVAL_SECONDS"] == "7"
    assert environment["DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS"] == "15"


def test_the_variables_with_which_they_do_are_those_that_dagster_reads() -> None:
    read = "\n".join(Path(module.__file__ or "").read_text() for module in (freshness, event_log_consumer))

    assert all(f'"{name}"' in read for name in up.AT_LEISURE)


def test_an_address_that_is_set_is_kept(recorders: list[Recorder], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}API_URL", "https://api.example")

    run()

    assert recorders[0].environment[f"{PREFIX}API_URL"] == "https://api.example"


def test_after_a_demo_its_portal_is_served_as_well(recorders: list[Recorder], tmp_path: Path) -> None:
    demo_data(tmp_path).parent.mkdir(parents=True)
    demo_data(tmp_path).touch()
    home_record.remember_city(tmp_path, "chicago", "Chicago")
    home_record.remember_portal_files(tmp_path, [demo_data(tmp_path)])

    output = run("--portal-port", "8170").output

    (recorder,) = recorders
    assert recorder.started[-1].name == "Portal"
    assert str(demo_data(tmp_path)) in recorder.started[-1].command
    assert recorder.environment[f"{PREFIX}PORTAL_URL"] == "http://127.0.0.1:8170"
    assert "Portal     http://127.0.0.1:8170/" in output


def test_a_portal_that_is_set_is_asked_whatever_the_demo_left(
    recorders: list[Recorder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_data(tmp_path).parent.mkdir(parents=True)
    demo_data(tmp_path).touch()
    home_record.remember_city(tmp_path, "chicago", "Chicago")
    home_record.remember_portal_files(tmp_path, [demo_data(tmp_path)])
    monkeypatch.setenv(f"{PREFIX}PORTAL_URL", "https://data.cityofchicago.org")

    run()

    assert "Portal" not in [service.name for service in recorders[0].started]
    assert recorders[0].environment[f"{PREFIX}PORTAL_URL"] == "https://data.cityofchicago.org"
