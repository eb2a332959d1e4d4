"""The tables as the database has them after all migrations: columns, types, whether null, keys, comments.

``sql/`` is the one source of truth, and PostgreSQL alone can say what its files amount to. Its answer is kept in
``sql/schema.csv`` (see :mod:`food_inspections.storage.postgres.catalogue`), so that what is made from it, such as
what Dagster shows of a table, needs no database.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import food_inspections
from food_inspections.errors import StorageError

SNAPSHOT = Path(food_inspections.__file__).parent / "sql" / "schema.csv"

Row: TypeAlias = Mapping[str, str]
"""A line of the snapshot: a schema, a table, a view or a column of one, each with its comment."""


@dataclass(frozen=True)
class Column:
    """A column of a table; its type in PostgreSQL's words."""

    name: str
    type: str
    is_nullable: bool
    comment: str


@dataclass(frozen=True)
class Table:
    """A table with its columns in order."""

    name: str
    comment: str
    columns: tuple[Column, ...]


@cache
def tables() -> dict[str, Table]:
    """Every table that ``sql/`` makes, by ``schema.table``."""
    return tables_of(_lines())


@cache
def views() -> dict[str, Table]:
    """Every view that ``sql/`` makes; without a key, and any column may be null."""
    return tables_of(_lines(), kind="view")


def tables_of(rows: Iterable[Row], kind: str = "table") -> dict[str, Table]:
    """The tables, or the views, among the lines of a snapshot."""
    found: dict[str, Table] = {}
    for name, (about, *columns) in groupby(rows, key=lambda row: f"{row['schema']}.{row['relation']}"):
        if about["type"] == kind:
            found[name] = Table(
                name,
                about["comment"],
                tuple(Column(row["column"], row["type"], row["is_nullable"] != "f", row["comment"]) for row in columns),
            )
    return found


def describe_table(name: str) -> tuple[Column, ...]:
    """The columns of one table or view.

    Raises:
        StorageError: ``sql/`` makes no such table.
    """
    found = tables().get(name) or views().get(name)
    if found is None:
        raise StorageError(
            f"No table {name!r} in {SNAPSHOT.name}: declare it in sql/ before an asset is kept in it, then make schema."
        )
    return found.columns


def _lines() -> list[Row]:
    with SNAPSHOT.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
