"""Dataclasses as rows: their fields are the columns of the same names, mappings and sequences are JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg2.extras import Json
from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Kind = TypeVar("Kind", bound="DataclassInstance")


def insert_rows(connection: Connection, table: str, rows: Sequence["DataclassInstance"], on_conflict: str = "") -> None:
    """Insert rows, on the caller's transaction.

    Args:
        connection: Transaction to write on.
        table: ``schema.table``.
        rows: Instances of one class.
        on_conflict: What to do where a row is there already, as in PostgreSQL's ``ON CONFLICT``.
    """
    if not rows:
        return
    names = [field.name for field in fields(rows[0])]
    columns, values = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({values}) {on_conflict}"  # noqa: S608 - our own names
    connection.execute(text(statement), [{name: as_parameter(getattr(row, name)) for name in names} for row in rows])


def select_rows(connection: Connection, kind: type[Kind], query: str, **parameters: Any) -> list[Kind]:
    """The rows of a query.

    Args:
        connection: Transaction to read in.
        kind: Class of the rows.
        query: One SELECT, with ``{columns}`` where those of the class go.
        parameters: Values of its ``:name``.
    """
    columns = ", ".join(f'"{field.name}"' for field in fields(kind))
    return [kind(**row._mapping) for row in connection.execute(text(query.format(columns=columns)), parameters)]


def as_parameter(value: Any) -> Any:
    """A value as the driver takes it."""
    if isinstance(value, Mapping):
        return Json(dict(value))
    return Json(value) if isinstance(value, list | tuple) else value
