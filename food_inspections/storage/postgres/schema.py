"""The tables as ``sql/`` declares them: columns, types, whether null, comments.

``sql/`` is the one source of truth for the schema; what Dagster shows of a table and
the data dictionary in ``docs/`` are read from it, without a database.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from food_inspections.errors import StorageError

SQL_FOLDER = Path(__file__).resolve().parents[3] / "sql"

_TABLE = re.compile(r"CREATE TABLE\s+([a-z_.]+)\s*\((.*?)\n\);", re.DOTALL)
_COLUMN = re.compile(r"^\s{4}([a-z_][a-z0-9_]*)\s+(.+?),?$")
_LIKE = re.compile(r"^\s{4}LIKE\s+([a-z_.]+)")
_COMMENT = re.compile(r"COMMENT ON (TABLE|COLUMN)\s+([a-z0-9_.]+)\s+IS\s+'((?:[^']|'')*)';")
_NOT_COLUMNS = ("PRIMARY", "FOREIGN", "CHECK", "UNIQUE", "CONSTRAINT", "LIKE", "EXCLUDE")
_TYPE_ENDS = re.compile(r"\s+(NOT NULL|DEFAULT|CHECK|PRIMARY KEY|REFERENCES|GENERATED|UNIQUE)\b")


@dataclass(frozen=True)
class Column:
    """A column of a table."""

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
    """Every table that ``sql/`` declares, by ``schema.table``, in the order of the files."""
    texts = [path.read_text() for path in sorted(SQL_FOLDER.glob("*.sql")) if not path.name.endswith(".rollback.sql")]
    comments = {target: text.replace("''", "'") for sql in texts for _, target, text in _COMMENT.findall(sql)}
    found: dict[str, Table] = {}
    for sql in texts:
        for name, body in _TABLE.findall(sql):
            columns = [column for line in body.splitlines() for column in _columns_of(line, name, comments, found)]
            found[name] = Table(name, comments.get(name, ""), tuple(columns))
    return found


def describe_table(name: str) -> tuple[Column, ...]:
    """The columns of one table.

    Raises:
        StorageError: ``sql/`` declares no such table.
    """
    if name not in tables():
        raise StorageError(f"No table {name!r} in sql/: declare it there before an asset is kept in it.")
    return tables()[name].columns


def _columns_of(line: str, table: str, comments: dict[str, str], found: dict[str, Table]) -> list[Column]:
    like = _LIKE.match(line)
    if like:
        return [
            Column(column.name, column.type, column.is_nullable, comments.get(f"{table}.{column.name}", column.comment))
            for column in found[like.group(1)].columns
        ]
    match = _COLUMN.match(line)
    if match is None or line.split(maxsplit=1)[0] in _NOT_COLUMNS:
        return []
    name, rest = match.groups()
    is_nullable = not re.search(r"NOT NULL|PRIMARY KEY|AS IDENTITY", rest)
    return [Column(name, _TYPE_ENDS.split(rest)[0], is_nullable, comments.get(f"{table}.{name}", ""))]
