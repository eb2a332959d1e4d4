"""Waits for the database end: whoever stops answering, the server, one of its processes, or another's lock."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from food_inspections.last_words import last_words
from food_inspections.orchestration.instance.storage import Storage
from food_inspections.orchestration.policies import is_lost_connection
from food_inspections.settings import Settings
from food_inspections.storage.postgres import bounded, database, embedded
from food_inspections.storage.postgres.bounded import BoundedConnection
from food_inspections.storage.postgres.connections import connected
from food_inspections.storage.postgres.watch import Watch
from food_inspections_tests.storage.postgres.test_embedded import eventually, pid_of_server, wait_until_stopped

LONGEST_TEST_SECONDS = 30


@pytest.fixture
def is_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks come soon, and a server has a second to let somebody in."""
    monkeypatch.setattr(bounded, "_watch", Watch(0.2))
    monkeypatch.setattr(bounded, "PROBE_SECONDS", 2)


@contextmanager
def stopped(*processes: int) -> Iterator[None]:
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def backend_of(connection: psycopg2.extensions.connection) -> int:
    return connection.info.backend_pid


def in_time(work: Callable[[], object]) -> psycopg2.Error:
    """The driver's error that a piece of work ends with, before this test gives it up."""
    outcome: list[psycopg2.Error] = []

    def run() -> None:
        try:
            work()
        except psycopg2.Error as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(LONGEST_TEST_SECONDS)
    assert not thread.is_alive(), "it still waits"
    assert outcome, "it ended without an error"
    return outcome[0]


WAYS: dict[str, Callable[[BoundedConnection], object]] = {
    "statement": lambda connection: connection.cursor().execute("SELECT 2"),
    "rows out": lambda connection: connection.cursor().copy_expert("COPY (SELECT 1) TO STDOUT", BytesIO()),
    "rows in": lambda connection: connection.cursor().copy_expert(
        "COPY bulk FROM STDIN", BytesIO(b"a row of a few bytes\n" * 4_000_000)
    ),
    "commit": lambda connection: connection.commit(),
    "rollback": lambda connection: connection.rollback(),
}


@pytest.mark.usefixtures("is_impatient")
@pytest.mark.parametrize("way", WAYS)
def test_a_process_of_the_server_that_does_not_answer_is_given_up(database_url: str, way: str) -> None:
    with connected(database_url) as connection:
        connection.autocommit = False
        connection.cursor().execute("CREATE TEMPORARY TABLE bulk (line text)")
        connection._longest_s = 1.0
        with stopped(backend_of(connection)):
            error = in_time(lambda: WAYS[way](connection))

    assert isinstance(error, psycopg2.OperationalError)
    assert str(error).startswith("the server gave no answer for ")
    assert is_lost_connection(error)
    assert last_words(error) == (
        f"The database was lost or refused to go on: {error}. Check that its server runs, then run this again."
    )


@pytest.mark.usefixtures("is_impatient")
def test_a_pool_replaces_a_connection_whose_process_is_frozen_at_the_first_look(
    database_url: str, settings: Settings
) -> None:
    engine = database.engine(replace(settings, database_url=database_url))
    with engine.connect() as connection:
        frozen = backend_of(connection.connection.driver_connection)  # type: ignore[arg-type]
    with stopped(frozen), engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar() != frozen
    engine.dispose()


@pytest.mark.usefixtures("is_impatient")
def test_a_slow_answer_of_a_server_that_is_well_is_waited_for(database_url: str) -> None:
    with connected(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")

        assert cursor.rowcount == 1


@pytest.mark.usefixtures("is_impatient")
def test_a_frozen_server_is_given_up_long_before_the_bound_on_statements(tmp_path: Path) -> None:
    address = embedded.hold(tmp_path, embedded.NOT_DURABLE)
    server = pid_of_server(tmp_path)
    assert server is not None
    try:
        with connected(address) as connection:
            with stopped(server, backend_of(connection)):
                begun = time.monotonic()
                error = in_time(lambda: connection.cursor().execute("SELECT 1"))
                seconds = time.monotonic() - begun
            assert "gave no answer" in str(error)
            assert seconds < LONGEST_TEST_SECONDS / 2
        with connected(address) as connection:
            eventually(lambda: connection.closed == 0, "the server again")
    finally:
        embedded.stop(tmp_path, is_forced=True)
        wait_until_stopped(tmp_path)


@pytest.mark.usefixtures("is_impatient")
def test_engines_of_the_program_and_those_that_dagster_opens_are_bounded(database_url: str, settings: Settings) -> None:
    given = replace(settings, database_url=database_url)
    engines = {
        "ours": database.engine(given),
        "Dagster's records": Storage(given).event_log_storage._engine,
        "one that Dagster opens": create_engine(make_url(database_url), poolclass=NullPool),
    }
    for name, engine in engines.items():
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, BoundedConnection), name
            assert connection.execute(text("SHOW statement_timeout")).scalar() == "5min", name
            assert connection.execute(text("SHOW lock_timeout")).scalar() == "4min", name
            driver._longest_s = 0.5
            with stopped(backend_of(driver)), pytest.raises(OperationalError, match="gave no answer"):
                connection.execute(text("SELECT 1"))
        engine.dispose()


