"""Weekly tables in PostgreSQL: a week's slice is deleted and loaded as a whole, rows come back in one order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from typing import Any, cast

import pandas as pd
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - the driver's class is in lower case
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from food_inspections.errors import DataError, StorageError
from food_inspections.storage.postgres import lines
from food_inspections.storage.postgres.lines import content_hash, content_hashes, with_json

__all__ = [
    "append_rows",
    "content_hash",
    "content_hashes",
    "read_before",
    "read_query",
    "read_weeks",
    "replace_weeks",
    "with_json",
]

READ_BYTES = 1024 * 1024
TYPE_NAMES: Mapping[int, str] = {
    16: "bool",
    20: "int8",
    21: "int2",
    23: "int4",
    114: "json",
    700: "float4",
    701: "float8",
    1082: "date",
    1114: "timestamp",
    1184: "timestamptz",
    1700: "numeric",
    3802: "jsonb",
}
"""PostgreSQL's numbers of built-in types, which never change (its ``pg_type.dat``)."""


def replace_weeks(connection: Connection, table: str, frame: pd.DataFrame, weeks: Sequence[date]) -> None:
    """Make a table's weeks hold exactly the rows of a frame, on the caller's transaction.

    Writers of the same table wait for each other until the end of their transactions.

    Args:
        connection: Transaction to write on.
        table: ``schema.table``.
        frame: Rows with a ``week`` column; dicts and lists are stored as JSON, missing values as NULL.
        weeks: Mondays to replace; a week without rows ends up empty.

    Raises:
        DataError: A row is of another week, or a value does not fit its column.
        StorageError: The table has no such column, or the database refuses the rows.
    """
    foreign = set(pd.to_datetime(frame["week"]).dt.date.unique()) - set(weeks)
    if foreign:
        raise DataError(f"Rows for {table} are of weeks not asked for: {', '.join(map(str, sorted(foreign)))}.")
    with _refusals(connection, f"Writing {table}"):
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:table, 0))"), {"table": table})
        cursor = _driver(connection).cursor()
        statement = sql.SQL("DELETE FROM {} WHERE week = ANY(%s)").format(_name(table))
        cursor.execute(statement, (list(weeks),))
    append_rows(connection, table, frame)


def append_rows(connection: Connection, table: str, frame: pd.DataFrame) -> None:
    """Add the rows of a frame to a table, on the caller's transaction; see :func:`replace_weeks`."""
    with _refusals(connection, f"Writing {table}"):
        known = _columns(connection, table, frame.columns)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            _name(table), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
        )
        driver = _driver(connection)
        cursor = driver.cursor()
        for part in lines.encode(frame, known):
            cursor.copy_expert(statement.as_string(driver), BytesIO(part), READ_BYTES)


