"""The data dictionary: every schema, table and column with its comment, as Markdown.

``python -m food_inspections.storage.postgres.dictionary`` writes ``docs/data_dictionary.md`` from the
schema as ``sql/`` makes it; a test fails where the two differ.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - the driver's class is in lower case

from food_inspections.storage.postgres import embedded, migrations
from food_inspections.storage.postgres.connections import connected

SCHEMAS = ("data", "models", "api", "monitoring", "metadata", "test")

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "data_dictionary.md"

_INTRODUCTION = """# Data dictionary

Made from the comments in `sql/` by `python -m food_inspections.storage.postgres.dictionary`; edit those, not this page.
"""

_COLUMNS = """
SELECT n.nspname, obj_description(n.oid, 'pg_namespace'), c.relname, c.relkind IN ('v', 'm'),
       obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       col_description(c.oid, a.attnum)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
ORDER BY array_position(%s, n.nspname::text), c.relname, a.attnum
"""


def markdown(connection: DriverConnection) -> str:
    """The dictionary of the database behind the connection."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, (list(SCHEMAS), list(SCHEMAS)))
        rows = cursor.fetchall()
    return "".join([_INTRODUCTION, *_sections(rows)])


def _sections(rows: list[tuple[str, ...]]) -> Iterator[str]:
    for (schema, about), in_schema in groupby(rows, key=lambda row: row[:2]):
        yield f"\n## {schema}\n\n{about or ''}\n"
        for (table, is_view, purpose), columns in groupby(in_schema, key=lambda row: row[2:5]):
            yield f"\n### {schema}.{table}{' (view)' if is_view else ''}\n\n{purpose or ''}\n"
            yield "\n| column | type | meaning |\n|---|---|---|\n"
            for _, _, _, _, _, column, kind, is_required, meaning in columns:
                nullable = "" if is_required or is_view else ", may be null"
                yield f"| `{column}` | {kind}{nullable} | {meaning or ''} |\n"


def write(url: str, document: Path = DOCUMENT) -> None:
    """Bring the document up to date.

    Args:
        url: Database to describe.
        document: File to write.
    """
    with connected(url, is_read_only=True) as connection:
        document.write_text(markdown(connection), encoding="utf-8")


def main() -> None:
    """Make the schema in a server of its own, so that no older database has a say, and write it down."""
    with TemporaryDirectory(prefix="fi-dictionary-") as folder:
        home = Path(folder)
        url = embedded.hold(home, embedded.NOT_DURABLE).url
        try:
            migrations.upgrade(url)
            write(url)
        finally:
            embedded.stop(home, is_forced=True)


if __name__ == "__main__":
    main()
