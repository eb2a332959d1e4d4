import os
from dataclasses import replace

import psycopg2.errors
import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from food_inspections.errors import SettingsError, StorageError
from food_inspections.orchestration.instance.storage import Storage
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections.storage.postgres.connections import connected, libpq_url


def test_an_address_always_names_the_driver(settings: Settings) -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg2"):
        given = replace(settings, database_url=f"{scheme}://me:p%40ss@server/warehouse?sslmode=require")
        assert database.database_url(given) == "postgresql+psycopg2://me:p%40ss@server/warehouse?sslmode=require"


def test_an_unreadable_address_is_refused_without_showing_it(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="FOOD_INSPECTIONS_DATABASE_URL cannot be read") as raised:
        database.database_url(replace(settings, database_url="postgresql://me:secret@server:port/warehouse"))

    assert "secret" not in str(raised.value)


def test_a_password_with_an_unwritten_at_sign_is_refused_without_showing_its_rest(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="more than one @") as raised:
        database.database_url(replace(settings, database_url="postgresql://me:half@secret@server/warehouse"))

    assert "secret" not in str(raised.value)


def test_the_same_settings_share_an_engine(settings: Settings) -> None:
    assert database.engine(settings) is database.engine(replace(settings))


def test_an_unreachable_server_is_named_without_its_password(settings: Settings) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/warehouse"

    with pytest.raises(StorageError, match=r"127\.0\.0\.1.*cannot be reached") as raised:
        database.engine(replace(settings, database_url=url)).connect()

    assert "secret" not in str(raised.value)


def test_passwords_among_the_parameters_are_not_shown_either(settings: Settings) -> None:
    url = "postgresql://me@127.0.0.1:1/warehouse?password=secret&sslpassword=secret&application_name=shown"
    given = replace(settings, database_url=url)

    for connect in (database.upgrade, lambda known: database.engine(known).connect()):
        with pytest.raises(StorageError, match="application_name=shown") as raised:
            connect(given)
        assert "secret" not in str(raised.value)


def test_a_parameter_that_libpq_does_not_know_is_named(settings: Settings) -> None:
    given = replace(settings, database_url="postgresql://me:secret@127.0.0.1:1/warehouse?ssmlode=require")

    for connect in (database.upgrade, lambda known: database.engine(known).connect()):
        with pytest.raises(StorageError, match='invalid connection option "ssmlode"') as raised:
            connect(given)
        assert "secret" not in str(raised.value)


def test_a_server_that_vanishes_is_given_up(database_url: str, settings: Settings) -> None:
    """Not after the hours that the system would wait: by every kind of connection, unless the address says so."""
    given = replace(settings, database_url=f"{database_url}&keepalives_idle=7")
    engines = (database.engine(given), Storage(given).event_log_storage._engine)
    for engine in engines:
        with engine.connect() as connection:
            parameters = connection.connection.driver_connection.info.dsn_parameters  # type: ignore[union-attr]
        assert (parameters["keepalives_idle"], parameters["keepalives_count"]) == ("7", "3")
        assert (parameters["connect_timeout"], parameters["tcp_user_timeout"]) == ("30", "60000")
        engine.dispose()
    with connected(given.database_url or "") as plain:
        assert plain.info.dsn_parameters["tcp_user_timeout"] == "60000"


def test_what_a_statement_was_given_is_not_shown_when_it_fails(settings: Settings) -> None:
    for engine in (database.engine(settings), Storage(settings).event_log_storage._engine):
        with engine.connect() as connection, pytest.raises(DBAPIError) as raised:
            connection.execute(text("SELECT 1 / 0, :given"), {"given": "pages of an event"})
        assert "pages of an event" not in str(raised.value)
        engine.dispose()


def test_a_connection_cut_by_the_server_is_replaced(engine: Engine) -> None:
    with engine.connect() as connection:
        cut = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with connected(engine.url) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (cut,))
        assert cursor.fetchone() == (True,)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != cut


def test_a_forked_child_opens_connections_of_its_own(engine: Engine) -> None:
    with engine.connect() as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with engine.connect() as connection:
                code = 0 if connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != own else 2
        finally:
            os._exit(code)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() == own


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+psycopg2://me:a b+c@/d?host=/tmp/x y", "postgresql://me:a%20b%2Bc@/d?host=%2Ftmp%2Fx%20y"),
        ("postgresql+psycopg2://me@[::1]:5433/d", "postgresql://me@[::1]:5433/d"),
        ("postgresql+psycopg2://h/d?sslmode=require", "postgresql://h/d?sslmode=require"),
    ],
)
def test_the_address_for_libpq(url: str, expected: str) -> None:
    assert libpq_url(url) == expected


def test_the_address_for_libpq_can_do_without_the_password() -> None:
    assert libpq_url(make_url("postgresql+psycopg2://me:secret@h/d"), has_password=False) == "postgresql://me@h/d"


def test_a_read_only_connection_changes_nothing(database_url: str) -> None:
    with (
        connected(database_url, is_read_only=True) as connection,
        connection.cursor() as cursor,
        pytest.raises(psycopg2.errors.ReadOnlySqlTransaction),
    ):
        cursor.execute("CREATE TABLE t (a int)")
