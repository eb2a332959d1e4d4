"""The whole graph on S3, an external PostgreSQL and two Celery workers, one of which dies in the middle."""

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from food_inspections.orchestration.instance.launch import open_instance
from food_inspections.orchestration.instance.storage import records_url
from food_inspections.portal.server import PortalServer
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database
from food_inspections_tests.orchestration import city
from food_inspections_tests.production import graph
from food_inspections_tests.production.deployment import SECRETS, Worker, dagster_environment, two_workers, until
from food_inspections_tests.production.postgresql_server import PostgresqlServer
from food_inspections_tests.production.s3_server import S3Server

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 6
PLANTED = b"planted-"


@dataclass(frozen=True)
class Cluster:
    """A deployment of several machines that has run the whole graph."""

    settings: Settings
    folder: Path
    workers: tuple[Worker, Worker]
    postgresql: PostgresqlServer

    def text(self) -> str:
        """What the workers printed."""
        return "\n".join(worker.text for worker in self.workers)


@pytest.fixture(scope="module")
def cluster(
    postgresql: PostgresqlServer, redis_url: str, s3: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    postgresql.create_database("cluster")
    with PortalServer(city.small_city()) as portal, pytest.MonkeyPatch.context() as patch:
        environment = {
            **s3.environment,
            **SECRETS,
            "DAGSTER_HOME": str(ROOT / "deploy"),
            **dagster_environment(postgresql, "cluster"),
            "FOOD_INSPECTIONS_DATABASE_URL": postgresql.url("cluster"),
            "FOOD_INSPECTIONS_OBJECT_STORE": "s3://bucket/cluster",
            "FOOD_INSPECTIONS_PORTAL_URL": portal.url,
            "FOOD_INSPECTIONS_EXECUTOR": "celery",
            "FOOD_INSPECTIONS_CELERY_BROKER": redis_url,
            "FOOD_INSPECTIONS_CELERY_LEASE_SECONDS": str(LEASE_SECONDS),
            "FOOD_INSPECTIONS_HOME": str(folder / "home"),
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        # A run looks once a second by default for steps that are done; in between nothing happens.
        patch.setattr("dagster_celery.core_execution_loop.TICK_SECONDS", 0.1)
        settings = Settings.from_environment()
        records_url(settings)
        with two_workers(folder, environment) as workers:
            _run(settings, workers)
            yield Cluster(settings, folder, workers, postgresql)
        database.engine(settings).dispose()


def _run(settings: Settings, workers: tuple[Worker, Worker]) -> None:
    from food_inspections.orchestration.build import build_defs  # noqa: PLC0415 - after the environment is set

    with pytest.MonkeyPatch.context() as patch, open_instance() as instance:
        defs = build_defs(settings)
        patch.setattr("food_inspections.definitions.defs", defs)
        graph.pull(defs, instance)
        killer = threading.Thread(target=_kill_at_work, args=(settings, workers[0]))
        killer.start()
        graph.train(defs, instance)
        graph.forecast(defs, instance)
        killer.join()


def _kill_at_work(settings: Settings, worker: Worker) -> None:
    """Kill a worker while it has a step, once models are being fitted."""
    with database.engine(settings).connect() as connection:
        fitting = text(
            "SELECT count(*) FROM dagster.event_logs WHERE dagster_event_type = 'STEP_START' AND step_key ~ '_model$'"
        )
        until(lambda: connection.execute(fitting).scalar_one() > 0 and worker.is_at_work, "the worker has a step")
    worker.kill()


@pytest.fixture(scope="module")
def embedded(
    database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """The same graph over the same city in one process, with a folder of objects."""
    from food_inspections_tests.conftest import execute  # noqa: PLC0415 - beside its only use

    execute(database_server, f"CREATE DATABASE embedded_run TEMPLATE {database_template} STRATEGY FILE_COPY")
    url = database_server.set(database="embedded_run").render_as_string(hide_password=False)
    with city.deployment(tmp_path_factory.mktemp("embedded"), url, city.small_city()) as one:
        graph.pull(one.defs, one.instance)
        graph.train(one.defs, one.instance)
        graph.forecast(one.defs, one.instance)
        yield one.settings
        one.warehouse.engine.dispose()
    execute(database_server, "DROP DATABASE embedded_run WITH (FORCE)")


def test_the_tables_are_those_of_the_embedded_run(cluster: Cluster, embedded: Settings) -> None:
    with (
        database.engine(cluster.settings).connect() as many,
        database.engine(embedded).connect() as one,
    ):
        assert graph.rows_of(many) == graph.rows_of(one)


def test_nothing_is_lost_and_nothing_doubled_although_a_worker_was_killed(cluster: Cluster, embedded: Settings) -> None:
    assert cluster.workers[0].is_at_work
    with (
        database.engine(cluster.settings).connect() as many,
        database.engine(embedded).connect() as one,
    ):
        assert graph.written(many) == graph.written(one)
        decisions = "SELECT count(*) FROM models.selections"
        assert many.execute(text(decisions)).scalar_one() == one.execute(text(decisions)).scalar_one() == 1
        statuses = "SELECT status, count(*) FROM dagster.runs GROUP BY status"
        assert [tuple(row) for row in many.execute(text(statuses))] == [("SUCCESS", 5)]


def test_both_workers_took_part_and_kept_nothing(cluster: Cluster) -> None:
    killed, survivor = cluster.workers
    # The one that is killed need not have finished a step before.
    assert "] received" in killed.text
    assert "] succeeded in" in survivor.text
    for worker in cluster.workers:
        kept = [str(path.relative_to(worker.home)) for path in worker.home.rglob("*") if path.is_file()]
        assert kept == ["city.json"], "nothing but which city it works for"


def test_what_steps_print_is_in_the_bucket(cluster: Cluster) -> None:
    keys = list(ObjectStore.from_url("s3://bucket").keys("compute_logs/"))

    assert any(key.endswith(".err") for key in keys)


def test_secrets_are_in_no_log_no_table_and_no_object(cluster: Cluster) -> None:
    dump = cluster.postgresql.dump("cluster")
    store = ObjectStore.from_url(cluster.settings.object_store)
    files = [path for path in cluster.folder.rglob("*") if path.is_file()]

    assert b"COPY data.predictions" in dump.read_bytes()
    assert [path.name for path in (dump, *files) if PLANTED in path.read_bytes()] == []
    assert [key for key in store.keys("") if PLANTED in store.get(key)] == []


def test_a_backup_comes_back(cluster: Cluster) -> None:
    """As docs/operations.md says: pg_dump, pg_restore into an empty database, the bucket as it is."""
    server = cluster.postgresql
    backup = server.dump("cluster", "--format=custom")
    server.create_database("restored")
    result = subprocess.run(  # noqa: S603 - the server's own program
        [
            *(str(server.binaries / "pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error"),
            *("--dbname", server.url("restored"), str(backup)),
        ],
        capture_output=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    settings = Settings.from_environment({"FOOD_INSPECTIONS_DATABASE_URL": server.url("restored")})
    assert database.upgrade(settings) == []
    with database.engine(settings).connect() as after, database.engine(cluster.settings).connect() as before:
        assert graph.rows_of(after) == graph.rows_of(before)
        assert graph.written(after) == graph.written(before)
        named = after.execute(text("SELECT object_key, checksum FROM models.selections")).all()
    store = ObjectStore.from_url(cluster.settings.object_store)
    assert all(store.exists(key) for key, _ in named)
    database.engine(settings).dispose()
