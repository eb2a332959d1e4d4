"""The database stops, starts and is rewritten while the API reads."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from food_inspections.api import create_app
from food_inspections.api.database import ANSWER_SECONDS, PAUSE_SECONDS, Database
from food_inspections.errors import StorageError
from food_inspections_tests.api.conftest import City
from food_inspections_tests.conftest import execute

PATIENCE_SECONDS = 30
LONGEST_ANSWER_SECONDS = 5.0


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@pytest.fixture
def gate(own_city: City) -> Iterator[Callable[[bool], None]]:
    """Opens and shuts the database: shut, it ends all connections and takes none."""
    url = make_url(own_city.settings.database_url or "")
    server = url.set(database="postgres")

    def turn(is_open: bool) -> None:
        execute(server, f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS {is_open}")
        if not is_open:
            engine = create_engine(server, poolclass=NullPool)
            with engine.begin() as connection:
                connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                    {"name": url.database},
                )

    yield turn
    turn(True)


def test_away_is_503_and_it_recovers_by_itself(
    gate: Callable[[bool], None], own_city: City, live_client: FlaskClient
) -> None:
    urls = ["/api/v1/predictions", "/api/v1/inspection-queue", "/api/v1/establishments?q=taco", "/health/ready"]
    assert {live_client.get(url).status_code for url in urls} == {200}
    gate(False)
    for url in (f"{url}{'&' if '?' in url else '?'}page_size=7" if "api" in url else url for url in urls):
        answer = live_client.get(url)
        assert answer.status_code == 503
        assert answer.json["code"] == "database_unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        assert own_city.settings.database_url not in answer.text
    scoring = live_client.post("/api/v1/predictions", json={"visits": [{"establishment_id": "1000003"}]})
    assert scoring.status_code == 503
    assert live_client.get("/health/live").status_code == 200
    assert live_client.get("/openapi.json").status_code == 200
    gate(True)
    wait_until(lambda: live_client.get("/health/ready").status_code == 200)
    assert {live_client.get(url).status_code for url in urls} == {200}


def test_what_was_answered_before_is_answered_again_and_says_so(
    gate: Callable[[bool], None], live_client: FlaskClient
) -> None:
    url = "/api/v1/inspection-queue?page_size=3"
    before = live_client.get(url)
    assert "Warning" not in before.headers
    assert "stale-if-error" in before.headers["Cache-Control"]
    gate(False)
    meanwhile = live_client.get(url)
    assert (meanwhile.status_code, meanwhile.json, meanwhile.headers["ETag"]) == (
        200,
        before.json,
        before.headers["ETag"],
    )
    assert meanwhile.headers["Warning"].startswith("111")
    assert live_client.get(url, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    gate(True)
    wait_until(lambda: "Warning" not in live_client.get(url).headers)


def test_a_frozen_database_holds_a_request_for_a_bounded_time(own_city: City, live_client: FlaskClient) -> None:
    assert live_client.get("/api/v1/predictions").status_code == 200
    frozen = _backends(own_city)
    assert frozen
    for process in frozen:
        os.kill(process, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        answer = live_client.get("/api/v1/predictions?page_size=9")
        taken = time.monotonic() - begun
        begun = time.monotonic()
        next_answer = live_client.get("/api/v1/predictions?page_size=8")
        taken_next = time.monotonic() - begun
    finally:
        for process in frozen:
            os.kill(process, signal.SIGCONT)
    assert answer.status_code == 503
    assert ANSWER_SECONDS <= taken < PATIENCE_SECONDS
    assert next_answer.status_code == 503
    assert taken_next < ANSWER_SECONDS, "who comes next does not wait"
    wait_until(lambda: live_client.get("/health/ready").status_code == 200)


@pytest.mark.parametrize("error", [StorageError("Reading failed."), psycopg2.InterfaceError("closed"), ValueError("x")])
def test_a_connection_that_died_outside_of_a_statement_is_not_handed_on(own_city: City, error: Exception) -> None:
    tables = Database(own_city.settings)

    def killed(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.close()
        raise error

    # What the driver says of itself becomes SQLAlchemy's, and is an obstacle of the database like any other.
    with pytest.raises(DBAPIError if isinstance(error, psycopg2.Error) else type(error)):
        tables.read(killed)

    assert [tables.read(lambda connection: connection.scalar(text("SELECT 1"))) for _ in range(3)] == [1, 1, 1]


def test_a_read_that_met_a_dead_connection_is_done_once_more(own_city: City) -> None:
    tables, drivers = Database(own_city.settings), list[Any]()

    def first_killed(connection: Connection) -> object:
        drivers.append(connection.connection.driver_connection)
        if len(drivers) == 1:
            drivers[0].close()
            drivers[0].set_isolation_level(1)
        return connection.scalar(text("SELECT 1"))

    assert tables.read(first_killed) == 1
    assert len(drivers) == 2


def test_a_server_that_takes_connections_and_says_nothing_holds_a_request_for_a_bounded_time(
    tmp_path: Path, city: City
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        client = create_app(
            replace(city.settings, database_url=f"postgresql://nobody@127.0.0.1:{port}/nothing")
        ).test_client()
        for _ in range(2):
            begun = time.monotonic()
            assert client.get("/api/v1/predictions").status_code == 503
            assert time.monotonic() - begun < LONGEST_ANSWER_SECONDS
            time.sleep(PAUSE_SECONDS)


def _backends(city: City) -> list[int]:
    engine = create_engine(city.settings.database_url or "", poolclass=NullPool)
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def test_a_server_that_was_restarted_is_not_noticed(gate: Callable[[bool], None], live_client: FlaskClient) -> None:
    assert live_client.get("/api/v1/predictions").status_code == 200
    gate(False)
    gate(True)
    assert live_client.get("/api/v1/predictions").status_code == 200, "the dead connection is replaced"


def test_while_it_is_away_not_everybody_waits_for_it(
    gate: Callable[[bool], None], live_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate(False)
    tried: list[float] = []
    database = live_client.application.extensions["food-inspections-database"]
    connect = database._new_connection

    def counted() -> object:
        tried.append(time.monotonic())
        return connect()

    monkeypatch.setattr(database, "_new_connection", counted)
    started = time.monotonic()
    statuses = [live_client.get("/api/v1/models").status_code for _ in range(50)]
    assert set(statuses) == {503}
    assert len(tried) <= 2 + (time.monotonic() - started) / PAUSE_SECONDS


def test_it_starts_without_a_database(tmp_path: Path, city: City) -> None:
    nowhere = replace(city.settings, database_url=f"postgresql://nobody@/nothing?host={tmp_path}")
    client = create_app(nowhere).test_client()
    assert client.get("/health/live").status_code == 200
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text


def test_a_week_rewritten_while_it_is_read_is_seen_whole(own_city: City, live_client: FlaskClient) -> None:
    week = own_city.seeded.predicted_weeks[-1]
    url = f"/api/v1/predictions?week={week}&page_size=5000"
    whole = len(live_client.get(url).json)
    is_over = threading.Event()
    seen: list[set[tuple[float, str]]] = []
    wrong: list[str] = []

    def read() -> None:
        client = live_client.application.test_client()
        while not is_over.is_set():
            answer = client.get(url)
            rows = answer.json
            if answer.status_code != 200 or len(rows) != whole:
                wrong.append(f"{answer.status_code}: {len(rows)} rows")
            seen.append({(row["threshold"], row["published_at"]) for row in rows})

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 26):
        with own_city.engine.begin() as connection:
            rewritten = "CREATE TEMPORARY TABLE old ON COMMIT DROP AS SELECT * FROM api.predictions WHERE week = :week"
            connection.execute(text(rewritten), {"week": week})
            connection.execute(text("DELETE FROM api.predictions WHERE week = :week"), {"week": week})
            connection.execute(
                text("UPDATE old SET threshold = :number, published_at = transaction_timestamp()"), {"number": number}
            )
            connection.execute(text("INSERT INTO api.predictions SELECT * FROM old"))
    is_over.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen
    assert {len(versions) for versions in seen} == {1}, "no answer mixes two publications"
    last = live_client.get(url)
    assert {row["threshold"] for row in last.json} == {25.0}
    assert live_client.get(url, headers={"If-None-Match": last.headers["ETag"]}).status_code == 304
