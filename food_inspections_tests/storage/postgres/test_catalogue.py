import shutil
from pathlib import Path

import pytest

from food_inspections.storage.postgres import catalogue, migrations
from food_inspections.storage.postgres.schema import SNAPSHOT, Column, tables_of


def test_what_is_committed_is_what_the_migrations_make(database_url: str) -> None:
    fresh = catalogue.snapshot(database_url)

    stale = "is stale: run make schema, and commit what it writes"
    assert SNAPSHOT.read_text(encoding="utf-8") == fresh, f"{SNAPSHOT.name} {stale}"
    dictionary = catalogue.dictionary(catalogue.rows_of(fresh))
    assert catalogue.DICTIONARY.read_text(encoding="utf-8") == dictionary, f"{catalogue.DICTIONARY.name} {stale}"


def test_a_later_migration_shows(empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of CREATE TABLE alone would miss what ALTER TABLE added, changed and took away."""
    folder = shutil.copytree(migrations.sql_folder(), tmp_path / "sql")
    (folder / "9999_later.sql").write_text(
        """
        ALTER TABLE data.closures ADD COLUMN phone text;
        COMMENT ON COLUMN data.closures.phone IS 'Where to call; don''t.';
        ALTER TABLE data.closures ALTER COLUMN address DROP NOT NULL, DROP COLUMN dba_name;
        CREATE TABLE data.things (number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, names text[]);
        COMMENT ON TABLE data.things IS 'Things, new.';
        """
    )
    monkeypatch.setattr(migrations, "sql_folder", lambda: folder)

    migrations.upgrade(empty_database_url)
    rows = catalogue.rows_of(catalogue.snapshot(empty_database_url))

    closures = {column.name: column for column in tables_of(rows)["data.closures"].columns}
    assert closures["phone"] == Column("phone", "text", True, "Where to call; don't.")
    assert closures["address"].is_nullable
    assert "dba_name" not in closures
    things = tables_of(rows)["data.things"]
    assert things.comment == "Things, new."
    assert things.columns == (Column("number", "integer", False, ""), Column("names", "text[]", True, ""))
    written = catalogue.dictionary(rows)
    assert "| `phone` | text, may be null | Where to call; don't. |" in written
    assert "### data.things\n\nThings, new.\n\n| column | type | meaning |" in written


def test_the_dictionary_tells_schemas_views_and_keys() -> None:
    written = catalogue.DICTIONARY.read_text(encoding="utf-8")

    assert [line for line in written.splitlines() if line.startswith("## ")] == [
        *("## data", "## models", "## api", "## monitoring", "## metadata", "## test")
    ]
    assert "### metadata.accepted_weeks (view)\n\nWeeks a reader may use" in written
    assert "| `week` | date, key | Monday of the week the queue is for. |" in written
