"""What a killed server leaves behind: processes of PostgreSQL that nobody answers for."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import text

from food_inspections.settings import Settings
from food_inspections.storage.postgres import database, embedded, keeper
from food_inspections.storage.postgres.connections import connected
from food_inspections_tests.storage.postgres.test_embedded import (
    PATIENCE_SECONDS,
    answers,
    eventually,
    holding,
    pid_of_server,
    pids_of_new_server,
    wait_until_stopped,
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded.stop(tmp_path, is_forced=True)
    wait_until_stopped(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the keeper")
def test_who_waits_for_a_process_that_hangs_after_its_server_was_killed_is_told(home: Path) -> None:
    """A run waited without end for an answer that nobody would give: a socket on the same machine knows no timeout."""
    outcome: list[BaseException] = []
    with holding(home):
        address = embedded.running(home)
        assert address is not None
        with connected(address) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            ((backend,),) = cursor.fetchall()
            os.kill(backend, signal.SIGSTOP)
            killed = pid_of_server(home)
            os.kill(killed, signal.SIGKILL)

            def ask() -> None:
                try:
                    cursor.execute("SELECT 1")
                except psycopg2.Error as error:
                    outcome.append(error)

            asking = threading.Thread(target=ask, daemon=True)
            asking.start()
            asking.join(PATIENCE_SECONDS)
            is_told = not asking.is_alive()
            if not is_told:
                os.kill(backend, signal.SIGKILL)
            assert is_told, "it still waits"
        assert isinstance(outcome[0], psycopg2.OperationalError)
        eventually(lambda: pids_of_new_server(home) not in (None, killed) and answers(home), "a new server")


def test_a_server_that_somebody_froze_stops_when_it_is_told_to(home: Path) -> None:
    with holding(home):
        os.kill(pid_of_server(home), signal.SIGSTOP)
        begun = time.monotonic()

        assert embedded.stop(home, is_forced=True)
        assert time.monotonic() - begun < keeper.STOP_SECONDS, "it was woken, and not killed after a minute"


def test_who_connects_to_a_server_that_was_just_killed_waits_until_it_is_back(home: Path) -> None:
    settings = Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(home)})
    engine = database.engine(settings)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    for _ in range(3):
        os.kill(pid_of_server(home), signal.SIGKILL)
        engine.dispose()

        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
