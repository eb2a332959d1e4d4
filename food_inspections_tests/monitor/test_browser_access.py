"""The dashboard in a real browser for those who use no mouse, see no colours, or read it on paper."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_core_python.selenium import Axe
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from food_inspections.monitor.pages import PAGES
from food_inspections.monitor.routing.page import Page
from food_inspections_tests.monitor.browser import (
    IN_A_BROWSER,
    PHONE,
    focused_text,
    has_dark_ground,
    open_page,
    press,
    set_dark,
    set_size,
    text_of,
    wait_for,
    wait_until_settled,
)
from food_inspections_tests.monitor.dashboard import parameters

pytestmark = IN_A_BROWSER

OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""Of what axe looks at, all that differs between the themes."""
FOCUSED = "return document.activeElement.dataset.focus || ''"


def test_the_focus_follows_into_the_drawer_and_back_to_its_row(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue")
    row = driver.find_elements(By.CSS_SELECTOR, ".row-link")[3]
    name, own = row.text, row.get_attribute("data-focus")
    row.send_keys(Keys.ENTER)
    wait_for(lambda: focused_text(driver, ".establishment h2") == name, "the focus in the drawer")
    assert text_of(driver, "#announcer") == "" or name in _said(driver)
    press(driver, Keys.ESCAPE)
    wait_for(lambda: "establishment" not in parameters(driver), "the closing")
    wait_for(lambda: driver.execute_script(FOCUSED) == own, "the focus on the row")
    wait_until_settled(driver)
    assert driver.find_elements(By.CSS_SELECTOR, ".establishment") == []


def test_sorting_keeps_the_focus_on_the_heading_and_is_said(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue")
    for expected in ("ascending", "descending"):
        driver.find_element(By.CSS_SELECTOR, '[data-focus="sort-name"]').send_keys(Keys.ENTER)
        wait_for(lambda expected=expected: f"sorted by establishment, {expected}" in _said(driver), "the words")
        assert driver.execute_script(FOCUSED) == "sort-name"
        wait_until_settled(driver)


def _said(driver: Chrome) -> str:
    return str(driver.execute_script("return document.getElementById('announcer').textContent"))


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_the_chosen_segment_is_readable_while_it_has_the_focus(driver: Chrome, url: str, is_dark: bool) -> None:
    set_dark(driver, is_dark)
    open_page(driver, f"{url}/queue")
    driver.find_element(By.XPATH, "//button[text()='Random draws']").click()
    wait_for(lambda: parameters(driver).get("show") == "random", "the selection")
    wait_until_settled(driver)
    text, ground = driver.execute_script("""
        const chosen = document.activeElement;
        if (chosen.textContent !== 'Random draws') throw new Error('it has not the focus');
        if (chosen.getAttribute('aria-pressed') !== 'true') throw new Error('it is not chosen');
        return [getComputedStyle(chosen).color, getComputedStyle(chosen).backgroundColor];
    """)
    assert _contrast(text, ground) >= 4.5


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(part) / 255 for part in colour.split("(")[1].rstrip(")").split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_axe_finds_nothing_serious_on_a_page(driver: Chrome, url: str, page: Page, size: tuple[int, int]) -> None:
    set_size(driver, size)
    open_page(driver, url + page.path)
    assert list(_serious(Axe().run(driver))) == []
    set_dark(driver, True)
    wait_for(lambda: has_dark_ground(driver), "the ground of the theme")
    assert list(_serious(Axe().run(driver, options=OF_COLOURS))) == []


def test_axe_finds_nothing_serious_in_the_drawer(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue")
    driver.find_element(By.CSS_SELECTOR, ".row-link").click()
    wait_for(lambda: text_of(driver, ".establishment h2"), "the drawer")
    wait_until_settled(driver)
    assert list(_serious(Axe().run(driver))) == []


# Dash's dropdown hides its field from screen readers and lets it have the focus; nothing of ours can change that.
NOT_OURS = "dash-dropdown-focus-target"


def _serious(found: dict[str, Any]) -> Iterator[str]:
    for violation in found["violations"]:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                if NOT_OURS in node["html"]:
                    continue
                yield f"{violation['id']}: {node['html'][:160]}"


def test_on_paper_there_is_the_content_and_nothing_to_press(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        for gone in (".nav", ".tools", ".controls", ".pager a", ".map-frame", "#trouble"):
            assert not any(part.is_displayed() for part in driver.find_elements(By.CSS_SELECTOR, gone))
        assert text_of(driver, "main h1") == "The week's queue"
        assert driver.find_elements(By.CSS_SELECTOR, ".queue-table .row-link")[-1].is_displayed()
        frame = "const frame = document.querySelector('.table-frame'); return frame.scrollWidth - frame.clientWidth"
        assert driver.execute_script(frame) <= 0
    finally:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("width", [1024, 1280, 1440, 1920])
def test_head_and_content_begin_and_end_on_one_line_and_no_column_is_cut(driver: Chrome, url: str, width: int) -> None:
    set_size(driver, (width, 900))
    open_page(driver, f"{url}/queue")
    edges = driver.execute_script("""
        const box = (selector) => document.querySelector(selector).getBoundingClientRect();
        return [box('.brand').left, box('main h1').left, box('.tools').right,
                document.querySelector('.regions').closest('.beside').getBoundingClientRect().right];
    """)
    assert edges[0] == pytest.approx(edges[1], abs=1)
    assert edges[2] == pytest.approx(edges[3], abs=1)
    frame = "const frame = document.querySelector('.table-frame'); return frame.scrollWidth - frame.clientWidth"
    assert driver.execute_script(frame) <= 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_jumps_while_a_page_arrives(driver: Chrome, url: str, page: Page) -> None:
    for size in ((1440, 900), PHONE):
        set_size(driver, size)
        open_page(driver, url + page.path)
        shifts = driver.execute_async_script("""
            const done = arguments[arguments.length - 1];
            new PerformanceObserver((list) => done(list.getEntries().map((entry) => entry.value)))
              .observe({ type: 'layout-shift', buffered: true });
            // No shift at all calls nothing.
            setTimeout(() => done([]), 200);
        """)
        # From 0.1 on it is called poor; a hair's breadth is rounding.
        assert sum(shifts) < 0.02
