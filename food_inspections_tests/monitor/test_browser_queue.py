"""The queue page in a real browser: table, map, one establishment."""

from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from food_inspections.monitor.queries import queue
from food_inspections.monitor.queries.reading import reading
from food_inspections_tests.monitor import browser
from food_inspections_tests.monitor.browser import (
    BROWSER,
    DRIVER,
    PHONE,
    click,
    open_page,
    select,
    set_size,
    text_of,
    wait_for,
    wait_until_settled,
)
from food_inspections_tests.monitor.conftest import Filled
from food_inspections_tests.monitor.dashboard import parameters, table

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None or DRIVER is None, reason="no browser here: install the packages chromium and chromium-driver"
    ),
]


def test_the_queue_is_sorted_paged_searched_and_filtered(driver: Chrome, url: str, filled: Filled) -> None:
    with reading(filled.settings) as connection:
        shown = queue.publication(connection)
        assert shown is not None
        ranked = queue.page_rows(connection, shown, queue.Filters("all"), queue.Order(), 500, 0)
    open_page(driver, f"{url}/queue?show=all")
    assert text_of(driver, ".count").startswith("400 establishments")
    assert table(driver) == list(ranked["dba_name"][:25])
    click(driver, ".pager a", -1 + len(driver.find_elements(By.CSS_SELECTOR, ".pager a")))
    assert parameters(driver)["page"] == "2"
    assert table(driver) == list(ranked["dba_name"][25:50])
    browser.act(
        driver, "[...document.querySelectorAll('.queue-table th a')].find((a) => a.textContent === 'Score').click()"
    )
    assert parameters(driver)["sort"] == "-score"
    assert "page" not in parameters(driver)
    # At once, as pasted: Dash puts the caret back where it was in a turn after each letter.
    driver.find_element(By.CSS_SELECTOR, "input[type=search]").click()
    driver.execute_cdp_cmd("Input.insertText", {"text": "golden"})
    wait_for(lambda: parameters(driver).get("search") == "golden", "the search in the address")
    wait_until_settled(driver)
    golden = ranked[ranked["dba_name"].str.contains("Golden")]
    assert text_of(driver, ".count").startswith(f"{len(golden)} establishments")
    assert table(driver) == list(golden["dba_name"][:25])
    # Enter must not send the form away.
    driver.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys(Keys.ENTER)
    select(driver, search="", show="random")
    assert len(table(driver)) == 2
    assert "random draw" in text_of(driver, ".queue-table")
    link = driver.find_element(By.LINK_TEXT, "Download CSV").get_attribute("href")
    assert link is not None
    assert "show=random" in link


def test_an_establishment_is_opened_from_the_table_and_from_the_map(driver: Chrome, url: str, filled: Filled) -> None:
    open_page(driver, f"{url}/queue")
    assert "Select a name" in text_of(driver, ".hint")
    first, second = driver.find_elements(By.CSS_SELECTOR, ".row-link")[:2]
    name = second.text
    identity = parse_qs(urlsplit(first.get_attribute("href") or "").query)["establishment"][0]
    # A click on the table asks for the establishment, and leaves the map as it is.
    canvas = driver.find_element(By.ID, "map-canvas")
    click(driver, ".row-link", 1)
    assert text_of(driver, ".establishment h2") == name
    assert "Why this score" in text_of(driver, ".establishment")
    assert driver.find_element(By.ID, "map-canvas") == canvas
    # The same from the map, by where the point is.
    browser.act(
        driver,
        """
        const [x, y] = window.monitorMap.whereIs(args[0]);
        const canvas = document.getElementById('map-canvas');
        const box = canvas.getBoundingClientRect();
        const place = { clientX: box.left + x, clientY: box.top + y, bubbles: true, pointerType: 'mouse' };
        canvas.dispatchEvent(new PointerEvent('pointermove', place));
        window.tip = document.getElementById('map-tip').textContent;
        canvas.dispatchEvent(new PointerEvent('pointerdown', { ...place, pointerType: 'touch' }));
        canvas.dispatchEvent(new PointerEvent('pointerup', place));
        """,
        identity,
    )
    chosen = parameters(driver)["establishment"]
    with reading(filled.settings) as connection:
        shown = queue.publication(connection)
        assert shown is not None
        row = queue.establishment(connection, shown, chosen).iloc[0]
    assert text_of(driver, ".establishment h2") == row["dba_name"]
    assert row["dba_name"] in driver.execute_script("return window.tip")
    driver.find_element(By.LINK_TEXT, "Close").click()
    wait_for(lambda: "establishment" not in parameters(driver), "the closing")
    wait_until_settled(driver)


def test_the_map_is_moved_and_zoomed_by_keyboard_and_buttons(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue?show=all")
    identity = driver.execute_script(
        "return new URL(document.querySelector('.row-link').href).searchParams.get('establishment')"
    )

    def place() -> list[float]:
        found: list[float] = driver.execute_script("return window.monitorMap.whereIs(arguments[0])", identity)
        return found

    start = place()
    canvas = driver.find_element(By.ID, "map-canvas")
    canvas.send_keys(Keys.ARROW_RIGHT)
    assert place()[0] == pytest.approx(start[0] - 60)
    canvas.send_keys("+")
    assert place() != pytest.approx(start)
    canvas.send_keys("0")
    assert place() == pytest.approx(start)
    driver.find_element(By.CSS_SELECTOR, '[data-map="in"]').click()
    assert place() != pytest.approx(start)
    driver.find_element(By.CSS_SELECTOR, '[data-map="all"]').click()
    assert place() == pytest.approx(start)
    colours = driver.execute_script("""
        const canvas = document.getElementById('map-canvas');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
        return seen.size;
    """)
    # Ground, five steps of colour, rings and their soft edges.
    assert colours > 6


def test_a_change_of_theme_while_the_map_arrives_waits_for_its_points(driver: Chrome, url: str) -> None:
    open_page(driver, url)
    driver.execute_script("""
        const client = window.dash_clientside.monitorMap;
        const dataChanged = client.dataChanged;
        client.dataChanged = (data) => {
          document.dispatchEvent(new CustomEvent('monitor-theme'));
          return dataChanged(data);
        };
    """)
    browser.act(driver, "[...document.querySelectorAll('.nav a')].find((a) => a.textContent === 'Queue').click()")
    # What the browser complained of would fail the test at its end.
    assert driver.find_element(By.ID, "map-canvas").get_attribute("data-drawn") != "0"


def test_on_a_phone_the_establishment_stands_before_the_list_and_closing_leads_back(driver: Chrome, url: str) -> None:
    set_size(driver, PHONE)
    open_page(driver, f"{url}/queue")
    driver.execute_script("document.querySelectorAll('.row-link')[9].scrollIntoView({block: 'center'})")
    before = driver.execute_script("return window.scrollY")
    click(driver, ".row-link", 9)
    top = "return document.getElementById('establishment').getBoundingClientRect().top"
    wait_for(lambda: 0 <= driver.execute_script(top) < PHONE[1] / 2, "the way up to the establishment")
    click(driver, ".establishment .corner")
    wait_for(lambda: abs(driver.execute_script("return window.scrollY") - before) < 200, "the way back to the row")
