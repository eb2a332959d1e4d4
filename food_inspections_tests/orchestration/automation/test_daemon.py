"""The real daemon over the local portal: late rows appear, and the published week changes without a person."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from food_inspections.cli.catch_up import CatchUp
from food_inspections.domain.weeks import monday_of
from food_inspections.portal.sample_city import CityParameters, make_city
from food_inspections.settings import Settings
from food_inspections_tests.chicago import CALENDAR
from food_inspections_tests.orchestration.city import deployment

ROOT = Path(__file__).resolve().parents[3]
WEEK = timedelta(weeks=1)
NEWEST = monday_of(CALENDAR.today()) - WEEK
PATIENCE_S = 240


@contextmanager
def daemon(settings: Settings, portal_url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon with its code server, killed at the end with all it has started.

    It looks for queued runs more often than a deployment does, where nobody waits for the end of a test.
    """
    deployed = (ROOT / "dagster.yaml").read_text()
    hasty = re.sub(r"(dequeue_interval_seconds): \d+", r"\1: 1", deployed)
    assert hasty != deployed
    (log.parent / "dagster.yaml").write_text(hasty)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FOOD_INSPECTIONS_")}
    environment |= {
        "DAGSTER_HOME": str(log.parent),
        "FOOD_INSPECTIONS_HOME": str(settings.home),
        "FOOD_INSPECTIONS_DATABASE_URL": str(settings.database_url),
        "FOOD_INSPECTIONS_PORTAL_URL": portal_url,
        "FOOD_INSPECTIONS_PORTAL_POLL_SECONDS": "5",
    }
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", "food_inspections.definitions"]
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            command, env=environment, stdout=output, stderr=output, start_new_session=True, cwd=ROOT
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(is_so: Callable[[], bool], what: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"{what}; the daemon said:\n{log.read_text()[-8000:]}"
        time.sleep(0.5)


@pytest.mark.timeout(600)
def test_late_rows_change_the_published_week_and_nothing_runs_before_or_after(
    database_url: str, tmp_path: Path
) -> None:
    first = NEWEST - WEEK * 39
    frame = make_city(CityParameters(3, first, NEWEST + timedelta(days=6), 300, inspections_per_week=25)).inspections
    log = tmp_path / "daemon.log"
    with deployment(tmp_path / "home", database_url, frame) as city:
        settings = replace(city.settings, portal_url=city.portal.url)
        CatchUp(settings, lambda _: None, defs=city.defs, instance=nullcontext(city.instance)).run(
            NEWEST, NEWEST + WEEK * 2
        )
        assert city.materialize("key:drift_page", NEWEST).success

        def ticks_of(sensor: str) -> int:
            made = city.query("SELECT to_regclass('dagster.job_ticks') IS NOT NULL")[0][0]
            sql = "SELECT count(*) FROM dagster.job_ticks WHERE tick_body LIKE :name AND status = 'SKIPPED'"
            return city.query(sql, name=f'%"{sensor}"%')[0][0] if made else 0

        def runs() -> list[str]:
            return [name for (name,) in city.query("SELECT pipeline_name FROM dagster.runs ORDER BY id")]

        def published() -> int:
            return city.query("SELECT count(*) FROM api.predictions WHERE week = :w", w=NEWEST)[0][0]

        with daemon(settings, city.portal.url, log):
            wait_until(lambda: min(map(ticks_of, ("revisions", "out_of_date"))) > 0, "no sensor has ticked", log)
            assert runs() == [], "an unchanged portal launches nothing"
            before = published()
            late = frame[frame["inspection_date"] >= str(NEWEST)].head(5)
            late = late.assign(inspection_id=[str(9_000_000 + number) for number in range(len(late))])
            city.portal.replace(pd.concat([frame, late], ignore_index=True))
            wait_until(lambda: published() > before, "the published week did not change", log)
            wait_until(lambda: not unfinished(city.query("SELECT status FROM dagster.runs")), "runs go on", log)
            assert runs() == ["pull", "refresh"], "one run for the pull, one for what follows"
        assert city.query("SELECT DISTINCT status FROM dagster.runs") == [("SUCCESS",)]
        city.warehouse.engine.dispose()


def unfinished(rows: list[tuple[str, ...]]) -> list[str]:
    return [status for (status,) in rows if status not in ("SUCCESS", "FAILURE", "CANCELED")]
