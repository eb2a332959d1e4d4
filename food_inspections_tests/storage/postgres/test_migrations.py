import pytest
from sqlalchemy import Engine, create_engine, text

from food_inspections.errors import StorageError
from food_inspections.storage.postgres import migrations


def test_upgrade_applies_every_file_once(empty_database_url: str) -> None:
    applied = migrations.upgrade(empty_database_url)

    assert applied == sorted(path.stem for path in migrations.sql_folder().glob("*.sql"))
    assert migrations.upgrade(empty_database_url) == []
    assert migrations.pending(empty_database_url) == []


def test_a_newer_schema_is_refused(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO migrations._yoyo_migration (migration_hash, migration_id, applied_at_utc) "
                "VALUES ('x', '9999_future', now())"
            )
        )

    with pytest.raises(StorageError, match=r"newer than this program: it has 9999_future"):
        migrations.upgrade(database_url)


def test_a_failed_migration_is_named_and_undone(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA metadata"))

    with pytest.raises(StorageError, match=r"Migration 0001_schemas failed and was undone.*already exists"):
        migrations.upgrade(empty_database_url)

    with engine.begin() as connection:
        assert connection.execute(text("SELECT to_regnamespace('data')")).scalar() is None
        connection.execute(text("DROP SCHEMA metadata"))
    engine.dispose()
    assert migrations.upgrade(empty_database_url)


def test_a_lock_left_by_a_killed_upgrade_does_not_block(empty_database_url: str) -> None:
    migrations.upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO migrations.yoyo_lock (locked, ctime, pid) VALUES (1, now(), 1)"))
        connection.execute(text("DELETE FROM migrations._yoyo_migration WHERE migration_id = '0007_monitoring'"))
        connection.execute(text("DROP TABLE monitoring.score_distributions, monitoring.drift, monitoring.performance"))
    engine.dispose()

    assert migrations.upgrade(empty_database_url) == ["0007_monitoring"]


def test_every_table_and_column_has_a_comment(engine: Engine) -> None:
    with engine.connect() as connection:
        bare = connection.execute(
            text(
                "SELECT c.oid::regclass::text || coalesce('.' || a.attname, '') FROM pg_class c "
                "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
                "WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text "
                "IN ('data', 'models', 'api', 'monitoring', 'metadata', 'test') "
                "AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)"
            )
        ).scalars()

        assert list(bare) == []


def test_an_unreachable_database_is_named_without_its_password() -> None:
    with pytest.raises(StorageError, match=r"127\.0\.0\.1.*cannot be reached") as raised:
        migrations.upgrade("postgresql+psycopg2://someone:secret@127.0.0.1:1/nothing")

    assert "secret" not in str(raised.value)
