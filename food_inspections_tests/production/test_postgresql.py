"""A PostgreSQL of another make, over TLS, with a role that may do nothing but create in its own database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from food_inspections.api.queries.establishments import search_query
from food_inspections.errors import StorageError
from food_inspections.orchestration.instance.storage import Storage
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database, migrations, tables
from food_inspections_tests.production.postgresql_server import PASSWORD, ROLE, PostgresqlServer

WEEK = date(2025, 1, 6)
CLOSURES = pd.DataFrame(
    {
        "week": pd.Timestamp(WEEK),
        "inspection_id": [str(number) for number in range(1, 2001)],
        "inspection_date": pd.Timestamp(WEEK),
        "establishment_id": "1",
        "dba_name": "A name that fills the pages of a table",
        "address": "1 MAIN ST",
        "results": "Out of Business",
    }
)


@pytest.fixture
def production(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh database on the server, with the schema."""
    name = f"food_{tmp_path.name.replace('-', '_')}".lower()[:60]
    postgresql.create_database(name)
    settings = Settings.from_environment(
        {"FOOD_INSPECTIONS_HOME": str(tmp_path / "home"), "FOOD_INSPECTIONS_DATABASE_URL": postgresql.url(name)}
    )
    yield settings
    database.engine(settings).dispose()


@pytest.fixture
def loaded(production: Settings) -> Settings:
    """The same, with a first version of a week."""
    database.upgrade(production)
    with database.engine(production).begin() as connection:
        tables.replace_weeks(connection, "data.closures", CLOSURES.head(3), [WEEK])
    return production


def test_an_ordinary_role_makes_the_schema_over_tls(production: Settings) -> None:
    applied = database.upgrade(production)

    assert applied == sorted(path.stem for path in migrations.sql_folder().glob("*.sql"))
    with database.engine(production).connect() as connection:
        is_tls, role, is_super = connection.execute(
            text(
                "SELECT s.ssl, current_user, r.rolsuper FROM pg_stat_ssl AS s, pg_roles AS r "
                "WHERE s.pid = pg_backend_pid() AND r.rolname = current_user"
            )
        ).one()
    assert (is_tls, role, is_super) == (True, ROLE, False)


def test_the_search_goes_by_trigrams_where_the_server_has_them(production: Settings) -> None:
    database.upgrade(production)
    query, parameters = search_query({"q": "Miller's main"})
    explained = text(f"EXPLAIN {query.text}").bindparams(**parameters, page_size=10, first=0)
    with database.engine(production).begin() as connection:
        has_trigrams = connection.execute(text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"))
        assert has_trigrams.scalar_one() == 1, "this server should bring pg_trgm"
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(connection.execute(explained).scalars())
    assert "Bitmap Index Scan on establishments_searched" in plan
    assert "searched ~~ '%miller''s%'" in plan


def test_dagster_keeps_its_records_there_as_well(production: Settings) -> None:
    storage = Storage(production)

    storage.run_storage.add_run(dg.DagsterRun(job_name="job"))

    assert storage.run_storage.get_runs_count() == 1
    with database.engine(production).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM dagster.runs")).scalar_one() == 1


def test_a_server_that_is_not_who_it_says_is_refused(production: Settings, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.crt"
    stranger.write_bytes(b"")
    url = str(production.database_url).rpartition("=")[0] + f"={stranger}"

    with pytest.raises(StorageError, match="cannot be reached") as refused:
        database.upgrade(replace(production, database_url=url))

    assert PASSWORD not in str(refused.value)


def test_a_connection_without_tls_is_refused_and_names_no_password(production: Settings) -> None:
    plain = replace(production, database_url=str(production.database_url).partition("?")[0] + "?sslmode=disable")

    with pytest.raises(StorageError, match="cannot be reached") as refused:
        database.upgrade(plain)

    assert PASSWORD not in str(refused.value)


def test_a_wrong_password_is_not_repeated(production: Settings) -> None:
    wrong = replace(production, database_url=str(production.database_url).replace(PASSWORD, "planted-wrong-password"))

    with pytest.raises(StorageError, match="password authentication failed") as refused:
        database.upgrade(wrong)

    assert "planted-wrong-password" not in str(refused.value)


def test_a_schema_newer_than_the_program_is_refused(loaded: Settings) -> None:
    with database.engine(loaded).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO migrations._yoyo_migration (migration_hash, migration_id, applied_at_utc) "
                "VALUES ('x', '9999_future', now())"
            )
        )

    with pytest.raises(StorageError, match="newer than this program: it has 9999_future"):
        database.upgrade(loaded)


def test_a_connection_lost_mid_load_leaves_the_week_as_it_was(loaded: Settings, postgresql: PostgresqlServer) -> None:
    with (  # noqa: PT012 - the loss strikes between two statements of one transaction
        pytest.raises(StorageError, match=r"Writing data\.closures failed"),
        database.engine(loaded).begin() as connection,
    ):
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        connection.execute(text("DELETE FROM data.closures WHERE week = :week"), {"week": WEEK})
        postgresql.sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        tables.replace_weeks(connection, "data.closures", CLOSURES, [WEEK])

    assert _count(loaded) == 3


def test_a_server_restarted_mid_load_leaves_the_week_as_it_was(loaded: Settings, postgresql: PostgresqlServer) -> None:
    with (  # noqa: PT012 - the restart strikes between load and commit
        pytest.raises((OperationalError, StorageError)),
        database.engine(loaded).begin() as connection,
    ):
        tables.replace_weeks(connection, "data.closures", CLOSURES, [WEEK])
        postgresql.control("restart", "-m", "immediate", "-l", str(postgresql.folder / "log"))

    # The pool notices that its connections are dead, and the same load then works.
    assert _count(loaded) == 3
    with database.engine(loaded).begin() as connection:
        tables.replace_weeks(connection, "data.closures", CLOSURES, [WEEK])
    assert _count(loaded) == len(CLOSURES)


def _count(settings: Settings) -> int:
    with database.engine(settings).connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM data.closures")).scalar_one())
