"""Where Dagster keeps its own records in the embedded default: the program's PostgreSQL and home folder.

``dagster.yaml`` names these classes because it could not say "under the home folder, on a server that is started where
nobody named one": they find that out and hand it to Dagster's own. Nothing here knows of assets.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Self

from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.schema import CreateSchema, DropSchema

from food_inspections.orchestration.instance.dagster_private import LocalComputeLogManager
from food_inspections.orchestration.instance.event_log import EventLog
from food_inspections.orchestration.instance.runs import Runs
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database

SCHEMA = "dagster"
UNFINISHED = "dagster_unfinished"
LOCK = 0x64616773
"""Number of the advisory lock under which the tables are made; any number nothing else uses."""

EVENT_BATCH_SIZE = "500"
"""Materializations written at once, by Dagster's own variable."""


class Storage(DagsterPostgresStorage):
    """Runs, events and schedules in the schema ``dagster`` of the settings' database."""

    def __init__(self, settings: Settings, inst_data: Any = None) -> None:
        url = records_url(settings)
        super().__init__(url, should_autocreate_tables=False, inst_data=inst_data)
        self._run_storage = Runs(url, should_autocreate_tables=False)
        self._event_log_storage = EventLog(url, should_autocreate_tables=False)
        # By themselves they open a connection per query.
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = _engine(settings, url)

    @classmethod
    def config_type(cls) -> Any:
        """Nothing is configured in YAML."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, Any]) -> Self:
        """Read the settings; called by Dagster."""
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", EVENT_BATCH_SIZE)
        return cls(Settings.from_environment(), inst_data)


class ComputeLogs(LocalComputeLogManager):
    """What steps print, under the home folder."""

    @classmethod
    def config_type(cls) -> Any:
        """Nothing is configured in YAML."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Self:
        """Read the settings; called by Dagster."""
        return cls(str(Settings.from_environment().home / "dagster" / "logs"), inst_data=inst_data)


@cache
def records_url(settings: Settings) -> str:
    """The address that finds Dagster's records, in a schema of their own; they are made where they are missing.

    A process that is killed while it makes them leaves a schema of another name, which the next one begins anew.
    """
    address = make_url(database.database_url(settings))
    with database.engine(settings).connect() as connection:
        if not _exists(connection):
            _make_tables(address.render_as_string(hide_password=False))
    return _in_schema(address.render_as_string(hide_password=False), SCHEMA)


def _make_tables(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        if _exists(connection):
            return
        connection.execute(DropSchema(UNFINISHED, cascade=True, if_exists=True))
        connection.execute(CreateSchema(UNFINISHED))
        for storage in (PostgresRunStorage, PostgresEventLogStorage, PostgresScheduleStorage):
            storage(_in_schema(url, UNFINISHED), should_autocreate_tables=True)
        connection.exec_driver_sql(
            f"COMMENT ON SCHEMA {UNFINISHED} IS 'Dagster''s own records: runs, events, schedules. Upgraded by Dagster.'"
        )
        connection.exec_driver_sql(f"ALTER SCHEMA {UNFINISHED} RENAME TO {SCHEMA}")


def _exists(connection: Connection) -> bool:
    return connection.execute(text("SELECT to_regnamespace(:schema)"), {"schema": SCHEMA}).scalar() is not None


def _in_schema(url: str, schema: str) -> str:
    """The address with the schema that tables are looked for in."""
    address = make_url(url)
    options = f"{address.query.get('options', '')} -csearch_path={schema}".strip()
    return address.update_query_dict({"options": options}).render_as_string(hide_password=False)


@cache
def _engine(settings: Settings, url: str) -> Engine:
    """Connections for all of Dagster in this process."""
    return database.pooled(settings, url, isolation_level="AUTOCOMMIT", pool_size=2, max_overflow=30, pool_recycle=3600)
