import pytest
from sqlalchemy import create_engine, text

from food_inspections.errors import StorageError
from food_inspections.storage.postgres import migrations
from food_inspections.storage.postgres.connections import connected


def test_upgrade_applies_every_file_once(empty_database_url: str) -> None:
    applied = migrations.upgrade(empty_database_url)

    assert applied == sorted(path.stem for path in migrations.sql_folder().glob("*.sql"))
    assert migrations.upgrade(empty_database_url) == []
    assert migrations.pending(empty_database_url) == []


def test_a_newer_schema_is_refused(database_url: str) -> None:
    note_as_applied(database_url, "9999_future")

    with pytest.raises(StorageError, match=r"newer than this program: it has 9999_future"):
        migrations.upgrade(database_url)


def test_a_schema_from_before_it_was_begun_anew_is_refused_with_what_to_do(empty_database_url: str) -> None:
    migrations.upgrade(empty_database_url)
    note_as_applied(empty_database_url, "0001_schemas", "0002_records", "0012_champion_by_week")

    for look in (migrations.upgrade, migrations.pending):
        with pytest.raises(StorageError, match=r"\(0001_schemas to 0012.* begun anew .*, and pull again"):
            look(empty_database_url)


def note_as_applied(url: str, *names: str) -> None:
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO migrations._yoyo_migration (migration_hash, migration_id, applied_at_utc)
            VALUES (%s, %s, now())
            """,
            [(name, name) for name in names],
        )


def test_a_failed_migration_is_named_and_undone(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA metadata"))

    with pytest.raises(StorageError, match=r"Migration 0001_records failed and was undone.*already exists"):
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
        connection.execute(text("DELETE FROM migrations._yoyo_migration WHERE migration_id = '0006_monitoring'"))
        connection.execute(text("DROP SCHEMA monitoring CASCADE; CREATE SCHEMA monitoring"))
    engine.dispose()

    assert migrations.upgrade(empty_database_url) == ["0006_monitoring"]


def test_an_unreachable_database_is_named_without_its_password() -> None:
    with pytest.raises(StorageError, match=r"127\.0\.0\.1.*cannot be reached") as raised:
        migrations.upgrade("postgresql+psycopg2://someone:secret@127.0.0.1:1/nothing")

    assert "secret" not in str(raised.value)
