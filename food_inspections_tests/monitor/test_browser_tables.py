"""Tables as files, made in the browser of what they show."""

import csv
import io

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from food_inspections.monitor.pages import PAGES
from food_inspections.monitor.routing.page import Page
from food_inspections_tests.monitor.browser import IN_A_BROWSER, open_page

pytestmark = IN_A_BROWSER


def _csv(driver: Chrome, script: str, *arguments: str) -> list[list[str]]:
    text: str = driver.execute_script(f"return window.monitorTables.csv({script})", *arguments)
    return list(csv.reader(io.StringIO(text)))


def test_numbers_are_numbers_and_nothing_is_a_formula(driver: Chrome, url: str) -> None:
    open_page(driver, url)
    cells = ["1,234", "\u22120.5", "=1+1", "@x", 'a "b", c', "45%", "<div>one</div><div>two</div>"]
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    script = "(() => { const table = document.createElement('table'); table.innerHTML = arguments[0]; return table })()"
    # The arrow's own arguments are those of the script around it.
    found = _csv(driver, script, f"<tr>{row}</tr>")
    assert found == [["1234", "-0.5", "'=1+1", "'@x", 'a "b", c', "45%", "one, two"]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_table_can_be_had_as_a_file(driver: Chrome, url: str, page: Page) -> None:
    open_page(driver, url + page.path)
    for table in driver.find_elements(By.CSS_SELECTOR, "main .table-block table"):
        rows = _csv(driver, "arguments[0]", table)  # type: ignore[arg-type]
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
        block = table.find_element(By.XPATH, "./ancestor::div[contains(@class, 'table-block')]")
        assert block.find_elements(By.CSS_SELECTOR, "[data-csv], a[download]")
