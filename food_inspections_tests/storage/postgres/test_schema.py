import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from food_inspections.errors import StorageError
from food_inspections.storage.postgres import schema
from food_inspections.storage.postgres.schema import Column, describe_table, tables

LONG_NAMES = {"timestamp with time zone": "timestamptz"}


@pytest.fixture
def sql_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of our own in place of ``sql/``."""
    monkeypatch.setattr(schema, "SQL_FOLDER", tmp_path)
    tables.cache_clear()
    yield tmp_path
    tables.cache_clear()


def test_what_is_read_from_sql_is_what_the_database_has(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT n.nspname || '.' || c.relname AS name, a.attname, format_type(a.atttypid, a.atttypmod), "
                "NOT a.attnotnull, col_description(c.oid, a.attnum) "
                "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
                "WHERE c.relkind = 'r' AND n.nspname IN ('data', 'models', 'api', 'monitoring', 'metadata', 'test') "
                "ORDER BY name, a.attnum"
            )
        ).all()
    found: dict[str, list[Column]] = {}
    for name, column, type_, is_nullable, comment in rows:
        kind = LONG_NAMES.get(type_, type_)
        found.setdefault(name, []).append(Column(column, kind, is_nullable, comment or ""))

    assert {name: list(table.columns) for name, table in tables().items()} == found


def test_every_table_and_column_has_a_comment() -> None:
    assert [name for name, table in tables().items() if not table.comment] == []
    assert [
        f"{name}.{column.name}" for name, table in tables().items() for column in table.columns if not column.comment
    ] == []


def test_columns_keep_type_null_and_comment(sql_folder: Path) -> None:
    (sql_folder / "0001_a.sql").write_text(
        "CREATE TABLE data.things (\n"
        "    week      date NOT NULL CHECK (extract(isodow FROM week) = 1),\n"
        "    name      text,\n"
        "    made_at   timestamptz NOT NULL DEFAULT now(),\n"
        "    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
        "    ratio     double precision CHECK (ratio BETWEEN 0 AND 1),\n"
        "    PRIMARY KEY (week, name)\n"
        ");\n"
        "COMMENT ON TABLE data.things IS 'Things; don''t lose the quote.';\n"
        "COMMENT ON COLUMN data.things.name IS 'What it''s called.';\n"
    )

    assert tables()["data.things"].comment == "Things; don't lose the quote."
    assert describe_table("data.things") == (
        Column("week", "date", False, ""),
        Column("name", "text", True, "What it's called."),
        Column("made_at", "timestamptz", False, ""),
        Column("number", "bigint", False, ""),
        Column("ratio", "double precision", True, ""),
    )


def test_a_table_like_another_has_its_columns_and_its_own_words(sql_folder: Path) -> None:
    (sql_folder / "0001_a.sql").write_text(
        "CREATE TABLE data.things (\n    name  text NOT NULL\n);\nCOMMENT ON COLUMN data.things.name IS 'Its name.';\n"
    )
    (sql_folder / "0002_b.sql").write_text(
        "CREATE TABLE api.things (\n    LIKE data.things INCLUDING COMMENTS,\n    version  integer NOT NULL\n);\n"
        "COMMENT ON COLUMN api.things.version IS 'Which one.';\n"
    )

    assert describe_table("api.things") == (
        Column("name", "text", False, "Its name."),
        Column("version", "integer", False, "Which one."),
    )


def test_what_undoes_a_migration_declares_nothing(sql_folder: Path) -> None:
    (sql_folder / "0001_a.rollback.sql").write_text("CREATE TABLE data.old (\n    name  text\n);\n")

    assert tables() == {}


def test_an_undeclared_table_is_an_error() -> None:
    with pytest.raises(StorageError, match=re.escape("No table 'data.nothing' in sql/: declare it there before")):
        describe_table("data.nothing")
