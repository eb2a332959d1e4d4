"""The dashboard served to a browser, and what its pages say."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from werkzeug.serving import make_server

from food_inspections.monitor import create_app
from food_inspections.settings import Settings


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The dashboard on a port of its own."""
    server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def parameters(driver: Chrome) -> dict[str, str]:
    """What the address says."""
    return {key: values[0] for key, values in parse_qs(urlsplit(driver.current_url).query).items()}


def table(driver: Chrome, selector: str = ".queue-table") -> list[str]:
    """The first column that names something, row by row."""
    return [row.text for row in driver.find_elements(By.CSS_SELECTOR, f"{selector} .row-link")]
