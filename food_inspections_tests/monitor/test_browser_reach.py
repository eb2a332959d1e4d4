"""The dashboard in a real browser while the server does not answer, refuses, or has something newer."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from sqlalchemy import URL, make_url

from food_inspections_tests.conftest import execute
from food_inspections_tests.monitor import browser
from food_inspections_tests.monitor.browser import (
    IN_A_BROWSER,
    console_errors,
    open_page,
    set_online,
    text_of,
    wait_for,
    wait_until_settled,
)
from food_inspections_tests.monitor.conftest import filled_database
from food_inspections_tests.monitor.dashboard import parameters, served
from food_inspections_tests.monitor.seed import Scale

pytestmark = IN_A_BROWSER

# What the browser and Dash say of a request that failed.
CUT_OFF = ("ERR_INTERNET_DISCONNECTED", "dash_renderer")

SMALL = Scale(weeks=3, visits_a_week=30, establishments=80, queue_weeks=1, list_length=20)


def _go_to(driver: Chrome, name: str) -> None:
    script = "[...document.querySelectorAll('.nav a')].find((a) => a.textContent === arguments[0]).click()"
    driver.execute_script(script, name)


def test_a_page_that_cannot_be_loaded_is_not_the_old_one_and_comes_by_itself(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/scores")
    set_online(driver, False)
    try:
        _go_to(driver, "Drift")
        wait_for(lambda: "does not answer" in text_of(driver, "#trouble"), "the message")
        assert driver.current_url == f"{url}/drift"
        assert not driver.find_element(By.CSS_SELECTOR, "main h1").is_displayed()
    finally:
        set_online(driver, True)
    wait_for(lambda: text_of(driver, "main h1") == "Drift", "the page, without anything pressed")
    wait_until_settled(driver)
    assert text_of(driver, "#trouble") == ""
    # The browser's own complaint about the network is all there is.
    assert [said for said in console_errors(driver) if not any(known in said for known in CUT_OFF)] == []


def test_a_part_that_is_refused_is_not_the_one_of_the_selection_before(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/queue?show=all")
    driver.execute_script("window.probe.refuse = 500; window.monitorRouter.set({ sort: 'name' })")
    wait_for(lambda: "(500)" in text_of(driver, "#trouble"), "the message")
    assert parameters(driver)["sort"] == "name"
    assert not driver.find_element(By.CSS_SELECTOR, ".queue-table").is_displayed()
    assert driver.find_element(By.CSS_SELECTOR, "main h1").is_displayed()
    driver.execute_script("window.probe.refuse = 0")
    wait_for(lambda: text_of(driver, '.queue-table th[aria-sort="ascending"]') != "", "the table, sorted")
    wait_until_settled(driver)
    assert text_of(driver, "#trouble") == ""
    console_errors(driver)


def test_a_page_that_stands_open_says_when_it_has_no_contact(driver: Chrome, url: str) -> None:
    open_page(driver, f"{url}/scores")
    wait_for(lambda: text_of(driver, "#freshness").startswith("Up to date at"), "the first look")
    set_online(driver, False)
    try:
        driver.execute_script("window.monitorAnswers.look()")
        wait_for(lambda: "has not answered since" in text_of(driver, "#trouble"), "the message")
        # What is shown is still true of its address.
        assert driver.find_element(By.CSS_SELECTOR, "main h1").is_displayed()
    finally:
        set_online(driver, True)
    driver.execute_script("window.monitorAnswers.look()")
    wait_for(lambda: text_of(driver, "#trouble") == "", "the end of the message")
    console_errors(driver)


def test_newer_results_appear_by_themselves(
    driver: Chrome, database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("newer")
    with filled_database(database_server, database_template, folder, SMALL) as filled, served(filled.settings) as url:
        open_page(driver, f"{url}/queue")
        wait_for(lambda: text_of(driver, "#freshness"), "the first look")
        server = make_url(filled.settings.database_url or "")
        execute(server, "UPDATE api.inspection_queue SET dba_name = 'Newer Name' WHERE rank = 1")
        execute(server, "UPDATE api.queue_publications SET published_at = published_at + interval '1 hour'")
        driver.execute_script("window.monitorAnswers.look()")
        wait_for(lambda: text_of(driver, ".queue-table .row-link") == "Newer Name", "the newer list")
        wait_until_settled(driver)


def test_the_frame_is_there_before_any_script_has_run(driver: Chrome, url: str) -> None:
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        driver.get(f"{url}/queue")
        assert text_of(driver, ".nav a") == "Overview"
        assert driver.find_elements(By.CSS_SELECTOR, "main .to-come")
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    browser.open_page(driver, f"{url}/queue")
    assert driver.find_elements(By.CSS_SELECTOR, "main .to-come") == []
