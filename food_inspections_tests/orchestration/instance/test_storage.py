import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml
from sqlalchemy import Engine, text

from food_inspections.orchestration.instance import storage as instance
from food_inspections.settings import Settings
from food_inspections.storage.postgres import embedded

ROOT = Path(__file__).resolve().parents[3]
DEFINITIONS = """
import dagster as dg
weeks = dg.WeeklyPartitionsDefinition(start_date="2025-01-06", day_offset=1)

@dg.asset(partitions_def=weeks, backfill_policy=dg.BackfillPolicy.single_run())
def counted(context):
    print("counting")
    return dg.MaterializeResult(metadata={"weeks": len(context.partition_keys)})

defs = dg.Definitions([counted], executor=dg.in_process_executor)
"""


@pytest.fixture
def storage(settings: Settings) -> Iterator[instance.Storage]:
    storage = instance.Storage(settings)
    yield storage
    instance._engine(settings, storage.postgres_url).dispose()
    instance.records_url.cache_clear()


def tables(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT schemaname, count(*) AS tables FROM pg_tables "
                "WHERE schemaname IN ('public', 'dagster', 'dagster_unfinished') GROUP BY schemaname"
            )
        )
        return {row.schemaname: row.tables for row in rows}


def test_its_tables_lie_in_a_schema_of_their_own(storage: instance.Storage, engine: Engine) -> None:
    assert set(tables(engine)) == {"dagster"}
    assert storage.run_storage.get_run_ids() == []
    assert not storage.event_log_storage.all_asset_keys()
    assert not list(storage.schedule_storage.all_instigator_state())


def test_its_schema_is_dagsters_newest(storage: instance.Storage) -> None:
    for part in (storage.run_storage, storage.event_log_storage, storage.schedule_storage):
        current, newest = part.alembic_version()
        assert current == newest


def test_tables_half_made_by_a_killed_process_are_made_again(settings: Settings, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA dagster_unfinished"))
        connection.execute(text("CREATE TABLE dagster_unfinished.runs (id int)"))

    storage = instance.Storage(settings)

    assert storage.run_storage.get_run_ids() == []
    assert set(tables(engine)) == {"dagster"}


def test_runs_are_kept_when_another_process_opens_them(settings: Settings, storage: instance.Storage) -> None:
    storage.run_storage.add_run(dg.DagsterRun(job_name="job", run_id="kept"))
    instance.records_url.cache_clear()

    assert instance.Storage(settings).run_storage.get_run_ids() == ["kept"]


def test_all_of_dagster_shares_connections_that_notice_a_restart_of_the_server(
    storage: instance.Storage, engine: Engine
) -> None:
    assert storage.run_storage.get_run_ids() == []
    with engine.begin() as connection:
        killed = connection.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar()
    assert killed == 1
    assert storage.run_storage.get_run_ids() == []
    assert not storage.event_log_storage.all_asset_keys()
    assert not list(storage.schedule_storage.all_instigator_state())


def test_a_run_from_a_bare_shell_writes_nothing_beside_the_home_folder(tmp_path: Path) -> None:
    shutil.copy(ROOT / "dagster.yaml", tmp_path)
    (tmp_path / "definitions.py").write_text(DEFINITIONS)
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("FOOD_INSPECTIONS", "DAGSTER"))}

    result = subprocess.run(  # noqa: S603 - our own program
        [
            *(sys.executable, "-m", "dagster", "asset", "materialize", "-f", "definitions.py"),
            *("--select", "counted", "--partition-range", "2025-01-06...2025-03-03"),
        ],
        cwd=tmp_path,
        env={**bare, "DAGSTER_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [".food_inspections", "dagster.yaml", "definitions.py"]
    assert list((tmp_path / ".food_inspections" / "dagster" / "logs").rglob("*.out"))
    embedded.stop(tmp_path / ".food_inspections", is_forced=True)


def test_dagsters_telemetry_is_off() -> None:
    assert yaml.safe_load((ROOT / "dagster.yaml").read_text())["telemetry"] == {"enabled": False}
