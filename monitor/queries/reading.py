"""Read-only access to the database, and what a reader is told where it fails.

Every request of a page is one short read-only transaction with a time limit, so a
forgotten tab can neither hold a lock nor keep the database busy.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from food_inspections.errors import StorageError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database

logger = logging.getLogger(__name__)

STATEMENT_TIMEOUT_SECONDS = 10

# PostgreSQL type numbers (pg_type.oid) of float4, float8 and numeric: a column of
# them without a value would otherwise come back as a column of objects.
_FLOAT_TYPES = frozenset({700, 701, 1700})

# SQLSTATE of a missing table, a missing schema, a missing function and a missing column.
_NO_SCHEMA_STATES = frozenset({"42P01", "3F000", "42883", "42703"})
_CANCELLED_STATE = "57014"

CANNOT_READ = (DBAPIError, PoolTimeoutError, StorageError)

# What a transaction has read: many parts of a page ask for the same.
_READ: WeakKeyDictionary[Connection, dict[str, pd.DataFrame]] = WeakKeyDictionary()


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """A connection in a read-only transaction; the same asked twice of it is read once.

    Args:
        settings: Names the database.

    Raises:
        StorageError: The database cannot be started or reached.
        sqlalchemy.exc.DBAPIError: The database does not answer.
    """
    with database.engine(settings).connect() as connection:
        connection.execute(
            text(f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
        )
        _READ[connection] = {}
        yield connection


def read(connection: Connection, sql: str, **parameters: object) -> pd.DataFrame:
    """The rows of a query, columns in the order of its SELECT.

    Args:
        connection: From :func:`reading`.
        sql: Query with ``:name`` for every parameter.
        **parameters: Values of the parameters.

    Returns:
        Dates as :class:`datetime.date`, times as aware datetimes, floats with NaN for null,
        jsonb as Python objects.
    """
    known = _READ.get(connection)
    asked = f"{sql}{sorted(parameters.items())}"
    if known is None:
        return _read(connection, sql, parameters)
    if asked not in known:
        known[asked] = _read(connection, sql, parameters)
    # Columns that one part adds to its rows are not the others'.
    return known[asked].copy(deep=False)


def _read(connection: Connection, sql: str, parameters: dict[str, object]) -> pd.DataFrame:
    result = connection.execute(text(sql), parameters)
    description = result.cursor.description if result.cursor is not None else ()
    frame = pd.DataFrame(result.fetchall(), columns=list(result.keys()))
    floats = [column[0] for column in description if column[1] in _FLOAT_TYPES]
    return frame.astype(dict.fromkeys(floats, "float64"))


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples; what type a column holds is for its query to say."""
    yield from frame.itertuples(index=False)


@dataclass(frozen=True)
class Trouble:
    """Why a page cannot be shown, in words for its reader."""

    title: str
    explanation: str
    advice: str


def trouble_of(error: Exception) -> Trouble:
    """What to tell the reader about an error of :data:`CANNOT_READ`; the log keeps the error itself."""
    logger.warning("The monitor could not read the database: %s", str(error).splitlines()[0])
    state = getattr(error.orig, "pgcode", None) if isinstance(error, DBAPIError) else None
    if state in _NO_SCHEMA_STATES:
        return Trouble(
            "The database has no tables of this version yet",
            "It answers, but the tables this page reads are not there.",
            "Run `food-inspections db upgrade`, or `food-inspections demo` for a first forecast, and reload.",
        )
    if state == _CANCELLED_STATE:
        return Trouble(
            "The database took too long",
            f"An answer took longer than {STATEMENT_TIMEOUT_SECONDS} seconds and was given up.",
            "Try again in a minute; if it stays so, look at what else is running in Dagster.",
        )
    return Trouble(
        "The database does not answer",
        "Nothing is lost: the dashboard only reads, and comes back by itself once the database does.",
        "Start it with `food-inspections db start` (or `food-inspections up`), or check FOOD_INSPECTIONS_DATABASE_URL, "
        "and try again.",
    )
