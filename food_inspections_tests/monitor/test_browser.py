"""The dashboard in a real browser: what a reader sees, clicks, types and sends to a colleague."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import URL, make_url

from food_inspections.settings import Settings
from food_inspections_tests.conftest import execute
from food_inspections_tests.monitor import browser
from food_inspections_tests.monitor.browser import (
    BROWSER,
    DESKTOP,
    DRIVER,
    PHONE,
    click,
    console_errors,
    open_page,
    requested_urls,
    select,
    set_dark,
    set_size,
    text_of,
    wait_for,
    wait_until_settled,
)
from food_inspections_tests.monitor.conftest import Filled, filled_database
from food_inspections_tests.monitor.dashboard import parameters, served, table
from food_inspections_tests.monitor.seed import Scale
from monitor.page import Page
from monitor.pages import PAGES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None or DRIVER is None, reason="no browser here: install the packages chromium and chromium-driver"
    ),
]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_page_renders_in_both_sizes_and_themes(
    driver: Chrome, url: str, page: Page, size: tuple[int, int]
) -> None:
    set_size(driver, size)
    open_page(driver, url + page.path)
    assert text_of(driver, "main h1") == page.title
    assert driver.title == f"{page.name} · Food Inspections"
    assert text_of(driver, '.nav a[aria-current="page"]') == page.name
    for is_dark in (False, True):
        set_dark(driver, is_dark)
        ground = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert (int(ground.split("(")[1].split(",")[0]) < 60) == is_dark
    # Nothing but what scrolls within its own panel is wider than the screen.
    assert driver.execute_script("return document.documentElement.scrollWidth") <= size[0]


def test_pages_are_linked_from_every_page_and_the_way_back_works(driver: Chrome, url: str) -> None:
    open_page(driver, url)
    for page in PAGES[1:]:
        browser.act(
            driver, "[...document.querySelectorAll('.nav a')].find((a) => a.textContent === args[0]).click()", page.name
        )
        assert urlsplit(driver.current_url).path == page.path
        assert text_of(driver, "main h1") == page.title
    driver.back()
    wait_for(lambda: text_of(driver, "main h1") == PAGES[-2].title, "the way back")
    wait_until_settled(driver)


def test_the_dashboard_is_used_by_keyboard_alone(driver: Chrome, url: str) -> None:
    open_page(driver, url)
    focused = driver.switch_to.active_element
    focused.send_keys(Keys.TAB)
    skip = driver.switch_to.active_element
    assert skip.text == "Skip to the content"
    skip.send_keys(Keys.TAB, Keys.TAB, Keys.TAB)
    link = driver.switch_to.active_element
    assert link.text == "Scores"
    assert driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", link) == "solid"
    link.send_keys(Keys.ENTER)
    wait_for(lambda: text_of(driver, "main h1") == "Scores", "the page Scores")
    wait_until_settled(driver)
    # The selections follow in order, and the arrow keys select.
    dropdown = driver.find_element(By.CSS_SELECTOR, ".of-dropdown:nth-of-type(3) button")
    dropdown.send_keys(Keys.ENTER)
    wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, ".dash-dropdown-content"), "the list of kinds")
    wait_for(
        lambda: driver.execute_script(
            "return document.querySelector('.dash-dropdown-content').contains(document.activeElement)"
        ),
        "the focus in the list",
    )
    driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    driver.switch_to.active_element.send_keys(Keys.SPACE)
    wait_for(lambda: parameters(driver).get("type"), "a kind in the address")
    wait_until_settled(driver)


def test_a_selection_is_in_the_address_and_the_address_is_the_selection(
    driver: Chrome, url: str, filled: Filled
) -> None:
    open_page(driver, f"{url}/scores")
    button = driver.find_element(By.CSS_SELECTOR, ".of-dropdown:nth-of-type(3) button")
    button.click()
    wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, ".dash-dropdown-content"), "the list of kinds")
    options = driver.find_elements(By.CSS_SELECTOR, ".dash-dropdown-content label")
    next(option for option in options if option.text == "Restaurant").click()
    wait_for(lambda: parameters(driver).get("type") == "Restaurant", "the kind in the address")
    wait_until_settled(driver)
    # The week moves on by itself; in an address for a colleague it must not.
    assert parameters(driver)["week"] == filled.seeded.weeks[-1].isoformat()
    tiles = text_of(driver, ".tiles")
    address = driver.current_url
    open_page(driver, url)
    open_page(driver, address)
    assert text_of(driver, ".tiles") == tiles
    assert text_of(driver, ".of-dropdown:nth-of-type(3) button") == "Restaurant"


def test_going_back_undoes_a_selection_on_the_page_and_in_its_controls(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/performance")
    before = text_of(driver, ".tiles")
    segment = driver.find_element(By.XPATH, "//label[contains(., 'Random share')]")
    segment.click()
    wait_for(lambda: parameters(driver).get("source") == "random_share", "the source in the address")
    wait_until_settled(driver)
    assert text_of(driver, ".tiles") != before
    driver.back()
    wait_for(lambda: text_of(driver, ".tiles") == before, "the first selection")
    assert (
        driver.execute_script("return document.querySelector('.segments input:checked').closest('label').textContent")
        == "Published queue"
    )
    wait_until_settled(driver)


def test_the_link_of_a_view_is_copied_with_its_weeks(driver: Chrome, url: str, filled: Filled) -> None:
    open_page(driver, f"{url}/drift")
    driver.execute_script(
        "navigator.clipboard.writeText = async (text) => { window.copied = text; };"
        "document.getElementById('copy-link').click()"
    )
    copied = wait_for(lambda: driver.execute_script("return window.copied"), "the copy")
    assert copied == f"{url}/drift?week={filled.seeded.weeks[-1]}"
    assert text_of(driver, "#copy-link") == "Copied"


def test_the_theme_is_chosen_and_remembered(driver: Chrome, url: str) -> None:
    def ground() -> str:
        return str(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))

    open_page(driver, url)
    light = ground()
    button = driver.find_element(By.ID, "theme")
    assert button.text == "Auto"
    button.click()
    assert (button.text, ground()) == ("Light", light)
    button.click()
    assert button.text == "Dark"
    assert ground() != light
    open_page(driver, f"{url}/drift")
    assert text_of(driver, "#theme") == "Dark"
    assert ground() != light
    # Figures are not drawn anew for it: their text takes its colour from the style sheet.
    fill = driver.execute_script("return getComputedStyle(document.querySelector('.chart .xtick text')).fill")
    driver.find_element(By.ID, "theme").click()
    assert text_of(driver, "#theme") == "Auto"
    assert driver.execute_script("return getComputedStyle(document.querySelector('.chart .xtick text')).fill") != fill


def test_a_failing_thing_looks_failing_and_leads_to_its_page(driver: Chrome, url: str, filled: Filled) -> None:
    open_page(driver, url)
    card = driver.find_element(By.CSS_SELECTOR, ".card.bad")
    assert "1 failed" in card.text
    assert "✕" in card.text
    ordinary = driver.find_element(By.CSS_SELECTOR, ".card.good")
    colour = "return getComputedStyle(arguments[0]).borderColor"
    assert driver.execute_script(colour, card) != driver.execute_script(colour, ordinary)
    click(driver, ".card.bad")
    assert text_of(driver, "main h1") == "Pipeline"
    first = driver.find_elements(By.CSS_SELECTOR, ".region:nth-child(2) tbody tr")[0].text
    assert "Blocked" in first
    assert "predictions_expectation" in first
    assert "a single row" in first
    assert "350 rows" in first


def test_checks_are_filtered_and_paged(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/pipeline")
    select(driver, only="failed")
    rows = driver.find_elements(By.CSS_SELECTOR, ".region:nth-child(2) tbody tr")
    assert len(rows) == 2
    select(driver, only="passed", asset="predictions")
    rows = driver.find_elements(By.CSS_SELECTOR, ".region:nth-child(2) tbody tr")
    assert rows
    assert all("predictions" in row.text for row in rows)


def test_the_evidently_report_runs_where_it_can_harm_nothing(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/drift")
    link = driver.find_element(By.PARTIAL_LINK_TEXT, "evidently report")
    assert link.get_attribute("target") == "_blank"
    driver.get(str(link.get_attribute("href")))
    wait_for(lambda: driver.title.startswith("ran in"), "the report's own script")
    # An origin of nobody: no storage, no cookie, no page of the dashboard; and its request was refused.
    assert driver.title == "ran in null"
    assert any("Content Security Policy" in message for message in console_errors(driver))


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
            execute(
                database_server,
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",  # noqa: S608 - ours
            )
            select(driver, type="Restaurant")
            assert "The database does not answer" in text_of(driver, "main")
            # The rest of the page stays where it was.
            assert text_of(driver, "main h1") == "Scores"
            open_page(driver, f"{url}/queue")
            assert "The database does not answer" in text_of(driver, "main .notice")
            assert "Traceback" not in driver.page_source
        finally:
            execute(database_server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        driver.find_element(By.LINK_TEXT, "Try again").click()
        wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, ".queue-table"), "the queue")
        wait_until_settled(driver)


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


def test_under_a_prefix_everything_is_found(driver: Chrome, filled: Filled) -> None:
    settings = replace(filled.settings, monitor_url="https://city.example/food/monitor/")
    with served(settings) as url:
        open_page(driver, f"{url}/food/monitor/")
        click(driver, ".nav a", 5)
        assert urlsplit(driver.current_url).path == "/food/monitor/queue"
        click(driver, ".row-link", 0)
        assert text_of(driver, ".establishment h2")
        assert {urlsplit(asked).path.split("/")[2] for asked in requested_urls(driver)} == {"monitor"}


def test_names_typed_by_the_public_are_text_and_nothing_else(
    driver: Chrome, database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scale = Scale(weeks=2, visits_a_week=20, establishments=30, queue_weeks=1, list_length=10)
    name = "<img src=x onerror=\"document.title='owned'\"><b>Bad & Co</b>"
    with filled_database(database_server, database_template, tmp_path_factory.mktemp("x"), scale) as filled:
        server = make_url(filled.settings.database_url or "")
        quoted = name.replace("'", "''")
        execute(server, f"UPDATE api.inspection_queue SET dba_name = '{quoted}'")  # noqa: S608 - our own name
        with served(filled.settings) as url:
            open_page(driver, f"{url}/queue")
            assert table(driver)[0] == name
            click(driver, ".row-link", 0)
            assert text_of(driver, ".establishment h2") == name
            assert driver.find_elements(By.CSS_SELECTOR, "main img") == []
            assert driver.title == "Queue · Food Inspections"


def test_weeks_before_the_newest_can_be_looked_at(driver: Chrome, url: str, filled: Filled) -> None:
    second = filled.seeded.weeks[-1]
    open_page(driver, f"{url}/queue?week={second}")
    assert "version 2" in text_of(driver, ".count")
    select(driver, week=(second + timedelta(weeks=1)).isoformat())
    assert "version" not in text_of(driver, ".count")
