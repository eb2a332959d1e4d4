"""The plan in a real browser: a swap by hand, the slider, and a phone that loses its network."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from sqlalchemy import URL, text

from food_inspections.storage.postgres import database
from food_inspections_tests.monitor.browser import (
    IN_A_BROWSER,
    PHONE,
    console_errors,
    open_page,
    requested_urls,
    set_size,
    text_of,
    wait_for,
)
from food_inspections_tests.monitor.conftest import Filled, filled_database
from food_inspections_tests.monitor.dashboard import served
from food_inspections_tests.monitor.seed import Scale

pytestmark = IN_A_BROWSER

KEY = "a key"


@pytest.fixture(scope="module")
def planned(
    database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Filled, str]]:
    """A dashboard whose plan may be decided on, and its address."""
    scale = Scale(weeks=2, queue_weeks=2)
    with filled_database(database_server, database_template, tmp_path_factory.mktemp("planned"), scale) as filled:
        own = replace(filled, settings=replace(filled.settings, api_writers=(("office", KEY),)))
        with served(own.settings) as url:
            yield own, url


def decided(own: Filled) -> dict[str, tuple[str, str, str]]:
    """Decision, inspector and reason on the newest week's lines, by establishment."""
    with database.engine(own.settings).connect() as connection:
        rows = connection.execute(
            text(
                "SELECT establishment_id, decision, inspector_now, decision_reason FROM api.plan_lines "
                "WHERE week = (SELECT max(week) FROM api.published_plans) AND decision IS NOT NULL"
            )
        )
        return {row.establishment_id: (row.decision, row.inspector_now, row.decision_reason or "") for row in rows}


def test_a_visit_is_swapped_by_hand(driver: Chrome, planned: tuple[Filled, str]) -> None:
    own, url = planned
    open_page(driver, f"{url}/plan?inspector=bob")
    button = driver.find_element(By.CSS_SELECTOR, "button[data-line]")
    place = button.get_attribute("data-line") or ""
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", button)
    decision, taker = (Select(field) for field in driver.find_elements(By.CSS_SELECTOR, "dialog select"))
    decision.select_by_value("swapped")
    taker.select_by_value("Ann Miller")
    reason, key = driver.find_elements(By.CSS_SELECTOR, "dialog input")
    reason.send_keys("bob is ill")
    key.send_keys("not the key")
    submit = driver.find_element(By.CSS_SELECTOR, "dialog button[type=submit]")
    submit.click()
    wait_for(lambda: "not known as a writer's" in text_of(driver, ".dialog-message"), "the refusal")
    assert decided(own) == {}
    key.clear()
    key.send_keys(KEY)
    submit.click()
    wait_for(lambda: not driver.find_elements(By.CSS_SELECTOR, "dialog"), "the page anew")
    assert decided(own) == {place: ("swapped", "Ann Miller", "bob is ill")}
    open_page(driver, f"{url}/plan?inspector=Ann+Miller")
    assert "Swapped from bob" in text_of(driver, ".plan-lines")
    # The browser writes down the refusal, which the test asked for.
    assert all("401" in error for error in console_errors(driver))


