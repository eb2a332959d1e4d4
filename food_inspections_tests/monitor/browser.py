"""A real browser for the dashboard: headless Chromium, as Debian packages it."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

DESKTOP = (1280, 900)
PHONE = (390, 844)

# Everything a browser does on its own account is switched off: what is then asked of the
# network, the page asked for.
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
)


@contextmanager
def start_browser(size: tuple[int, int] = DESKTOP) -> Iterator[Chrome]:
    """A browser with an empty profile; it keeps what pages log and what they ask of the network."""
    with tempfile.TemporaryDirectory(prefix="fi-browser-", ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = BROWSER or ""
        for argument in (*_ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = Chrome(options=options, service=ChromeService(DRIVER))
        try:
            set_size(driver, size)
            yield driver
        finally:
            driver.quit()


def set_size(driver: Chrome, size: tuple[int, int]) -> None:
    """Make the page exactly so many pixels wide and high."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600},
    )


def set_dark(driver: Chrome, is_dark: bool) -> None:
    """What the system prefers, as pages see it."""
    features = [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def wait_for(condition: Callable[[], Any], what: str, timeout_s: float = 20.0) -> Any:
    """Poll until the condition is true.

    Raises:
        AssertionError: It has not become true in time.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {timeout_s} seconds")


# Nothing asked for is still to come, every chart of the page is drawn, the map too.
_IS_SETTLED = """
const heading = document.querySelector('main h1, main .notice h2');
const loading = document.querySelector('[data-dash-is-loading="true"]');
const charts = [...document.querySelectorAll('.chart')].filter((chart) => chart.offsetParent);
const isDrawn = charts.every((chart) => chart.querySelector('.main-svg'));
const canvas = document.getElementById('map-canvas');
const isMapDrawn = !canvas || !canvas.offsetParent || canvas.dataset.drawn !== undefined;
return Boolean(heading) && !loading && isDrawn && isMapDrawn;
"""


def wait_until_settled(driver: Chrome, timeout_s: float = 30.0) -> None:
    """Wait until the page is drawn and nothing is under way."""
    wait_for(lambda: driver.execute_script(_IS_SETTLED), f"the drawing of {driver.current_url}", timeout_s)


def open_page(driver: Chrome, url: str) -> None:
    """Open an address and wait until it is drawn."""
    driver.get(url)
    wait_until_settled(driver)


def text_of(driver: Chrome, selector: str) -> str:
    """The visible text of the first element, nothing where there is none."""
    found = driver.find_elements(By.CSS_SELECTOR, selector)
    return found[0].text if found else ""
