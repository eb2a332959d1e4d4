"""One seeded city for all tests that only read it, and apps over it."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import URL, Engine

from food_inspections.api import create_app
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database
from food_inspections_tests.api.seed import Seeded, seed_city
from food_inspections_tests.conftest import execute

MakeClient = Callable[..., FlaskClient]
TEMPLATE = "template_of_api_tests"


@dataclass(frozen=True)
class City:
    """A seeded deployment."""

    settings: Settings
    engine: Engine
    seeded: Seeded


@pytest.fixture(scope="session")
def city_template(
    database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, Seeded]:
    """A seeded database that nobody is connected to, so that it can be copied."""
    execute(database_server, f"CREATE DATABASE {TEMPLATE} TEMPLATE {database_template} STRATEGY FILE_COPY")
    settings = settings_of(database_server.set(database=TEMPLATE), tmp_path_factory.mktemp("api"))
    engine = database.engine(settings)
    seeded = seed_city(engine, ObjectStore.from_url(settings.object_store))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return settings, seeded


@pytest.fixture(scope="session")
def city(database_server: URL, city_template: tuple[Settings, Seeded]) -> Iterator[City]:
    """A city that tests only read."""
    with copied(database_server, city_template, "city_of_api_tests") as made:
        yield made


@pytest.fixture
def own_city(database_server: URL, city_template: tuple[Settings, Seeded]) -> Iterator[City]:
    """A city that a test may change."""
    with copied(database_server, city_template, f"city_{uuid.uuid4().hex}") as made:
        yield made


@contextmanager
def copied(server: URL, template: tuple[Settings, Seeded], name: str) -> Iterator[City]:
    """A copy of the seeded database, for as long as it is used."""
    settings, seeded = template
    execute(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    own = replace(settings, database_url=server.set(database=name).render_as_string(hide_password=False))
    engine = database.engine(own)
    yield City(own, engine, seeded)
    engine.dispose()
    execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def app(city: City) -> Flask:
    """An app over the city, as a deployment without any setting has it."""
    return create_app(city.settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that app."""
    return app.test_client()


@pytest.fixture
def client_with(city: City) -> MakeClient:
    """Makes a client of an app with other settings over the city."""

    def make(**changes: Any) -> FlaskClient:
        return create_app(replace(city.settings, **changes)).test_client()

    return make


@pytest.fixture
def live_client(own_city: City) -> FlaskClient:
    """A client over a city that changes."""
    return create_app(own_city.settings).test_client()


def settings_of(url: URL, home: Path) -> Settings:
    """Settings for a database, nothing taken from the environment."""
    return replace(
        Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(home)}),
        database_url=url.render_as_string(hide_password=False),
    )
