"""The dashboard in a real browser: what a reader sees, clicks, types and sends to a colleague."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import URL, make_url

from food_inspections.monitor.pages import PAGES
from food_inspections.monitor.routing.page import Page
from food_inspections_tests.conftest import execute
from food_inspections_tests.monitor import browser
from food_inspections_tests.monitor.browser import (
    DESKTOP,
    IN_A_BROWSER,
    PHONE,
    click,
    console_errors,
    focused_text,
    has_dark_ground,
    open_page,
    press,
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

pytestmark = IN_A_BROWSER

KIND = ".of-dropdown:nth-of-type(3) button"
OPTION = '.dash-dropdown-content [role="option"]'


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_page_renders_in_both_sizes_and_themes(
    driver: Chrome, url: str, page: Page, size: tuple[int, int]
) -> None:
    set_size(driver, size)
    open_page(driver, url + page.path)
    assert text_of(driver, "main h1") == page.title
    assert driver.title == f"{page.name} · Food Inspections"
    current = driver.find_element(By.CSS_SELECTOR, '.nav a[aria-current="page"]')
    assert current.get_attribute("textContent") == page.name
    for is_dark in (False, True):
        set_dark(driver, is_dark)
        wait_for(lambda is_dark=is_dark: has_dark_ground(driver) == is_dark, "the ground of the theme")
    # Nothing but what scrolls within its own panel is wider than the screen.
    assert driver.execute_script("return document.documentElement.scrollWidth") <= size[0]


def test_a_chart_is_as_high_as_its_figure_says(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/fairness")
    heights = driver.execute_script(
        "const graph = document.querySelector('.chart.free .js-plotly-plot');"
        "return [graph.getBoundingClientRect().height, 80 + 30 * graph.data[0].y.length];"
    )
    assert heights[0] == heights[1]


def test_every_chart_is_drawn_once_at_the_width_of_its_place_and_fits_on_paper(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/performance")
    widths = "return [...document.querySelectorAll('.graph')].map((graph) => [graph.clientWidth, graph.layout.width])"
    drawn = driver.execute_script(widths)
    assert len(drawn) > 4
    assert all(place == width for place, width in drawn)
    driver.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert max(width for _, width in driver.execute_script(widths)) <= 660
    driver.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert driver.execute_script(widths) == drawn
    set_size(driver, (1024, 768))
    wait_for(lambda: all(place == width for place, width in driver.execute_script(widths)), "the charts' new width")
    assert driver.execute_script(widths) != drawn


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
    press(driver, Keys.TAB)
    wait_for(lambda: focused_text(driver) == "Skip to the content", "the focus on the first link")
    press(driver, *[Keys.TAB] * (2 + [page.name for page in PAGES].index("Scores")))
    wait_for(lambda: focused_text(driver) == "Scores", "the focus on that page")
    assert driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    press(driver, Keys.ENTER)
    wait_for(lambda: text_of(driver, "main h1") == "Scores", "the page Scores")
    wait_until_settled(driver)
    # The selections follow in order, and the arrow keys select. Dash's list moves the focus in a frame after
    # the key: what is pressed before that would go to the option that is left.
    driver.find_element(By.CSS_SELECTOR, KIND).send_keys(Keys.ENTER)
    wait_for(lambda: focused_text(driver, OPTION) == "All kinds", "the focus on what is selected")
    press(driver, Keys.ARROW_DOWN)
    wait_for(lambda: focused_text(driver, OPTION) not in ("", "All kinds"), "the focus on the next kind")
    kind = focused_text(driver, OPTION)
    press(driver, Keys.SPACE)
    wait_for(lambda: parameters(driver).get("type") == kind, "the kind in the address")
    wait_until_settled(driver)


def test_a_selection_is_in_the_address_and_the_address_is_the_selection(
    driver: Chrome, url: str, filled: Filled
) -> None:
    open_page(driver, f"{url}/scores")
    driver.find_element(By.CSS_SELECTOR, KIND).click()
    # With the focus comes the place: until then the list lies above the screen.
    wait_for(lambda: focused_text(driver, OPTION) == "All kinds", "the focus on what is selected")
    wait_for(lambda: _click_option(driver, "Restaurant"), "the list of kinds")
    wait_for(lambda: parameters(driver).get("type") == "Restaurant", "the kind in the address")
    wait_until_settled(driver)
    # The week moves on by itself; in an address for a colleague it must not.
    assert parameters(driver)["week"] == filled.seeded.weeks[-1].isoformat()
    tiles = text_of(driver, ".tiles")
    address = driver.current_url
    open_page(driver, url)
    open_page(driver, address)
    assert text_of(driver, ".tiles") == tiles
    assert text_of(driver, KIND) == "Restaurant"


def _click_option(driver: Chrome, name: str) -> bool:
    named = [option for option in driver.find_elements(By.CSS_SELECTOR, OPTION) if option.text == name]
    for option in named:
        option.click()
    return bool(named)


def test_going_back_undoes_a_selection_on_the_page_and_in_its_controls(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/performance")
    before = text_of(driver, ".tiles")
    segment = driver.find_element(By.XPATH, "//button[contains(., 'Random share')]")
    segment.click()
    wait_for(lambda: parameters(driver).get("source") == "random_share", "the source in the address")
    wait_until_settled(driver)
    assert text_of(driver, ".tiles") != before
    driver.back()
    wait_for(lambda: text_of(driver, ".tiles") == before, "the first selection")
    wait_until_settled(driver)
    assert text_of(driver, '.segment[aria-pressed="true"]') == "Published queue"


def test_the_link_of_a_view_is_copied_with_its_weeks(driver: Chrome, url: str, filled: Filled) -> None:
    open_page(driver, f"{url}/drift")
    # The button says so for a moment only, so the page itself has to look.
    copied, said = driver.execute_async_script("""
        const done = arguments[arguments.length - 1];
        const button = document.getElementById('copy-link');
        let copied = '';
        navigator.clipboard.writeText = async (text) => { copied = text; };
        new MutationObserver(() => done([copied, button.textContent])).observe(button, { childList: true });
        button.click();
    """)
    assert copied == f"{url}/drift?week={filled.seeded.weeks[-1]}"
    assert said == "Copied"


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


def test_another_feature_is_chosen_and_shown_then_and_now(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/drift")
    name = driver.find_elements(By.CSS_SELECTOR, ".chip")[3].text
    click(driver, ".chip", 3)
    assert driver.find_elements(By.XPATH, f"//h2[text()='{name}, then and now']")
    assert text_of(driver, ".chip[aria-current=true]") == name
    assert len(parameters(driver)["feature"]) > 0


def test_a_failing_thing_looks_failing_and_leads_to_its_page(driver: Chrome, url: str, filled: Filled) -> None:
    open_page(driver, url)
    failing = '.card.bad[href$="/pipeline"]'
    card = driver.find_element(By.CSS_SELECTOR, failing)
    assert "1 failed" in card.text
    assert "✕" in card.text
    ordinary = driver.find_element(By.CSS_SELECTOR, ".card.good")
    colour = "return getComputedStyle(arguments[0]).borderColor"
    assert driver.execute_script(colour, card) != driver.execute_script(colour, ordinary)
    click(driver, failing)
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
    link = driver.find_element(By.PARTIAL_LINK_TEXT, "evidently's pictures")
    assert link.get_attribute("target") == "_blank"
    driver.get(str(link.get_attribute("href")))
    # An origin of nobody: no storage, no cookie, no page of the dashboard; and its request was refused.
    wait_for(lambda: driver.title == "ran in null, asked in vain", "the report's own script")
    assert any("Content Security Policy" in message for message in console_errors(driver))


def test_under_a_prefix_everything_is_found(driver: Chrome, filled: Filled) -> None:
    settings = replace(filled.settings, monitor_url="https://city.example/food/monitor/")
    with served(settings) as url:
        open_page(driver, f"{url}/food/monitor/")
        click(driver, '.nav a[href$="/queue"]')
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
