"""Fixtures shared by all tests: a migrated database each, an object store, real inspections where present."""

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url

from food_inspections.environment import PREFIX
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database, embedded, migrations

if TYPE_CHECKING:
    from food_inspections_tests.orchestration.shared_city import SharedCity

# Definitions read the settings, and from the home the first week, when they are imported: what the developer's own
# deployment says must be out of the way by then.
NO_HOME = tempfile.TemporaryDirectory(prefix="fi-no-home-")
for variable in [name for name in os.environ if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_")]:
    del os.environ[variable]
os.environ[f"{PREFIX}HOME"] = NO_HOME.name

ROOT = Path(__file__).resolve().parents[1]
SLOWEST = (
    "orchestration/test_pipeline.py",
    "production/test_many_machines.py",
    "orchestration/automation/test_daemon.py",
    "test_demo.py",
    "cli/test_data.py",
    "orchestration/test_other_cities.py",
    "orchestration/test_changed_profile.py",
    "test_notebooks.py",
    "cli/test_catch_up.py",
    "orchestration/test_kill.py",
    "orchestration/automation/test_first_pull.py",
    "cli/test_backtest.py",
    "domain/monitoring/test_drift.py",
    "production/test_containers.py",
    "monitor/test_browser.py",
    "monitor/test_browser_access.py",
    "monitor/test_browser_queue.py",
    "tracking/test_mlflow_log.py",
)
"""Files that take longest; they go first, so that no process ends long after the others with one of them."""

OF_ONE_CITY = re.compile(r"\b(shared|whole)_city\b")
"""Fixtures that take long to make: the files that name them are tested by one process, which makes them once."""

MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
MEMORY_BYTES = 2 * 1024**3


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process files to test, and all files of one city to the same."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - there is none where the plugin is left out

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(super()._split_scope(nodeid))

    return Scheduling(config, log)


@cache
def scope_of(file: str) -> str:
    """What is tested together with a file, named from the repository's root."""
    return "one city" if OF_ONE_CITY.search((ROOT / file).read_text()) else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest files first, in the order given; the others stay in theirs."""
    tests = Path(__file__).parent
    rank = {tests / name: number for number, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: rank.get(item.path, len(SLOWEST)))


@pytest.fixture(scope="session")
def database_server() -> Iterator[URL]:
    """A server to make databases in: one of our own per test process, or FOOD_INSPECTIONS_TEST_DATABASE_URL.

    Our own keeps its data in memory where there is enough: they are as quick to write as they are to lose.
    """
    given = os.environ.get("FOOD_INSPECTIONS_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg2")
        return
    has_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES
    with tempfile.TemporaryDirectory(prefix="fi-tests-", dir=MEMORY if has_memory else None) as folder:
        home = Path(folder)
        yield make_url(embedded.hold(home, embedded.NOT_DURABLE))
        embedded.stop(home, is_forced=True)


@pytest.fixture(scope="session")
def database_template(database_server: URL) -> Iterator[str]:
    """Name of a database with the schema, to copy from."""
    with new_database(database_server) as url:
        migrations.upgrade(url.render_as_string(hide_password=False))
        yield str(url.database)


@pytest.fixture(scope="session")
def prepared_city(
    database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["SharedCity"]:
    """A city's forty weeks, prepared; to be copied."""
    from food_inspections_tests.orchestration import shared_city  # noqa: PLC0415 - imports every asset

    with shared_city.prepared(database_server, database_template, tmp_path_factory.mktemp("city")) as city:
        yield city


@pytest.fixture(scope="session")
def shared_city(prepared_city: "SharedCity") -> Iterator["SharedCity"]:
    """Four weeks of it forecast by two quick models; to be read only."""
    from food_inspections_tests.orchestration import shared_city  # noqa: PLC0415 - imports every asset

    with shared_city.forecast_by_two(prepared_city) as city:
        yield city


@pytest.fixture(scope="session")
def whole_city(prepared_city: "SharedCity") -> Iterator["SharedCity"]:
    """All that there is, made of its newest weeks; to be read only."""
    from food_inspections_tests.orchestration import shared_city  # noqa: PLC0415 - imports every asset

    with shared_city.made_whole(prepared_city) as city:
        yield city


@pytest.fixture
def database_url(database_server: URL, database_template: str) -> Iterator[str]:
    """Address of a fresh database with the schema and no rows."""
    with new_database(database_server, database_template) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def empty_database_url(database_server: URL) -> Iterator[str]:
    """Address of a fresh database without the schema."""
    with new_database(database_server) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings with a home of their own and a fresh database; nothing is taken from the environment."""
    home = tmp_path / "home"
    return replace(Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(home)}), database_url=database_url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Connections to the fresh database."""
    engine = database.engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def object_store(settings: Settings) -> ObjectStore:
    """An empty object store in a folder."""
    return ObjectStore.from_url(settings.object_store)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of an S3 server on this machine, spoken to over HTTP."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes a second, and few tests need it

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """``s3://bucket/prefix`` of a fresh bucket; the environment leads every AWS client to the server."""
    import boto3  # noqa: PLC0415 - few tests need it

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"bucket-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/some/prefix"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real inspections; the test is skipped where there is none."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("FOOD_INSPECTIONS_TEST_DATA") or default)
    if not folder.is_dir():
        pytest.skip(f"no real inspections: set FOOD_INSPECTIONS_TEST_DATA to their folder ({folder} does not exist)")
    return folder


@contextmanager
def new_database(server: URL, template: str = "template1") -> Iterator[URL]:
    """A database of its own, dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.set(database=name)
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def execute(server: URL, statement: str) -> None:
    """Run a statement that must not be in a transaction."""
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
