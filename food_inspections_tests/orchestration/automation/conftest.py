"""A city whose ticks can be tried: sensors and schedules are evaluated for real, what they ask for is run."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest.mock import patch

import dagster as dg
import pandas as pd
import pytest
from dagster._core.definitions.schedule_definition import ScheduleExecutionData
from dagster._core.definitions.sensor_definition import SensorExecutionData
from sqlalchemy import URL

from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.partitions import CALENDAR
from food_inspections.portal.server import PortalServer
from food_inspections_tests.conftest import new_database
from food_inspections_tests.orchestration.city import COMING, Deployment
from food_inspections_tests.orchestration.shared_city import SharedCity

UNDER_WAY = COMING
"""The Monday after the newest complete week."""
TUESDAY = CALENDAR.at(UNDER_WAY + timedelta(days=1), 13)


@dataclass(frozen=True)
class Ticks:
    """Evaluates sensors and schedules of a deployment at a moment."""

    city: Deployment
    now: datetime = TUESDAY

    def at(self, day: date, hour: int = 13) -> "Ticks":
        """The same at another moment."""
        return replace(self, now=CALENDAR.at(day, hour))

    @property
    def defs(self) -> dg.Definitions:
        return build_defs(self.city.settings, {"clock": Clock(self.now), "warehouse": self.city.warehouse})

    def resources(self) -> dict[str, Any]:
        definitions = self.defs.resources or {}
        return {name: definitions[name] for name in ("warehouse", "portal", "clock")}

    def sensor(self, name: str, cursor: str | None = None) -> SensorExecutionData:
        """One tick of a sensor."""
        repository = self.defs.get_repository_def()
        context = dg.build_sensor_context(
            instance=self.city.instance, cursor=cursor, repository_def=repository, resources=self.resources()
        )
        with context:
            return repository.get_sensor_def(name).evaluate_tick(context)

    def schedule(self, name: str) -> ScheduleExecutionData:
        """One tick of a schedule."""
        repository = self.defs.get_repository_def()
        context = dg.build_schedule_context(
            scheduled_execution_time=self.now,
            repository_def=repository,
            resources=self.resources(),
        )
        # Dagster's own context for tests takes an instance on disk only.
        with context, patch.object(dg.ScheduleEvaluationContext, "instance", self.city.instance):
            return repository.get_schedule_def(name).evaluate_tick(context)

    def launch(self, request: dg.RunRequest, *, is_successful: bool = True) -> str:
        """Carry out what a tick asked for, as the daemon would."""
        job = self.defs.resolve_job_def(request.job_name or "")
        result = job.execute_in_process(
            instance=self.city.instance,
            run_config=request.run_config,
            tags=dict(request.tags),
            partition_key=request.tags.get("dagster/partition"),
            asset_selection=request.asset_selection,
            raise_on_error=False,
        )
        assert result.success == is_successful
        return result.run_id

    def settle(self) -> list[dg.RunRequest]:
        """Ticks of the sensor for what is out of date, until nothing is."""
        launched: list[dg.RunRequest] = []
        while requests := self.sensor("out_of_date").run_requests:
            assert len(launched) < 20, launched
            for request in requests:
                self.launch(request)
            launched += requests
        return launched


def weeks_of(request: dg.RunRequest) -> tuple[str, str]:
    """First and last week of a request."""
    tags = request.tags
    one = tags.get("dagster/partition")
    return (
        (one, one) if one else (tags["dagster/asset_partition_range_start"], tags["dagster/asset_partition_range_end"])
    )


def assets_of(request: dg.RunRequest) -> set[str]:
    """Assets a request names."""
    return {key.to_user_string() for key in request.asset_selection or ()}


@contextmanager
def without_pages() -> Iterator[None]:
    """Spares evidently's pages, which take longer than all the rest of a run and are tested elsewhere."""
    module = importlib.import_module("food_inspections.orchestration.assets.drift_page")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(module, "evidently_html", lambda *_, **__: "<html></html>")
        yield


@dataclass(frozen=True)
class Post:
    """What a receiver got."""

    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes webhooks on this machine.

    Attributes:
        url: Its address.
        answer: Status it answers with.
        posts: What it got.
    """

    url: str
    answer: int = 204
    posts: list[Post] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.posts.append(Post(dict(self.headers), body))
            self.send_response(taken.answer)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield taken
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def module_database_url(database_server: URL, database_template: str) -> Iterator[str]:
    """Address of a fresh database for all tests of a module."""
    with new_database(database_server, database_template) as url:
        yield url.render_as_string(hide_password=False)


@contextmanager
def ticks_over(city: SharedCity, frame: pd.DataFrame) -> Iterator[Ticks]:
    """Ticks over a copy of a city, of which no run is on record, and a portal of its own with these rows."""
    with without_pages(), PortalServer(frame) as portal, city.copy({}, portal) as copied:
        yield Ticks(copied.deployed)
