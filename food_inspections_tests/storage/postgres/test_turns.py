"""Commands that take turns: real connections, and real processes that are killed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import MagicMock

import psycopg2
import pytest
from sqlalchemy import make_url

from food_inspections.errors import StorageError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import turns
from food_inspections.storage.postgres.connections import connected
from food_inspections.storage.postgres.turns import Turn

SECONDS = 30
TAKES_A_TURN = """
import sys
from food_inspections.settings import Settings
from food_inspections.storage.postgres.turns import Turn
with Turn(Settings.from_environment(), "run", print):
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "POLL_SECONDS", 0.02)


@contextmanager
def another_process(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    """One that has the turn until it is told to end, or killed."""
    environment = {
        "PATH": os.environ["PATH"],
        "FOOD_INSPECTIONS_HOME": str(settings.home),
        "FOOD_INSPECTIONS_DATABASE_URL": settings.database_url or "",
    }
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", TAKES_A_TURN], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def waiting(settings: Settings) -> Iterator[tuple[list[str], threading.Event]]:
    """A thread that waits for its turn; what it said, and whether it has had it."""
    said: list[str] = []
    has_spoken, has_had_it = threading.Event(), threading.Event()

    def say(line: str) -> None:
        said.append(line)
        has_spoken.set()

    def take() -> None:
        with Turn(settings, "run", say):
            has_had_it.set()

    thread = threading.Thread(target=take)
    thread.start()
    assert has_spoken.wait(SECONDS)
    assert not has_had_it.is_set()
    yield said, has_had_it
    thread.join(SECONDS)


def test_who_comes_first_says_nothing(settings: Settings) -> None:
    said: list[str] = []
    with Turn(settings, "run", said.append) as turn:
        turn.keep()
    with Turn(settings, "demo", said.append):
        pass
    assert said == []


def test_the_second_names_the_first_in_one_line_and_follows_it(settings: Settings) -> None:
    with another_process(settings) as other, waiting(settings) as (said, has_had_it):
        other.terminate()
        assert has_had_it.wait(SECONDS)
    assert len(said) == 1
    assert said[0].startswith(f"Waiting: food-inspections run, process {other.pid} on ")
    assert said[0].endswith(" is at work on this deployment.")


def test_a_turn_ends_with_the_process_that_was_killed(settings: Settings) -> None:
    with another_process(settings) as other, waiting(settings) as (_, has_had_it):
        other.send_signal(signal.SIGKILL)
        assert has_had_it.wait(SECONDS)


def test_a_turn_lost_with_its_connection_is_taken_again(settings: Settings) -> None:
    said: list[str] = []
    with Turn(settings, "run", said.append) as turn:
        _cut_everyone_else(settings)
        with Turn(settings, "demo", said.append):
            pass
        turn.keep()
        with waiting(settings) as (said_by_other, _):
            turn.__exit__(None, None, None)
    assert said == []
    assert len(said_by_other) == 1


@pytest.mark.parametrize("kind", [psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.DatabaseError])
def test_however_the_driver_says_it_the_turn_is_taken_again(settings: Settings, kind: type[psycopg2.Error]) -> None:
    """Where the server was killed the driver may raise any of them, the bare class included."""
    with Turn(settings, "run", print) as turn:
        lost = turn._connection
        assert lost is not None
        lost.close()
        broken = MagicMock()
        broken.cursor.side_effect = kind("server closed the connection unexpectedly")
        turn._connection = broken
        turn.keep()
        assert turn._connection not in (broken, None)


def test_who_waits_is_told_when_the_server_goes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turn, "_say_who", lambda *_: _cut_everyone_else(settings))
    with (
        another_process(settings),
        pytest.raises(StorageError, match="food-inspections run lost the database while it waited for its turn"),
        Turn(settings, "run", print),
    ):
        pass


def test_deployments_in_other_databases_do_not_wait(settings: Settings, empty_database_url: str) -> None:
    said: list[str] = []
    elsewhere = replace(settings, database_url=empty_database_url)
    with Turn(settings, "run", said.append), Turn(elsewhere, "run", said.append):
        assert said == []


def _cut_everyone_else(settings: Settings) -> None:
    address = make_url(settings.database_url or "")
    with connected(address) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert (True,) in cursor.fetchall()


def test_a_turn_that_never_comes_is_given_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT_SECONDS", 0.1)
    said: list[str] = []
    with another_process(settings), pytest.raises(StorageError, match="hours for its turn: end the command that has"):
        Turn(settings, "run", said.append).keep()

    assert len(said) == 1
