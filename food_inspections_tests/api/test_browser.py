"""Swagger UI in a real browser that reaches nothing but this machine."""

import json
import shutil
import threading
import urllib.request
from collections.abc import Iterator

import pytest
from flask import Flask
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from werkzeug.serving import make_server

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
PATIENCE_SECONDS = 60
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # No name is looked up: whatever is asked of another host fails, and shows in the log.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1280,1600",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="needs chromium and chromedriver"),
]


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, ChromeService(DRIVER))
    yield driver
    driver.quit()


def wait_for(browser: Chrome, selector: str, count: int = 1) -> list[WebElement]:
    """The elements, once there are so many; Swagger UI draws its parts one after the other."""

    def found(driver: Chrome) -> list[WebElement]:
        elements: list[WebElement] = driver.find_elements(By.CSS_SELECTOR, selector)
        return elements if len(elements) >= count else []

    elements: list[WebElement] = WebDriverWait(browser, PATIENCE_SECONDS, poll_frequency=0.05).until(found)
    return elements


def click(browser: Chrome, selector: str) -> None:
    """Click the first element once it is there and nothing covers it."""
    not_yet = (StaleElementReferenceException, ElementNotInteractableException, ElementClickInterceptedException)
    waiting = WebDriverWait(browser, PATIENCE_SECONDS, poll_frequency=0.05, ignored_exceptions=not_yet)
    waiting.until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector).click() or True)


METHODS = ("get", "post")


def test_every_operation_is_drawn_without_the_internet(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/docs")
    paths = json.loads(urllib.request.urlopen(f"{address}/openapi.json").read())["paths"]  # noqa: S310 - our own
    operations = sum(method in METHODS for path in paths.values() for method in path)
    assert len(wait_for(browser, ".opblock", operations)) == operations
    assert "OAS 3.1" in browser.find_element(By.CSS_SELECTOR, ".info").text
    asked = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert asked
    assert all(name.startswith((address, "data:")) for name in asked), asked
    assert [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


def test_a_request_can_be_tried_from_the_page(browser: Chrome, address: str) -> None:
    browser.get(f"{address}/docs/")
    wait_for(browser, ".opblock", 14)
    block = "#operations-models-get_models_champion"
    for button in (".opblock-summary-control", ".try-out__btn", ".execute"):
        click(browser, f"{block} {button}")
    status = wait_for(browser, f"{block} .live-responses-table .response-col_status")
    assert "200" in " ".join(element.text for element in status)
