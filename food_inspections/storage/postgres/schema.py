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
    with SNAPSHOT.open(encoding="utf-8", newline="") as file:
        return tables_of(csv.DictReader(file))


def tables_of(rows: Iterable[Row]) -> dict[str, Table]:
    """The tables among the lines of a snapshot; views are none."""
    found: dict[str, Table] = {}
    for name, (about, *columns) in groupby(rows, key=lambda row: f"{row['schema']}.{row['relation']}"):
        if about["type"] == "table":
            found[name] = Table(
                name,
                about["comment"],
                tuple(Column(row["column"], row["type"], row["is_nullable"] == "t", row["comment"]) for row in columns),
            )
    return found


def describe_table(name: str) -> tuple[Column, ...]:
    """The columns of one table.

    Raises:
        StorageError: ``sql/`` makes no such table.
    """
    if name not in tables():
        raise StorageError(
            f"No table {name!r} in {SNAPSHOT.name}: declare it in sql/ before an asset is kept in it, then make schema."
        )
    return tables()[name].columns
