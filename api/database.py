"""Connections for reading whole, for writing, and what to do while the database is away."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InterfaceError, OperationalError

from food_inspections.errors import StorageError
from food_inspections.settings import Settings
from food_inspections.storage import database

STATEMENT_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_SECONDS = 3
PAUSE_SECONDS = 0.5


class Database:
    """The API's access to the tables: one pool per process, opened on first use.

    While the database is away, one request in ``PAUSE_SECONDS`` tries to reach it and
    the others are refused at once: threads that wait for it could not answer
    ``/health/live``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._away_until = 0.0

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """For a single statement, which sees its data as of one moment by itself."""
        with self._connection("AUTOCOMMIT") as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """For several statements that must see the same moment."""
        with self._connection("REPEATABLE READ") as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end and rolls back on any error."""
        with self._connection("READ COMMITTED") as connection, connection.begin():
            yield connection

    @contextmanager
    def _connection(self, isolation_level: Any) -> Iterator[Connection]:
        with self._connected().execution_options(isolation_level=isolation_level) as connection:
            yield connection

    def _connected(self) -> Connection:
        if time.monotonic() < self._away_until:
            raise StorageError("The database was away a moment ago.")
        try:
            return self._pool().connect()
        except (StorageError, OperationalError, InterfaceError):
            self._away_until = time.monotonic() + PAUSE_SECONDS
            raise

    def _pool(self) -> Engine:
        if self._engine is None:
            with self._lock:
                if self._engine is None:
                    self._engine = _prepared(database.engine(self._settings))
        return self._engine


def _prepared(engine: Engine) -> Engine:
    """Bound what a connection may take; the pool may already serve another app of this process."""
    if not event.contains(engine, "connect", _limit_statements):
        event.listen(engine, "connect", _limit_statements)
        event.listen(engine, "do_connect", _limit_connecting, insert=True)
    return engine


def _limit_statements(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", (str(STATEMENT_TIMEOUT_MS),))
    connection.commit()


def _limit_connecting(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    options["connect_timeout"] = CONNECT_TIMEOUT_SECONDS
