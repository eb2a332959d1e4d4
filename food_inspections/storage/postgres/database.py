"""The one way to the database: the server of FOOD_INSPECTIONS_DATABASE_URL, or the embedded one."""

import time
from functools import cache
from typing import Any

import psycopg2
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from food_inspections.errors import SettingsError
from food_inspections.settings import Settings
from food_inspections.storage.city import require_city_of_database, require_city_of_home
from food_inspections.storage.postgres import embedded, migrations
from food_inspections.storage.postgres.bounded import forget_after_fork
from food_inspections.storage.postgres.connections import unreachable

POOL_SIZE = 5
MORE_UNDER_LOAD = 15


def database_url(settings: Settings) -> str:
    """The database's address, password included: mind where it goes.

    Starts the embedded server, and holds it for the life of the process, where no address is set.

    Raises:
        SettingsError: The address cannot be read.
        StorageError: The embedded server cannot be started.
    """
    if settings.database_url is None:
        return embedded.hold(settings.home)
    return _given_url(settings.database_url).render_as_string(hide_password=False)


def engine(settings: Settings) -> Engine:
    """The process's pool of connections to the database; the same one for the same settings.

    Connecting raises StorageError, naming the server, where it does not answer.
    """
    return _engine(settings, database_url(settings))


def upgrade(settings: Settings) -> list[str]:
    """Bring the schema up to date with ``sql/``, and refuse a home or database of another city.

    Returns:
        Names of the migrations applied, in order.

    Raises:
        SettingsError: The home or the database holds another city.
        StorageError: The schema is newer than the program, or a migration failed.
    """
    require_city_of_home(settings)
    applied = migrations.upgrade(database_url(settings))
    require_city_of_database(settings, engine(settings))
    return applied


def _given_url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(
            "FOOD_INSPECTIONS_DATABASE_URL cannot be read: write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
            "with special characters of the password percent-encoded."
        ) from error
    if "@" in (url.host or ""):
        # The rest of the password: it would be shown as the name of the server.
        raise SettingsError(
            "FOOD_INSPECTIONS_DATABASE_URL has more than one @: write those of the password as %40, and its other "
            "special characters percent-encoded as well."
        )
    return url.set(drivername="postgresql+psycopg2")


def pooled(settings: Settings, url: str, **options: Any) -> Engine:
    """An engine that survives a restart of the server, a server that vanishes, and a fork of the process.

    Args:
        settings: Where the embedded server lives, if that is the one.
        url: Address from :func:`database_url`, or one made from it.
        options: Further options of :func:`sqlalchemy.create_engine`.
    """
    # What a statement was given belongs into no error: of Dagster's events it is pages.
    created = create_engine(url, pool_pre_ping=True, hide_parameters=True, **options)
    if settings.database_url is None:

        @event.listens_for(created, "do_connect")
        def hold(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
            embedded.hold(settings.home)
            until = time.monotonic() + float(options["connect_timeout"])
            try:
                return psycopg2.connect(*arguments, **options)
            except psycopg2.OperationalError as error:
                if time.monotonic() >= until:
                    raise unreachable(created.url, error) from error
                # It was killed, and its keeper has it back in a moment: then it is asked once more, as any other.
                embedded.reach(settings.home, until - time.monotonic())
                return None

    forget_after_fork(created)
    return created


@cache
def _engine(settings: Settings, url: str) -> Engine:
    created = pooled(
        settings,
        url,
        pool_size=POOL_SIZE,
        max_overflow=MORE_UNDER_LOAD,
        connect_args={"application_name": "food-inspections"},
    )

    @event.listens_for(created, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        try:
            return psycopg2.connect(*arguments, **options)
        except (psycopg2.OperationalError, psycopg2.ProgrammingError) as error:
            raise unreachable(created.url, error) from error

    return created