def test_the_slider_says_what_so_many_visits_find(driver: Chrome, planned: tuple[Filled, str]) -> None:
    _, url = planned
    open_page(driver, f"{url}/plan")
    before = text_of(driver, ".capacity output")
    driver.execute_script(
        "const slider = document.querySelector('.capacity input'); slider.value = slider.max;"
        "slider.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    after = text_of(driver, ".capacity output")
    assert before != after
    assert "visits find about" in after


def test_a_phone_without_a_network_shows_the_day_and_sends_what_was_decided_later(
    driver: Chrome, planned: tuple[Filled, str]
) -> None:
    own, url = planned
    set_size(driver, PHONE)
    address = f"{url}/my-day/?inspector=O%27Neil%2C+cid"
    driver.get(address)
    wait_for(lambda: driver.execute_script("return document.documentElement.dataset.kept"), "the page to be kept")
    kept = driver.execute_async_script(
        "const done = arguments[0]; caches.open('my-day-1').then((kept) => kept.keys())"
        ".then((kept) => done(kept.map((request) => request.url)))"
    )
    assert {driver.current_url, f"{url}/my-day/my_day.js", f"{url}/my-day/my_day.css"} <= set(kept)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
    heights = driver.execute_script(
        "return [...document.querySelectorAll('section:not([hidden]) .button')].map((b) => b.offsetHeight)"
    )
    assert min(heights) >= 48
    driver.execute_script(f"sessionStorage.setItem('food-inspections-writer', {KEY!r})")
    places = [stop.get_attribute("data-establishment") for stop in driver.find_elements(By.CSS_SELECTOR, ".stop")]
    before = set(decided(own))
    driver.execute_cdp_cmd("Network.enable", {})
    _set_network(driver, is_on=False)
    driver.refresh()
    assert text_of(driver, "h1").startswith("O'Neil, cid")
    assert "No network" in text_of(driver, "#network")
    driver.execute_script("document.querySelector('[data-decide=done]').click()")
    wait_for(lambda: "1 decision waits" in text_of(driver, "#network"), "the decision to wait")
    assert set(decided(own)) == before
    _set_network(driver, is_on=True)
    wait_for(lambda: "(office)" in text_of(driver, ".state"), "the decision to be sent")
    assert decided(own)[places[0] or ""] == ("done", "O'Neil, cid", "")
    assert text_of(driver, "#network") == ""
    console_errors(driver)
    requested_urls(driver)


def test_a_phone_keeps_what_was_refused_until_it_was_read(driver: Chrome, planned: tuple[Filled, str]) -> None:
    own, url = planned
    set_size(driver, PHONE)
    address = f"{url}/my-day/?inspector=bob"
    driver.get(address)
    driver.execute_script(f"sessionStorage.setItem('food-inspections-writer', {KEY!r})")
    wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, ".stop"), "the stops")
    place = driver.find_element(By.CSS_SELECTOR, ".stop").get_attribute("data-establishment")
    week = driver.find_element(By.CSS_SELECTOR, "main").get_attribute("data-week")
    waiting = [
        {"week": week, "establishment_id": one, "decision": "done", "idempotency_key": key}
        for one, key in ((place, "phone-key-1"), (place, "phone-key-2"), ("n-0123456789abcdef", "phone-key-3"))
    ]
    driver.execute_script("localStorage.setItem('food-inspections-waiting', JSON.stringify(arguments[0]))", waiting)
    driver.refresh()
    wait_for(lambda: "is not on the plan" in text_of(driver, "#refused"), "the refusal")
    assert len(driver.find_elements(By.CSS_SELECTOR, "#refused li")) == 1, "what is decided already is kept"
    assert decided(own)[place or ""][0] == "done"
    assert driver.execute_script("return localStorage.getItem('food-inspections-waiting')") == "[]"
    driver.get(f"{url}/my-day/?inspector=Ann+Miller")
    wait_for(lambda: "is not on the plan" in text_of(driver, "#refused"), "the refusal on another page")
    driver.find_element(By.CSS_SELECTOR, "#refused button").click()
    wait_for(lambda: not driver.find_elements(By.CSS_SELECTOR, "#refused li"), "the refusal to be read")
    driver.refresh()
    assert text_of(driver, "#refused") == ""
    console_errors(driver)
    requested_urls(driver)


def test_a_phone_keeps_the_same_decision_once(driver: Chrome, planned: tuple[Filled, str]) -> None:
    _, url = planned
    driver.get(f"{url}/my-day/?inspector=bob")
    driver.execute_script("sessionStorage.clear()")
    driver.execute_script(
        "const done = [...document.querySelectorAll('[data-decide=done]')].pop(); done.click(); done.click()"
    )
    waiting = driver.execute_script("return JSON.parse(localStorage.getItem('food-inspections-waiting')).length")
    driver.execute_script("localStorage.clear()")
    assert waiting == 1
    console_errors(driver)
    requested_urls(driver)


def _set_network(driver: Chrome, *, is_on: bool) -> None:
    conditions = {"offline": not is_on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
