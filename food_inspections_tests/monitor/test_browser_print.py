"""Pages on paper."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from food_inspections_tests.monitor.browser import DESKTOP, IN_A_BROWSER, click, open_page, set_dark, set_size, text_of

pytestmark = IN_A_BROWSER

# An upright sheet of A4 between its margins, in pixels.
SHEET = (688, 1020)

CUT = """
return [...document.querySelectorAll('main td, main td *, main .tile *')]
  .filter((part) => part.clientWidth && part.scrollWidth > part.clientWidth + 1
                    && getComputedStyle(part).overflowX !== 'visible')
  .map((part) => part.textContent);
"""
SHOWN = "return [...document.querySelectorAll(arguments[0])].filter((part) => part.offsetParent).length"


@pytest.fixture
def paper(driver: Chrome) -> Iterator[Chrome]:
    """A browser that shows what it would print; the screen's theme is dark."""
    yield driver
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    set_size(driver, DESKTOP)


def to_paper(driver: Chrome) -> None:
    set_dark(driver, True)
    set_size(driver, SHEET)
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})


@pytest.mark.parametrize("page", ["", "queue", "plan", "performance", "pipeline"])
def test_nothing_is_cut_and_nothing_to_press_is_left(paper: Chrome, url: str, page: str) -> None:
    open_page(paper, f"{url}/{page}")
    to_paper(paper)

    assert paper.execute_script(CUT) == []
    assert paper.execute_script("return document.documentElement.scrollWidth") <= SHEET[0]
    assert paper.execute_script(SHOWN, "main button, main input, main .button, .files, .ways, .nav, canvas") == 0
    assert paper.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize(("page", "said"), [("queue?show=all&page=2", "Page 2 of 16"), ("pipeline", "Page 1 of ")])
def test_a_page_of_a_table_says_which_it_is(paper: Chrome, url: str, page: str, said: str) -> None:
    open_page(paper, f"{url}/{page}")
    to_paper(paper)

    before, after = (
        paper.execute_script(
            "return getComputedStyle(document.querySelector('.pager .current'), arguments[0]).content", side
        ).strip('"')
        for side in ("::before", "::after")
    )
    assert f"{before}{text_of(paper, '.pager .current')}{after}".startswith(said)
    assert paper.execute_script(SHOWN, ".pager a, .pager .off, .pager .gap") == 0


def test_a_map_that_cannot_be_printed_leaves_no_empty_panel(paper: Chrome, url: str) -> None:
    open_page(paper, f"{url}/plan")
    assert paper.execute_script(SHOWN, ".panel:has(.map-frame)") == 1
    to_paper(paper)
    assert paper.execute_script(SHOWN, ".panel:has(.map-frame)") == 0


def test_an_establishment_fills_its_sheets_and_has_no_focus(paper: Chrome, url: str) -> None:
    open_page(paper, f"{url}/queue")
    click(paper, ".row-link", 1)
    to_paper(paper)

    assert paper.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "none"
    assert paper.execute_script("return getComputedStyle(document.querySelector('.visits > li')).breakInside") == "auto"


def test_charts_are_as_wide_as_the_sheet(paper: Chrome, url: str) -> None:
    open_page(paper, f"{url}/performance")
    paper.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    widths = paper.execute_script("return [...document.querySelectorAll('.graph')].map((graph) => graph.layout.width)")
    assert set(widths) == {640}
