"""Writes down what ``sql/`` amounts to, as PostgreSQL's own catalogue tells it once all migrations are applied.

``make schema`` writes ``sql/schema.csv``, which :mod:`food_inspections.storage.postgres.schema` reads, and the data
dictionary ``docs/data_dictionary.md``; a test fails where either is stale.
"""

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from food_inspections.storage.postgres import embedded, migrations
from food_inspections.storage.postgres.connections import connected
from food_inspections.storage.postgres.schema import SNAPSHOT, Row

DICTIONARY = SNAPSHOT.resolve().parents[1] / "docs" / "data_dictionary.md"

_INTRODUCTION = """# Data dictionary

Made by `make schema` from the comments in `sql/`; edit those, not this page.
"""

_CATALOGUE = """
    WITH described AS (
        SELECT
            oid AS schema_oid, NULL AS relation, 0 AS position, NULL AS column, 'schema' AS type,
            NULL::boolean AS is_nullable, NULL::integer AS key, obj_description(oid, 'pg_namespace') AS comment
        FROM pg_namespace
        UNION ALL
        SELECT
            relnamespace, relname, 0, NULL, CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
            NULL, NULL, obj_description(oid, 'pg_class')
        FROM pg_class
        WHERE relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition
        UNION ALL
        SELECT
            c.relnamespace, c.relname, a.attnum, a.attname,
            replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz'),
            CASE WHEN c.relkind IN ('r', 'p') THEN NOT a.attnotnull END,
            array_position(k.conkey, a.attnum),
            col_description(c.oid, a.attnum)
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
    )
    SELECT n.nspname AS schema, relation, "column", type, is_nullable, key, comment
    FROM described
    JOIN pg_namespace AS n ON n.oid = schema_oid
    WHERE n.nspname !~ '^(pg_|information_schema$|public$|migrations$)'
    ORDER BY schema_oid, relation COLLATE "C" NULLS FIRST, position
"""


def snapshot(url: str) -> str:
    """Every schema, table, view and column of a database with its comment, as CSV.

    Args:
        url: A database with the schema and nothing else.
    """
    text = StringIO()
    with connected(url, is_read_only=True) as connection:
        connection.set_client_encoding("UTF8")
        connection.cursor().copy_expert(f"COPY ({_CATALOGUE}) TO STDOUT WITH (FORMAT csv, HEADER)", text)
    return text.getvalue()


def rows_of(snapshot: str) -> list[Row]:
    """The lines of a snapshot."""
    return list(csv.DictReader(StringIO(snapshot)))


def dictionary(rows: Iterable[Row]) -> str:
    """The data dictionary, as Markdown, from the lines of a snapshot."""
    return "".join([_INTRODUCTION, *map(_section, rows)])


def _section(row: Row) -> str:
    if row["type"] == "schema":
        return f"\n## {row['schema']}\n\n{row['comment']}\n"
    if not row["column"]:
        kind = " (view)" if row["type"] == "view" else ""
        title = f"\n### {row['schema']}.{row['relation']}{kind}\n\n{row['comment']}\n"
        return title + "\n| column | type | meaning |\n|---|---|---|\n"
    notes = [row["type"]] + ["key"] * bool(row["key"]) + ["may be null"] * (row["is_nullable"] == "t")
    return f"| `{row['column']}` | {', '.join(notes)} | {row['comment']} |\n"


def main() -> None:
    """Make the schema in a server of its own, so that no older database has a say, and write it down."""
    with TemporaryDirectory(prefix="fi-schema-") as folder:
        url = embedded.hold(Path(folder), embedded.NOT_DURABLE)
        try:
            migrations.upgrade(url)
            text = snapshot(url)
        finally:
            embedded.stop(Path(folder), is_forced=True)
    SNAPSHOT.write_text(text, encoding="utf-8")
    DICTIONARY.write_text(dictionary(rows_of(text)), encoding="utf-8")


if __name__ == "__main__":
    main()
