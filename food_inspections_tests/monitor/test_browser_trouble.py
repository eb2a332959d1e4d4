"""The dashboard in a real browser where things are missing: no database, no rows, one week."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from food_inspections.monitor.pages import PAGES
from food_inspections.settings import Settings
from food_inspections_tests.conftest import execute
from food_inspections_tests.monitor.browser import (
    IN_A_BROWSER,
    open_page,
    select,
    text_of,
    wait_for,
    wait_until_settled,
)
from food_inspections_tests.monitor.conftest import Filled, filled_database
from food_inspections_tests.monitor.dashboard import served
from food_inspections_tests.monitor.seed import Scale

pytestmark = IN_A_BROWSER


def test_the_database_goes_away_and_comes_back_while_the_page_is_open(
    driver: Chrome, database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scale = Scale(weeks=3, visits_a_week=30, establishments=80, queue_weeks=1, list_length=20)
    folder = tmp_path_factory.mktemp("away")
    with filled_database(database_server, database_template, folder, scale) as filled, served(filled.settings) as url:
        name = make_url(filled.settings.database_url or "").database
        open_page(driver, f"{url}/scores")
        execute(database_server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            wait_for(lambda: not _connections_ended(database_server, str(name)), "the end of the connections")
            select(driver, type="Restaurant")
            assert "The database does not answer" in text_of(driver, "main")
            # The rest of the page stays where it was.
            assert text_of(driver, "main h1") == "Scores"
            open_page(driver, f"{url}/queue")
            assert "The database does not answer" in text_of(driver, "main .notice")
            assert "Traceback" not in driver.page_source
        finally:
            execute(database_server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        # By itself: nothing is pressed.
        wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, ".queue-table"), "the queue")
        wait_until_settled(driver)


def _connections_ended(server: URL, name: str) -> int:
    """How many had to be told to end; a database nobody is connected to has none."""
    engine = create_engine(server, poolclass=NullPool)
    with engine.connect() as connection:
        ended = connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        ).all()
    return len(ended)


def test_an_empty_database_has_helpful_pages(driver: Chrome, settings: Settings) -> None:
    with served(settings) as url:
        open_page(driver, url)
        assert "Needs attention" in text_of(driver, ".verdict")
        for page in PAGES[1:]:
            open_page(driver, url + page.path)
            assert text_of(driver, "main h1") == page.title
            assert text_of(driver, ".notice h2")


def test_the_first_week_has_pages(driver: Chrome, one_week: Filled) -> None:
    with served(one_week.settings) as url:
        for page in PAGES:
            open_page(driver, url + page.path)
            assert "could not be drawn" not in text_of(driver, "main")
        open_page(driver, f"{url}/scores")
        assert text_of(driver, ".tiles").count("40") >= 1
