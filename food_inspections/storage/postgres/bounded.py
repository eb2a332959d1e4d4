"""Connections none of whose waits is without an end: every one that this process opens through SQLAlchemy, and ours.

A process that loads nothing else of the program, as Dagster's own daemon and webserver in a container, has them by the
parameter ``plugin=food_inspections`` of the address, with which SQLAlchemy loads :class:`Bounds`.

========================== ===========================================================================================
what one may wait for      and for how long
========================== ===========================================================================================
a connection               ``connect_timeout`` of :data:`PATIENCE`
a lock                     :data:`LOCK_SECONDS`, kept by the server
a statement                :data:`STATEMENT_SECONDS`, kept by the server
a server that is frozen    :data:`LOOK_SECONDS`, and the time for it to let nobody in
a process of it that is    the bound on a statement and :data:`LOOK_SECONDS`: then this side cuts the connection; where
                           a pool asks whether a connection is still there, :data:`LOOK_SECONDS`
========================== ===========================================================================================

The server's bounds hold where neither the address nor the role brings its own.
"""

import math
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import extensions
from sqlalchemy import URL, CreateEnginePlugin, Dialect, Engine, NullPool, QueuePool, event

from food_inspections.storage.postgres.watch import Wait, Watch

PATIENCE = {
    "connect_timeout": 30,
    # A server that vanished without a word (a failover, a broken network) is given up after a minute or two; the
    # system's own limits would let a run wait for hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""Parameters of libpq that an address may set otherwise; the last one in milliseconds, the others in seconds."""

STATEMENT_SECONDS = 300
LOCK_SECONDS = 240
LOOK_SECONDS = 20
PROBE_SECONDS = 10
RECYCLE_SECONDS = 3600
PING = "SELECT 1"
"""How SQLAlchemy's pools ask whether a connection is still there."""

_BOUNDS = """
SELECT set_config(name, bound, false)
FROM (VALUES ('statement_timeout', %s), ('lock_timeout', %s)) AS ours (name, bound)
WHERE current_setting(name) = '0'
"""

_watch = Watch(LOOK_SECONDS)
_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()


class BoundedConnection(extensions.connection):
    """psycopg2's connection, whose statements end."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.cursor_factory = _BoundedCursor
        self._address = address
        self._longest_s = STATEMENT_SECONDS + LOOK_SECONDS / 2
        self._set_bounds(f"{STATEMENT_SECONDS}s", f"{LOCK_SECONDS}s")

    def let_it_take_its_time(self) -> None:
        """Let statements last as long as the server answers others: for those that somebody waits for by choice."""
        self._longest_s = math.inf
        with self.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")

    def commit(self) -> None:
        """Commit."""
        with self.answered():
            super().commit()

    def rollback(self) -> None:
        """Roll back."""
        with self.answered():
            super().rollback()

    @contextmanager
    def answered(self, statement: object = None) -> Iterator[None]:
        """Bound what waits for the server in the ``with``.

        Args:
            statement: What it is asked, where it is a statement.

        Raises:
            psycopg2.OperationalError: The server gave no answer.
        """
        if self.closed:
            yield  # the driver refuses by itself
            return
        with _watch.over(self.fileno(), _never if statement == PING else self._may_go_on) as wait:
            try:
                yield
            except psycopg2.Error as error:
                if wait.is_cut:
                    raise psycopg2.OperationalError(f"the server gave no answer for {wait.seconds:.0f} s") from error
                raise

    def _may_go_on(self, wait: Wait) -> bool:
        return wait.seconds < self._longest_s and _lets_in(self._address)

    def _set_bounds(self, *bounds: str) -> None:
        # Of no transaction, which whoever asked for the connection has not begun.
        self.autocommit = True
        with self.cursor() as cursor:
            cursor.execute(_BOUNDS, bounds)
        self.autocommit = False


class _BoundedCursor(extensions.cursor):
    connection: BoundedConnection

    def execute(self, query: Any, *arguments: Any) -> None:
        with self.connection.answered(query):
            super().execute(query, *arguments)

    def executemany(self, *arguments: Any) -> None:
        with self.connection.answered():
            super().executemany(*arguments)

    def copy_expert(self, *arguments: Any) -> None:
        with self.connection.answered():
            super().copy_expert(*arguments)


def _never(_wait: Wait) -> bool:
    return False


def _lets_in(address: str) -> bool:
    """Whether the server answers somebody who knocks, be it with a refusal."""
    try:
        psycopg2.connect(address, connect_timeout=PROBE_SECONDS).close()
    except psycopg2.Error as error:
        return "FATAL:" in str(error)
    return True


@event.listens_for(Engine, "do_connect")
def _bound(dialect: Dialect, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    """Have every engine of the process make such connections: Dagster opens some of its own."""
    if dialect.driver == "psycopg2":
        for name, value in {**PATIENCE, "connection_factory": BoundedConnection}.items():
            options.setdefault(name, value)


def forget_after_fork(engine: Engine) -> None:
    """Have forked children open connections of their own: they must not talk on their parent's."""
    _engines.add(engine)


def _forget_connections() -> None:
    for engine in list(_engines):
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_forget_connections)


class Bounds(CreateEnginePlugin):
    """What an address names to have the connections of its engine bounded, which loading this file does, and kept.

    Dagster's storage opens a connection for every statement by itself. With TLS and a password that takes longer than
    the statement, and a run over many weeks has thousands of them.
    """

    def __init__(self, url: URL, options: dict[str, Any]) -> None:
        super().__init__(url, options)
        if options.get("poolclass") is NullPool:
            options |= {
                "poolclass": QueuePool,
                "pool_size": 1,
                "max_overflow": -1,
                "pool_pre_ping": True,
                "pool_recycle": RECYCLE_SECONDS,
            }

    def engine_created(self, engine: Engine) -> None:
        """A pool does not outlive a fork."""
        forget_after_fork(engine)

    def update_url(self, url: URL) -> URL:
        """The address stays as it is."""
        return url
