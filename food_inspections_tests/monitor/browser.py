"""A real browser for the dashboard: headless Chromium, as Debian packages it."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None or DRIVER is None, reason="no browser here: install the packages chromium and chromium-driver"
    ),
]
"""Marks of a module whose tests need a real browser."""

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
    # As with the network off: no name is looked up, so whatever is asked of another host fails and shows in the log.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

# Runs in every page before its own scripts. Whether anything is under way is asked of Dash itself, as Dash's
# own tests do: a callback is in its store from the event that calls for it until its answer is applied.
_PROBE = """
window.probe = { asked: 0, refuse: 0 };
const fetchOfThePage = window.fetch;
window.fetch = function (...request) {
  // Whether the page is still up to date is asked now and then, and draws nothing.
  if (String(request[0].url || request[0]).includes('_dash-update-component')) {
    window.probe.asked += 1;
    if (window.probe.refuse) return Promise.resolve(new Response('', { status: window.probe.refuse }));
  }
  return fetchOfThePage.apply(this, request);
};
window.probe.isIdle = function () {
  const state = window.store && window.store.getState();
  if (!state || state.appLifecycle !== 'HYDRATED') return false;
  return Object.entries(state.callbacks).every(([name, those]) => name === 'stored' || !those.length);
};
window.probe.isSettled = function () {
  const heading = document.querySelector('main h1, main .notice h2');
  const loading = document.querySelector('[data-dash-is-loading="true"]');
  const canvas = document.getElementById('map-canvas');
  const isMapDrawn = !canvas || !canvas.offsetParent || canvas.dataset.drawn !== undefined;
  const isDrawn = window.probe.areDrawn((box) => box.bottom > 0 && box.top < window.innerHeight);
  return Boolean(window.probe.isIdle() && heading && !loading && isMapDrawn && isDrawn);
};
window.probe.areDrawn = function (isMeant) {
  const charts = [...document.querySelectorAll('.graph')].filter((chart) => chart.clientWidth);
  return charts.every((chart) => chart.querySelector('.main-svg') || !isMeant(chart.getBoundingClientRect()));
};
window.probe.afterSettling = function (from, done) {
  let calm = 0;
  let since = 0;
  (function look() {
    if (window.probe.asked > from && window.probe.isSettled()) {
      since = calm ? since : performance.now();
      calm += 1;
    } else {
      calm = 0;
    }
    // A page may ask again in the frame after an answer. Charts out of sight come later: they are waited for,
    // but not counted.
    if (calm > 3 && window.probe.areDrawn(() => true)) {
      done(since);
    } else {
      requestAnimationFrame(look);
    }
  })();
};
"""


_NOT_THERE_YET = (StaleElementReferenceException, ElementNotInteractableException, ElementClickInterceptedException)


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
            driver.get("about:blank")
            driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _PROBE})
            driver.set_script_timeout(120)
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


def has_dark_ground(driver: Chrome) -> bool:
    """Whether the page is drawn for the dark."""
    ground = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    return int(ground.split("(")[1].split(",")[0]) < 60


def set_online(driver: Chrome, is_online: bool) -> None:
    """Plug the network in or pull it out."""
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": not is_online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )


def wait_for(condition: Callable[[], Any], what: str, timeout_s: float = 60.0) -> Any:
    """Poll until the condition is true; an element that is drawn anew, moved or covered is not there yet.

    Raises:
        AssertionError: It has not become true in time.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with suppress(
            StaleElementReferenceException, ElementNotInteractableException, ElementClickInterceptedException
        ):
            found = condition()
            if found:
                return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {timeout_s} seconds")


def wait_until_settled(driver: Chrome) -> None:
    """Wait until the page is drawn and nothing is under way."""
    driver.execute_async_script("window.probe.afterSettling(0, arguments[0])")


def press(driver: Chrome, *keys: str) -> None:
    """Press keys as a hand does: they go to whatever has the focus."""
    ActionChains(driver).send_keys(*keys).perform()


def focused_text(driver: Chrome, selector: str = "*") -> str:
    """What the element with the focus says, or the part of the page around it; nothing where that is another one."""
    script = "const part = document.activeElement.closest(arguments[0]); return part ? part.textContent : ''"
    return str(driver.execute_script(script, selector))


def open_page(driver: Chrome, url: str) -> float:
    """Open an address, wait until it is drawn, and say how many milliseconds that took in the browser."""
    driver.get(url)
    return float(driver.execute_async_script("window.probe.afterSettling(0, arguments[0])"))


def act(driver: Chrome, script: str, *arguments: Any) -> float:
    """Do something that asks the server, wait until it shows, and say how many milliseconds that took.

    Args:
        driver: Browser with a page of the dashboard.
        script: JavaScript; ``args`` holds the arguments.
        *arguments: For the script.
    """
    return float(
        driver.execute_async_script(
            f"""
            const args = [...arguments].slice(0, -1);
            const done = arguments[arguments.length - 1];
            const asked = window.probe.asked;
            const begin = performance.now();
            {script};
            window.probe.afterSettling(asked, (end) => done(end - begin));
            """,
            *arguments,
        )
    )


def select(driver: Chrome, **values: str) -> float:
    """Select something as a control would, by parameters of the address; milliseconds until it shows."""
    return act(driver, "window.monitorRouter.set(args[0])", values)


def click(driver: Chrome, selector: str, place: int = 0) -> float:
    """Click one of the elements, wait until the answer shows; milliseconds."""
    return act(driver, "document.querySelectorAll(args[0])[args[1]].click()", selector, place)


def text_of(driver: Chrome, selector: str) -> str:
    """The visible text of the first element, nothing where there is none."""
    found = driver.find_elements(By.CSS_SELECTOR, selector)
    return found[0].text if found else ""


def console_errors(driver: Chrome) -> list[str]:
    """What pages have complained of since this was last asked."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def received_bytes(driver: Chrome, url: str) -> int:
    """How many bytes a server has sent, as they went over the wire, since the browser's log was last read."""
    asked: dict[str, str] = {}
    received = 0
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        parameters = message["params"]
        if message["method"] == "Network.requestWillBeSent":
            asked[parameters["requestId"]] = parameters["request"]["url"]
        elif message["method"] == "Network.loadingFinished":
            is_ours = asked.get(parameters["requestId"], "").startswith(url)
            received += int(parameters["encodedDataLength"]) if is_ours else 0
    return received


def requested_urls(driver: Chrome) -> set[str]:
    """What was asked of a network since this was last asked."""
    urls = set()
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            parameters = message["params"]
            urls.add(parameters.get("url") or parameters["request"]["url"])
    return {url for url in urls if not url.startswith(("data:", "blob:", "chrome:", "about:"))}
