"""A filled database for the dashboard's tests; they only read it, so one serves them all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from sqlalchemy import URL, Connection

from food_inspections.monitor.queries.reading import reading
from food_inspections.monitor.routing.page import Request, Site
from food_inspections.monitor.routing.view import View
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database
from food_inspections_tests.conftest import new_database
from food_inspections_tests.monitor.browser import (
    DESKTOP,
    console_errors,
    requested_urls,
    set_dark,
    set_size,
    start_browser,
)
from food_inspections_tests.monitor.dashboard import served
from food_inspections_tests.monitor.seed import REPORT_KEY, Scale, Seeded, seed

REPORT = b"""<!doctype html><title>Drift</title><h1>Drift report</h1><script>
document.title = 'ran in ' + window.origin;
fetch('https://elsewhere.example/').then(
  () => (document.title = 'sent'),
  () => (document.title += ', asked in vain')
);
</script>"""


@dataclass(frozen=True)
class Filled:
    """A filled database.

    Attributes:
        settings: Name it.
        seeded: What it was filled with.
    """

    settings: Settings
    seeded: Seeded

    def request(self, connection: Connection, search: str = "") -> Request:
        """What a page is drawn from, for a query string."""
        return Request(Site(self.settings), connection, View.of(search))


@pytest.fixture(scope="session")
def filled(database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Thirty weeks, four hundred establishments, three published queues."""
    with filled_database(database_server, database_template, tmp_path_factory.mktemp("filled"), Scale()) as filled:
        yield filled


@pytest.fixture(scope="session")
def one_week(
    database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """A deployment on its first day: one week of everything."""
    scale = Scale(weeks=1, queue_weeks=1)
    with filled_database(database_server, database_template, tmp_path_factory.mktemp("one"), scale) as filled:
        yield filled


@pytest.fixture
def connection(filled: Filled) -> Iterator[Connection]:
    """A connection to the filled database, as the dashboard opens it."""
    with reading(filled.settings) as connection:
        yield connection


@contextmanager
def filled_database(server: URL, template: str, folder: Path, scale: Scale) -> Iterator[Filled]:
    """A database of its own, filled, and an object store with the drift report."""
    with new_database(server, template) as url:
        settings = replace(
            Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(folder)}),
            database_url=url.render_as_string(hide_password=False),
        )
        engine = database.engine(settings)
        seeded = seed(engine, scale)
        ObjectStore.from_url(settings.object_store).put(REPORT_KEY, REPORT)
        yield Filled(settings, seeded)
        engine.dispose()


@pytest.fixture(scope="module")
def url(filled: Filled) -> Iterator[str]:
    with served(filled.settings) as url:
        yield url


@pytest.fixture(scope="module")
def one_browser() -> Iterator[Chrome]:
    with start_browser() as driver:
        yield driver


@pytest.fixture
def driver(one_browser: Chrome) -> Iterator[Chrome]:
    """A browser window of desktop size; the test fails where a page complained or asked elsewhere."""
    set_size(one_browser, DESKTOP)
    set_dark(one_browser, False)
    yield one_browser
    # Both logs are emptied before either is judged: the next test must not find what this one left.
    errors, asked = console_errors(one_browser), requested_urls(one_browser)
    assert errors == []
    assert {urlsplit(url).hostname for url in asked} <= {"127.0.0.1"}