def test_a_program_that_loads_nothing_of_ours_is_bounded_by_its_address(database_url: str) -> None:
    program = (
        "import sys, sqlalchemy\n"
        "with sqlalchemy.create_engine(sys.argv[1]).connect() as connection:\n"
        "    print(type(connection.connection.driver_connection).__qualname__)\n"
    )
    address = make_url(database_url).update_query_dict({"plugin": "food_inspections"})
    shown = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, address.render_as_string(hide_password=False)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout == "BoundedConnection\n"


def backend_pid(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_dagsters_storage_keeps_its_connection_by_the_address(database_url: str) -> None:
    address = make_url(database_url)
    # As Dagster's storage asks for it.
    by_itself = create_engine(address, poolclass=NullPool)
    kept = create_engine(address.update_query_dict({"plugin": "food_inspections"}), poolclass=NullPool)

    assert len({backend_pid(by_itself) for _ in range(3)}) == 3
    assert len({backend_pid(kept) for _ in range(3)}) == 1
    with kept.connect() as one, kept.connect() as other:
        pids = {connection.execute(text("SELECT pg_backend_pid()")).scalar_one() for connection in (one, other)}
    assert len(pids) == 2, "who needs another one at the same time gets it"
    kept.dispose()


def test_a_kept_connection_that_was_cut_is_replaced_and_one_of_a_parent_left_alone(database_url: str) -> None:
    kept = create_engine(make_url(database_url).update_query_dict({"plugin": "food_inspections"}), poolclass=NullPool)
    cut = backend_pid(kept)
    with connected(database_url) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (cut,))

    own = backend_pid(kept)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if backend_pid(kept) != own else 2
        finally:
            os._exit(code)

    assert own != cut
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert backend_pid(kept) == own
    kept.dispose()


def test_bounds_that_the_address_brings_stay(database_url: str) -> None:
    with connected(f"{database_url}&options=-cstatement_timeout%3D7s") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")

        assert cursor.fetchone() == ("7s", "4min")


def test_who_waits_by_choice_is_not_hurried(database_url: str) -> None:
    with connected(database_url) as connection, connection.cursor() as cursor:
        connection.let_it_take_its_time()
        cursor.execute("SHOW statement_timeout")

        assert cursor.fetchone() == ("0",)
        assert connection._longest_s > bounded.STATEMENT_SECONDS * 1000


@pytest.mark.parametrize(
    ("bound", "statement", "said"),
    [
        ("lock_timeout", "LOCK TABLE held", "waited too long for what another process holds (canceling statement"),
        ("statement_timeout", "SELECT pg_sleep(9)", "took too long (canceling statement due to statement timeout"),
    ],
)
def test_what_the_server_ends_is_said_and_not_tried_again(
    database_url: str, bound: str, statement: str, said: str
) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with connected(database_url) as other:
        other.cursor().execute("CREATE TABLE held ()")
        other.autocommit = False
        other.cursor().execute("LOCK TABLE held")
        with engine.connect() as connection:
            connection.execute(text(f"SET LOCAL {bound} = '50ms'"))
            with pytest.raises(DBAPIError) as raised:
                connection.execute(text(statement))

    assert said in (last_words(raised.value) or "")
    assert not is_lost_connection(raised.value)


def test_a_forked_process_watches_its_own_waits() -> None:
    watch = Watch(60)
    here, there = socket.socketpair()
    with here, there, watch.over(here.fileno()):
        child = os.fork()
        if child == 0:
            with watch.over(there.fileno()):
                is_begun_anew = len(watch._waits) == 1 and watch._thread is not None and watch._thread.is_alive()
            os._exit(0 if is_begun_anew else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_connection_that_cannot_be_cut_does_not_end_the_watch_over_the_others() -> None:
    watch = Watch(0.05)
    with socket.socket() as unconnected, watch.over(unconnected.fileno()) as first:
        eventually(lambda: first.is_cut, "the first to be given up")
    here, there = socket.socketpair()
    with here, there, watch.over(here.fileno()) as second:
        eventually(lambda: second.is_cut, "the second to be given up")
        assert here.recv(1) == b""


def test_a_wait_is_counted_from_when_it_began() -> None:
    watch = Watch(60)
    ours, theirs = socket.socketpair()
    with ours, theirs, watch.over(ours.fileno(), begun_at=time.monotonic() - 61) as wait:
        eventually(lambda: wait.is_cut, "the cut")
        assert ours.recv(1) == b""
