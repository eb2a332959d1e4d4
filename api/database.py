"""Connections for reading whole, for writing, and what to do while the database is away."""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import psycopg2
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from food_inspections.errors import StorageError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections.storage.postgres.connections import connect
from food_inspections.storage.postgres.watch import Watch

STATEMENT_TIMEOUT_MS = 3_500
ANSWER_SECONDS = 4.0
"""Longest use of a connection by one request; a little more than the server allows a statement."""
CONNECT_TIMEOUT_SECONDS = 3
PAUSE_SECONDS = 0.5
POOL_SIZE = 8
MORE_UNDER_LOAD = 8
POOL_TIMEOUT_SECONDS = 1

Result = TypeVar("Result")

logger = logging.getLogger("food_inspections.api")


class Database:
    """The API's access to the tables: one pool per process, opened on first use.

    While the database is away, one request in ``PAUSE_SECONDS`` tries to reach it and
    the others are refused at once: threads that wait for it could answer nobody.
    A database or network that is frozen, and so ends no statement itself, is taken for
    away after ``ANSWER_SECONDS``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._away_until = -math.inf
        self._probing = threading.Lock()
        self._watch = Watch(ANSWER_SECONDS)

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run a single statement, which sees its data as of one moment by itself."""
        return self._retried(lambda: self._run(work))

    def snapshot(self, work: Callable[[Connection], Result]) -> Result:
        """Run several statements that see the same moment; they only read."""
        return self._retried(lambda: self._in_transaction(work, "REPEATABLE READ"))

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run statements that are kept together or not at all."""
        return self._in_transaction(work, "READ COMMITTED")

    def _retried(self, read: Callable[[], Result]) -> Result:
        """Read once more on a fresh connection where the server has closed the one at hand.

        That spares asking the server before every read whether it is still there.
        """
        try:
            return read()
        except DBAPIError as error:
            if not error.connection_invalidated or self._is_away:
                raise
            return read()

    def _run(self, work: Callable[[Connection], Result]) -> Result:
        with self._connected() as connection:
            return work(connection)

    def _in_transaction(self, work: Callable[[Connection], Result], isolation_level: Any) -> Result:
        with (
            self._connected() as connection,
            connection.execution_options(isolation_level=isolation_level).begin(),
        ):
            return work(connection)

    @property
    def _is_away(self) -> bool:
        return self._away_until > -math.inf

    def _connected(self) -> AbstractContextManager[Connection]:
        """A connection that ends by itself; while the database is away, for one request at a time."""
        return self._probe() if self._is_away else self._bounded()

    @contextmanager
    def _probe(self) -> Iterator[Connection]:
        if time.monotonic() < self._away_until or not self._probing.acquire(blocking=False):
            raise StorageError("The database was away a moment ago.")
        try:
            with self._bounded() as connection:
                connection.exec_driver_sql("SELECT 1")
                # What follows may be a transaction of another isolation level, which cannot begin in this one.
                connection.rollback()
                self._away_until = -math.inf
                yield connection
        finally:
            self._probing.release()

    @contextmanager
    def _bounded(self) -> Iterator[Connection]:
        begun_at = time.monotonic()
        try:
            connection = self._pool().connect()
        except (StorageError, OperationalError, InterfaceError) as error:
            self._is_found_away(error)
            raise
        with (
            connection,
            _not_handed_on_dead(connection) as driver,
            self._watch.over(driver.fileno(), begun_at=begun_at) as wait,
        ):
            try:
                yield connection
            except (DBAPIError, psycopg2.Error) as error:
                if wait.is_cut:
                    self._is_found_away(error)
                raise

    def _is_found_away(self, error: Exception) -> None:
        self._away_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("The database cannot be reached: %s", str(error).partition("\n")[0])

    def _pool(self) -> Engine:
        if self._engine is None:
            with self._lock:
                if self._engine is None:
                    self._engine = create_engine(
                        "postgresql+psycopg2://",
                        creator=self._new_connection,
                        # A read is one statement: it needs no transaction to be begun and ended around it.
                        isolation_level="AUTOCOMMIT",
                        pool_reset_on_return=None,
                        pool_size=POOL_SIZE,
                        max_overflow=MORE_UNDER_LOAD,
                        pool_timeout=POOL_TIMEOUT_SECONDS,
                        pool_use_lifo=True,
                    )
        return self._engine

    def _new_connection(self) -> Any:
        """A connection of its own, with bounds on what it may take, and on what making it may take."""
        url = database.database_url(self._settings)
        connection = connect(url, connect_timeout=CONNECT_TIMEOUT_SECONDS, application_name="food-inspections api")
        with self._watch.over(connection.fileno()), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", (str(STATEMENT_TIMEOUT_MS),))
            connection.commit()
        return connection


@contextmanager
def _not_handed_on_dead(connection: Connection) -> Iterator[Any]:
    """The driver's connection; where it dies, the pool gets to know, and the error is one of SQLAlchemy's.

    SQLAlchemy sees what statements of its own run into. What the driver says otherwise, when it is told an isolation
    level or copies rows, it does not: the dead connection would lie on top of the pool, and fail every request.
    """
    driver: Any = connection.connection.driver_connection
    try:
        yield driver
    except psycopg2.Error as error:
        raise DBAPIError.instance(
            None, None, error, psycopg2.Error, connection_invalidated=bool(driver.closed), dialect=connection.dialect
        ) from error
    finally:
        if driver.closed and not connection.invalidated:
            connection.invalidate()
