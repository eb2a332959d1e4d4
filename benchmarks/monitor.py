"""How long the dashboard's pages take in a real browser, on fifteen years of inspections.

``python -m benchmarks.monitor`` makes 300,000 inspections over 880 weeks and queues of 15,000
establishments in a database of its own, serves the dashboard as ``food-inspections monitor`` does,
and drives headless Chromium. A page or an answer is there when everything in sight is drawn; charts below the
screen follow by themselves. It ends with 1 where a page is over its budget.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from selenium.webdriver import Chrome
from sqlalchemy import NullPool, create_engine

from food_inspections.storage.postgres import embedded, migrations
from food_inspections_tests.monitor import browser
from food_inspections_tests.monitor.seed import Scale, seed

OPENING_BUDGET_MS = 1_000
INTERACTION_BUDGET_MS = 300
# As served, compressed: the frame, its scripts and the page of the week's work. Plotly comes with the first chart.
FIRST_PAGE_BUDGET_KB = 500

Interaction = tuple[str, Callable[[Chrome], float]]

INTERACTIONS: dict[str, list[Interaction]] = {
    "": [],
    "scores": [
        ("another kind", lambda driver: browser.select(driver, type="Bakery")),
        ("against another week", lambda driver: browser.select(driver, against=_week(driver, 3))),
        ("another week", lambda driver: browser.select(driver, week=_week(driver, 1))),
    ],
    "drift": [
        ("another feature", lambda driver: browser.click(driver, ".chip", 3)),
        ("another week", lambda driver: browser.select(driver, week=_week(driver, 1))),
        ("all 880 weeks", lambda driver: browser.select(driver, span="all")),
    ],
    "performance": [
        ("another source", lambda driver: browser.select(driver, source="predictions")),
        ("another week", lambda driver: browser.select(driver, week=_week(driver, 1))),
        ("all 880 weeks", lambda driver: browser.select(driver, span="all")),
    ],
    "fairness": [
        ("another rate", lambda driver: browser.select(driver, metric="fdr")),
        ("by zip", lambda driver: browser.select(driver, by="zip")),
    ],
    "queue": [
        ("next page", lambda driver: browser.click(driver, ".pager a", 0)),
        ("sort by name", lambda driver: browser.select(driver, sort="name")),
        ("a row", lambda driver: browser.click(driver, ".row-link", 2)),
        ("two zips", lambda driver: browser.select(driver, zip="60605,60610")),
        ("all 15,000", lambda driver: browser.select(driver, show="all")),
        ("search", lambda driver: browser.select(driver, search="golden")),
        ("one kind", lambda driver: browser.select(driver, search="", type="Bakery")),
    ],
    "plan": [
        ("one inspector", lambda driver: browser.select(driver, inspector="bob")),
        ("one day", lambda driver: browser.click(driver, '[data-choose="day"]', 2)),
        ("another week", lambda driver: browser.select(driver, week=_week(driver, 1))),
    ],
    "pipeline": [
        ("failed checks", lambda driver: browser.select(driver, only="failed")),
        ("all 880 weeks", lambda driver: browser.select(driver, span="all")),
    ],
}


@click.command()
@click.option("--weeks", default=880, show_default=True)
@click.option("--visits-a-week", default=341, show_default=True)
@click.option("--establishments", default=15_000, show_default=True)
@click.option("--repeats", default=3, show_default=True, help="The median of so many tries counts.")
def main(weeks: int, visits_a_week: int, establishments: int, repeats: int) -> None:
    """Measure, print a table, and say whether the budgets are kept."""
    scale = Scale(
        weeks, visits_a_week, establishments, queue_weeks=8, training_interval=8, list_length=340, inspectors=30
    )
    with tempfile.TemporaryDirectory(prefix="fi-monitor-benchmark-") as folder:
        home = Path(folder)
        click.echo(f"{weeks * visits_a_week:,} inspections, {weeks} weeks, {establishments:,} establishments")
        with (
            _seeded(home, scale) as database_url,
            _served(home, database_url) as url,
            browser.start_browser() as driver,
        ):
            is_kept = _measure(driver, url, repeats)
    sys.exit(0 if is_kept else 1)


def _measure(driver: Chrome, url: str, repeats: int) -> bool:
    # The very first page also brings the scripts, which a browser then keeps.
    is_kept = True
    for page in ("", "queue", "plan", "scores"):
        with browser.start_browser() as fresh:
            opened = browser.open_page(fresh, f"{url}/{page}")
            kilobytes = browser.received_bytes(fresh, url) / 1000
        is_kept &= _line(page or "overview", "first opening, nothing cached", [opened], OPENING_BUDGET_MS)
        limit = FIRST_PAGE_BUDGET_KB if not page else None
        is_kept &= _line(page or "overview", "first opening, received", [kilobytes], limit, "kB")
    for page, interactions in INTERACTIONS.items():
        openings = [browser.open_page(driver, f"{url}/{page}") for _ in range(repeats)]
        is_kept &= _line(page or "overview", "opening", openings, OPENING_BUDGET_MS)
        for name, interact in interactions:
            times = []
            for _ in range(repeats):
                browser.open_page(driver, f"{url}/{page}")
                times.append(interact(driver))
            is_kept &= _line(page, name, times, INTERACTION_BUDGET_MS)
    return is_kept


def _line(page: str, what: str, values: list[float], budget: int | None, unit: str = "ms") -> bool:
    median = statistics.median(values)
    is_kept = budget is None or median <= budget
    limit = "" if budget is None else f"of {budget:5} {unit}"
    click.echo(f"{page:12} {what:32} {median:7.0f} {unit}  {limit}  {'' if is_kept else 'OVER'}")
    return is_kept


def _week(driver: Chrome, back: int) -> str:
    """The week that lies so many weeks before the newest of the page."""
    weeks: str = driver.execute_script(
        "const day = new Date(document.querySelector('.of-weeks').innerText.match(/\\d{4}-\\d\\d-\\d\\d/)[0]);"
        "day.setUTCDate(day.getUTCDate() - 7 * arguments[0]); return day.toISOString().slice(0, 10);",
        back,
    )
    return weeks


@contextmanager
def _seeded(home: Path, scale: Scale) -> Iterator[str]:
    url = embedded.hold(home, embedded.NOT_DURABLE)
    try:
        _fill(url, scale)
        yield url
    finally:
        embedded.stop(home, is_forced=True)


def _fill(url: str, scale: Scale) -> None:
    begin = time.monotonic()
    migrations.upgrade(url)
    engine = create_engine(url, poolclass=NullPool)
    seed(engine, scale)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    click.echo(f"made in {time.monotonic() - begin:.0f} s")


@contextmanager
def _served(home: Path, database_url: str, port: int = 8059) -> Iterator[str]:
    environment = {
        **os.environ,
        "FOOD_INSPECTIONS_HOME": str(home),
        "FOOD_INSPECTIONS_DATABASE_URL": database_url.replace("postgresql+psycopg2", "postgresql"),
        "FOOD_INSPECTIONS_MONITOR_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-c", "from food_inspections.cli import main; main()", "monitor", "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        browser.wait_for(lambda: _answers(url), "the start of the dashboard", 60)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/ready") as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    main()
