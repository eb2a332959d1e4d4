"""Applies ``sql/``, the one source of truth for the schema, with yoyo.

Each migration and the note that it was applied are one transaction, and a lock of the database keeps two programs
from migrating at once; so a kill at any moment leaves nothing half done.
"""

from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as DriverConnection  # noqa: N812 - the driver's class is in lower case
from sqlalchemy import make_url

import food_inspections
from food_inspections.errors import StorageError
from food_inspections.storage.postgres.bounded import BoundedConnection
from food_inspections.storage.postgres.connections import connected

SCHEMA = "migrations"
"""Where yoyo keeps what it has applied; not ``public``, where an ordinary role may not create tables."""

LOCK = 0x666F6F64
"""Number of the advisory lock; any number that nothing else in the database uses."""


def sql_folder() -> Path:
    """Folder of the numbered SQL files.

    Raises:
        StorageError: The program was installed without them.
    """
    folder = Path(food_inspections.__file__).parent / "sql"
    if not folder.is_dir():
        raise StorageError(f"The schema is missing: expected the folder {folder}.")
    return folder


def pending(url: str) -> list[str]:
    """Names of the migrations not yet applied to the database, in order.

    Raises:
        StorageError: The database cannot be reached, or was made by an older or a newer program.
    """
    with connected(url) as connection:
        return _pending(connection)


def upgrade(url: str) -> list[str]:
    """Apply the migrations not yet applied.

    Returns:
        Their names, in order.

    Raises:
        StorageError: The database cannot be reached, was made by an older or a newer program, or a migration failed.
    """
    with connected(url) as connection:
        if not _pending(connection):
            return []
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            if not _has_schema(connection):
                cursor.execute(f"CREATE SCHEMA {SCHEMA}")
                cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'Which files of sql/ were applied; kept by yoyo.'")
        return _apply(url, _pending(connection))


def _apply(url: str, names: list[str]) -> list[str]:
    # yoyo takes half a second to import, and is needed only when something is to be applied.
    from yoyo import read_migrations  # noqa: PLC0415
    from yoyo.backends.core.postgresql import PostgresqlBackend  # noqa: PLC0415
    from yoyo.connections import parse_uri  # noqa: PLC0415
    from yoyo.migrations import default_migration_table  # noqa: PLC0415

    address = make_url(url).set(drivername="postgresql").update_query_dict({"schema": SCHEMA})
    place = parse_uri(address.render_as_string(hide_password=False))
    place.args["connection_factory"] = BoundedConnection
    backend = PostgresqlBackend(place, default_migration_table)
    with closing(backend.connection):
        backend.connection.let_it_take_its_time()
        backend.init_database()
        backend.break_lock()  # ours is the advisory lock, which a killed program cannot leave behind
        for migration in backend.to_apply(read_migrations(str(sql_folder()))):
            try:
                with backend.transaction():
                    migration.process_steps(backend, "apply")
                    backend.mark_one(migration, log=False)
            except psycopg2.Error as error:
                raise StorageError(
                    f"Migration {migration.id} failed and was undone: {str(error).strip()}. The database is as before."
                ) from error
    return names


def _pending(connection: DriverConnection) -> list[str]:
    """In the order yoyo applies them: each file builds on those with lower numbers only."""
    known = sorted(path.stem for path in sql_folder().glob("*.sql"))
    applied = _applied(connection)
    unknown = sorted(applied - set(known))
    if unknown and unknown[0] < known[-1]:
        raise StorageError(
            f"The database has an older program's schema ({unknown[0]} to {unknown[-1]}), which was begun anew before "
            "the first release and is not converted: set FOOD_INSPECTIONS_HOME to a new folder, or "
            "FOOD_INSPECTIONS_DATABASE_URL to an empty database, and pull again."
        )
    if unknown:
        raise StorageError(
            f"The database's schema is newer than this program: it has {', '.join(unknown)}, the program knows up to "
            f"{known[-1]}. Install the program's newer version."
        )
    return [name for name in known if name not in applied]


def _applied(connection: DriverConnection) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", (f"{SCHEMA}._yoyo_migration",))
        if cursor.fetchone() == (None,):
            return set()
        cursor.execute(f"SELECT migration_id FROM {SCHEMA}._yoyo_migration")  # noqa: S608 - our own constant
        return {name for (name,) in cursor.fetchall()}


def _has_schema(connection: DriverConnection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", (SCHEMA,))
        return cursor.fetchone() == (True,)