def read_weeks(
    connection: Connection, table: str, weeks: Sequence[date], columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read a table's rows of some weeks, ordered by week and primary key.

    Args:
        connection: Transaction to read in.
        table: ``schema.table``.
        weeks: Mondays.
        columns: Columns to read; all by default.

    Returns:
        Whole numbers as int64 (float64 where some are missing), days as datetime64[ns] at midnight, text as
        object, JSON as Python objects, moments as datetime64[us, UTC].

    Raises:
        StorageError: The table has no such column, or the database cannot be read.
    """
    return _read_where(connection, table, columns, sql.SQL("week = ANY(%s)"), list(weeks))


def read_before(connection: Connection, table: str, before: date, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read a table's rows of the weeks before a day's week; see :func:`read_weeks`."""
    return _read_where(connection, table, columns, sql.SQL("week < %s"), before)


def read_query(connection: Connection, query: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Read the rows of a query; see :func:`read_weeks` for how values come back.

    Args:
        connection: Transaction to read in.
        query: One SELECT, with ``:name`` where a parameter goes.
        parameters: Values by name; a list goes with ``= ANY(:name)``.
    """
    compiled = text(query.strip().rstrip(";")).compile(dialect=connection.dialect)
    with _refusals(connection, "Reading"):
        cursor = _driver(connection).cursor()
        return _copy_out(connection, cursor.mogrify(str(compiled), dict(parameters or {})).decode())


def _read_where(
    connection: Connection, table: str, columns: Sequence[str] | None, condition: sql.SQL, value: Any
) -> pd.DataFrame:
    with _refusals(connection, f"Reading {table}"):
        known = _columns(connection, table, columns or ())
        key = ["week", *(column for column in _primary_key(connection, table) if column != "week")]
        order = [_in_order(column, known[column]) for column in key]
        statement = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns or known)),
            _name(table),
            condition,
            sql.SQL(", ").join(order),
        )
        cursor = _driver(connection).cursor()
        return _copy_out(connection, cursor.mogrify(statement, (value,)).decode())


def _in_order(column: str, type_: str) -> sql.Composed:
    """Text in the order of its code points, whatever the database's own collation.

    Ids of inspections go by length first, as in :mod:`food_inspections.domain.visit_order`: those that are numbers
    stand in the order of the numbers.
    """
    if type_ not in ("text", "varchar"):
        return sql.SQL("{}").format(sql.Identifier(column))
    pattern = 'length({0}), {0} COLLATE "C"' if column == "inspection_id" else '{0} COLLATE "C"'
    return sql.SQL(pattern).format(sql.Identifier(column))


def _copy_out(connection: Connection, query: str) -> pd.DataFrame:
    # Floating point to the last bit and days as YYYY-MM-DD, whatever the server's own settings.
    connection.exec_driver_sql("SET LOCAL extra_float_digits = 1; SET LOCAL datestyle = 'ISO'")
    cursor = _driver(connection).cursor()
    cursor.execute(f"SELECT * FROM ({query}) AS q LIMIT 0")  # noqa: S608 - the parameters are quoted in it
    description = cursor.description or ()
    csv = BytesIO()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv)", csv, READ_BYTES)
    types = [TYPE_NAMES.get(column.type_code, "text") for column in description]
    return lines.decode(csv.getbuffer(), [column.name for column in description], types)


def _columns(connection: Connection, table: str, needed: Iterable[str]) -> dict[str, str]:
    """The table's columns, in order, with the names of their types; the needed ones must be among them."""
    rows = connection.execute(
        text(
            """
            SELECT a.attname, t.typname
            FROM pg_attribute AS a
            JOIN pg_type AS t ON t.oid = a.atttypid
            WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """
        ),
        {"table": table},
    )
    columns = {row.attname: row.typname for row in rows}
    if not columns:
        raise StorageError(f"The database has no table {table}: apply the schema with food-inspections db upgrade.")
    unknown = [str(column) for column in needed if column not in columns]
    if unknown:
        raise StorageError(f"{table} has no column {', '.join(unknown)}; it has {', '.join(columns)}.")
    return columns


def _primary_key(connection: Connection, table: str) -> list[str]:
    """Columns of the table's primary key, in its order."""
    return list(
        connection.execute(
            text(
                """
                SELECT a.attname
                FROM pg_index AS i, unnest(i.indkey) WITH ORDINALITY AS k(number, position)
                JOIN pg_attribute AS a ON a.attnum = k.number
                WHERE i.indrelid = to_regclass(:table) AND a.attrelid = i.indrelid AND i.indisprimary
                ORDER BY k.position
                """
            ),
            {"table": table},
        ).scalars()
    )


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def _driver(connection: Connection) -> DriverConnection:
    return cast(DriverConnection, connection.connection.driver_connection)


@contextmanager
def _refusals(connection: Connection, what: str) -> Iterator[None]:
    """What the database refuses is something the user can act on."""
    try:
        yield
    except (psycopg2.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not connection.invalidated and _driver(connection).closed:
            # SQLAlchemy did not see the driver lose it, and would fail to roll it back.
            connection.invalidate(error)
        raise StorageError(f"{what} failed: {str(cause).strip()}") from error
