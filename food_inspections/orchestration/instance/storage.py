"""Where Dagster keeps its own records: the same PostgreSQL and home folder as everything else.

``dagster.yaml`` names these classes because YAML has no conditions: each reads the settings when Dagster asks for
it, so that one file serves embedded defaults and production. Nothing here knows of assets.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData
from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from dagster_postgres.utils import set_pg_statement_timeout
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.schema import CreateSchema, DropSchema

from food_inspections.orchestration.instance.event_log import EventLog
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database

SCHEMA = "dagster"
READY = "Dagster's own records: runs, events, schedules. Made and upgraded by Dagster."
LOCK = 0x64616773
"""Number of the advisory lock under which the tables are made; any number nothing else uses."""

EVENT_BATCH_SIZE = "500"
"""Materializations written at once. Alone they took 22 s of a run over 880 weeks, in batches 1 s."""

S3_UPLOAD_SECONDS = 30


class _KeepsItsConnections:
    """Stays with the pool it was given when the webserver asks for one.

    Dagster's own pool does not notice that the server was restarted: the first pages after that were errors.
    """

    _engine: Engine

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        """Bound how long a statement may take, in milliseconds; the pool has its bounds already."""
        _bound_statements(self._engine, statement_timeout)


class _Runs(_KeepsItsConnections, PostgresRunStorage):
    pass


class _Events(_KeepsItsConnections, EventLog):
    pass


class _Schedules(_KeepsItsConnections, PostgresScheduleStorage):
    pass


class Storage(DagsterPostgresStorage):
    """Runs, events and schedules in the schema ``dagster`` of the settings' database."""

    def __init__(self, settings: Settings, inst_data: ConfigurableClassData | None = None) -> None:
        url = _prepared(settings, database.database_url(settings))
        super().__init__(url, should_autocreate_tables=False, inst_data=inst_data)
        self._run_storage = _Runs(url, should_autocreate_tables=False)
        self._event_log_storage = _Events(url, should_autocreate_tables=False)
        self._schedule_storage = _Schedules(url, should_autocreate_tables=False)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = _engine(settings, url)

    @classmethod
    def config_type(cls) -> Any:
        """Nothing is configured in YAML."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "Storage":
        """Read the settings; called by Dagster."""
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", EVENT_BATCH_SIZE)
        return cls(Settings.from_environment(), inst_data)


class Artifacts(LocalArtifactStorage):
    """Dagster's files, under the home folder."""

    @classmethod
    def config_type(cls) -> Any:
        """Nothing is configured in YAML."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "Artifacts":
        """Read the settings; called by Dagster."""
        return cls(str(Settings.from_environment().home / "dagster"), inst_data)


class ComputeLogs(LocalComputeLogManager):
    """What steps print: under the home folder, or in the bucket where the object store is one."""

    @classmethod
    def config_type(cls) -> Any:
        """Nothing is configured in YAML."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Any:
        """Read the settings; called by Dagster."""
        settings = Settings.from_environment()
        folder = str(settings.home / "dagster" / "logs")
        bucket = urlsplit(settings.object_store)
        if bucket.scheme != "s3":
            return cls(folder, inst_data=inst_data)
        # Only deployments on S3 pay for the import.
        from dagster_aws.s3 import S3ComputeLogManager  # noqa: PLC0415

        return S3ComputeLogManager(
            bucket.netloc,
            local_dir=folder,
            prefix=f"{bucket.path.strip('/')}/compute_logs",
            upload_interval=S3_UPLOAD_SECONDS,
            inst_data=inst_data,
        )


@cache
def _engine(settings: Settings, url: str) -> Engine:
    """Connections for all of Dagster in this process; its own storages open one per query."""
    return database.pooled(settings, url, isolation_level="AUTOCOMMIT", pool_size=2, max_overflow=30, pool_recycle=3600)


@cache
def _bound_statements(engine: Engine, timeout_ms: int) -> None:
    """For every connection made from now on; once, since runs, events and schedules share the pool."""
    event.listen(engine, "connect", lambda connection, _: set_pg_statement_timeout(connection, timeout_ms))
    engine.dispose()


@cache
def _prepared(settings: Settings, url: str) -> str:
    """Make Dagster's tables where they are missing, once and as a whole.

    Returns:
        The address that finds them: in a schema of their own.
    """
    address = make_url(url)
    options = f"{address.query.get('options', '')} -csearch_path={SCHEMA}".strip()
    own = address.update_query_dict({"options": options}).render_as_string(hide_password=False)
    with database.engine(settings).connect() as connection:
        if _is_ready(connection):
            return own
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        if not _is_ready(connection):
            _make_tables(connection, own)
    return own


def _is_ready(connection: Connection) -> bool:
    """Whether the tables were made to the end: their schema gets its comment last."""
    comment = connection.execute(
        text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')"), {"schema": SCHEMA}
    ).scalar()
    return bool(comment == READY)


def _make_tables(connection: Connection, own: str) -> None:
    if connection.execute(text("SELECT to_regnamespace(:schema)"), {"schema": SCHEMA}).scalar() and not _has_runs(
        connection
    ):
        # Left by a process that was killed while it made them.
        connection.execute(DropSchema(SCHEMA, cascade=True))
    connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
    for storage in (PostgresRunStorage, PostgresEventLogStorage, PostgresScheduleStorage):
        storage(own, should_autocreate_tables=True)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS %s", (READY,))


def _has_runs(connection: Connection) -> bool:
    if connection.execute(text("SELECT to_regclass(:runs)"), {"runs": f"{SCHEMA}.runs"}).scalar() is None:
        return False
    return bool(connection.execute(text(f"SELECT EXISTS (SELECT FROM {SCHEMA}.runs)")).scalar())  # noqa: S608 - constant
