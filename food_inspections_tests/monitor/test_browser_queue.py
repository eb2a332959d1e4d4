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
    IN_A_BROWSER,
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

pytestmark = IN_A_BROWSER


def test_options_of_a_control_that_the_page_leaves_out_are_left_alone(driver: Chrome, url: str) -> None:
    """A city whose places all have one risk has no control for it; the table brings its options all the same."""
    open_page(driver, f"{url}/queue")
    driver.execute_script(
        "const carrier = document.createElement('div');"
        "Object.assign(carrier.dataset, { control: 'colour', options: '[]' });"
        "document.body.append(carrier);"
    )
    select(driver, show="all")

    assert driver.execute_script("return document.querySelector('[data-control=colour]').dataset.taken") == "1"
    assert browser.console_errors(driver) == []


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


def test_a_part_whose_answer_a_newer_selection_overtakes_is_drawn_all_the_same(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue?show=all")
    before = driver.find_element(By.ID, "map-canvas").get_attribute("data-drawn")
    # Sorting changes the table alone, and is asked for while table and map of the kind are on their way.
    driver.execute_script(
        """
        const asked = window.probe.asked;
        window.monitorRouter.set({ type: 'Bakery' });
        (function next() {
          if (window.probe.asked > asked) window.monitorRouter.set({ sort: 'name' });
          else requestAnimationFrame(next);
        })();
        """
    )
    wait_for(lambda: parameters(driver).get("sort") == "name", "the second selection")
    wait_until_settled(driver)
    found = int(text_of(driver, ".count b").split()[0])
    assert parameters(driver)["type"] == "Bakery"
    drawn = driver.find_element(By.ID, "map-canvas").get_attribute("data-drawn")
    assert drawn == str(found) != before
    assert driver.find_elements(By.CSS_SELECTOR, "[data-asked]") == []


def test_an_establishment_is_opened_from_the_table_and_from_the_map(driver: Chrome, url: str, filled: Filled) -> None:
    open_page(driver, f"{url}/queue")
    assert driver.find_elements(By.CSS_SELECTOR, ".establishment") == []
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
    listed = ", on the list" if row["is_on_list"] else ""
    tip = driver.execute_script("return window.tip")
    assert tip == f"{row['dba_name']}Rank {row['rank']:,}, score {row['score']:.1%}{listed}"
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


def test_on_a_phone_list_or_map_is_shown_and_the_map_fits(driver: Chrome, url: str) -> None:
    set_size(driver, PHONE)
    open_page(driver, f"{url}/queue")
    assert not driver.find_element(By.ID, "map-canvas").is_displayed()
    driver.find_element(By.XPATH, "//button[text()='Map']").click()
    wait_for(lambda: driver.find_element(By.ID, "map-canvas").is_displayed(), "the map")
    assert parameters(driver)["view"] == "map"
    assert not driver.find_element(By.CSS_SELECTOR, ".queue-table").is_displayed()
    assert driver.execute_script("return document.documentElement.scrollHeight") < 3 * PHONE[1]
    wait_until_settled(driver)


def test_two_fingers_zoom_the_map_and_not_the_page(driver: Chrome, url: str) -> None:
    set_size(driver, PHONE)
    open_page(driver, f"{url}/queue?show=all&view=map")
    identity = driver.execute_script(
        "return new URL(document.querySelector('.row-link').href).searchParams.get('establishment')"
    )
    where = "return window.monitorMap.whereIs(arguments[0])"
    before = driver.execute_script(where, identity)
    driver.execute_script("""
        const canvas = document.getElementById('map-canvas');
        const box = canvas.getBoundingClientRect();
        const finger = (kind, id, x, y) => canvas.dispatchEvent(new PointerEvent(kind, {
          pointerId: id, pointerType: 'touch', clientX: box.left + x, clientY: box.top + y, bubbles: true,
        }));
        finger('pointerdown', 11, 150, 200);
        finger('pointerdown', 12, 200, 200);
        finger('pointermove', 11, 100, 200);
        finger('pointermove', 12, 250, 200);
        finger('pointerup', 11, 100, 200);
        finger('pointerup', 12, 250, 200);
    """)
    after = driver.execute_script(where, identity)
    # The fingers were 50 pixels apart and are 150: all is three times as far from the point between them.
    assert after[0] - 175 == pytest.approx(3 * (before[0] - 175), abs=1)
    assert after[1] - 200 == pytest.approx(3 * (before[1] - 200), abs=1)
    assert driver.execute_script("return window.visualViewport.scale") == 1


def test_several_zips_are_chosen_and_every_option_leads_to_rows(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue")
    driver.find_element(By.CSS_SELECTOR, '[id*="zip"].dash-dropdown').click()
    options = '.dash-dropdown-content [role="option"], .dash-dropdown-content label'
    for expected in (1, 2):
        wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, options), "the list of zips")
        driver.find_elements(By.CSS_SELECTOR, options)[expected - 1].click()
        wait_for(
            lambda expected=expected: (
                len(parameters(driver).get("zip", "").split(",")) == expected and parameters(driver).get("zip")
            ),
            "the zip in the address",
        )
        wait_until_settled(driver)
    chosen = parameters(driver)["zip"].split(",")
    assert {text[-5:] for text in _texts(driver, ".queue-table .second[title]")} == set(chosen)
    # What is on offer counts the list that is shown, under the other filters.
    said = _texts(driver, options)
    assert all(int(text.split("(")[1].rstrip(")")) > 0 for text in said)
    count = text_of(driver, ".count").split()[0]
    assert int(count) == sum(int(text.split("(")[1].rstrip(")")) for text in said if text[:5] in chosen)


def _texts(driver: Chrome, selector: str) -> list[str]:
    return [element.text for element in driver.find_elements(By.CSS_SELECTOR, selector) if element.text]
