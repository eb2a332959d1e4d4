"""From an empty store to a forecast: the ticks alone, without a person."""

import importlib
from datetime import timedelta
from pathlib import Path

import pytest

from food_inspections_tests.orchestration.automation.conftest import Ticks, weeks_of, without_pages
from food_inspections_tests.orchestration.city import FIRST, NEWEST, deployment, small_city

WEEK = timedelta(weeks=1)
COMING = NEWEST + WEEK * 2


def test_the_automation_brings_an_empty_store_to_a_forecast(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        importlib.import_module("food_inspections.orchestration.automation.revisions"), "LARGEST_RANGE", 25
    )
    with without_pages(), deployment(tmp_path, database_url, small_city()) as city:
        ticks = Ticks(city)
        assert not ticks.sensor("out_of_date").run_requests, "nothing follows from an empty store"
        for name in ("pull", "publish"):
            assert (
                ticks.schedule(name).skip_message == "The store is empty: the sensor revisions pulls the history first."
            )
        requests = list(ticks.sensor("revisions").run_requests or ())
        middle = FIRST + WEEK * 25
        assert list(map(weeks_of, requests)) == [(str(FIRST), str(middle - WEEK)), (str(middle), str(NEWEST))]
        for request in requests:
            ticks.launch(request)
        assert not ticks.sensor("revisions").run_requests
        assert not ticks.schedule("training").run_requests, "the sensor makes the first model"
        launched = ticks.settle()
        assert [(request.job_name, *weeks_of(request)) for request in launched] == [
            ("refresh", str(FIRST), str(NEWEST)),
            ("training", str(NEWEST), str(NEWEST)),
            ("refresh", str(COMING), str(COMING)),
            ("refresh", str(NEWEST), str(NEWEST)),
        ]
        logged = city.query("SELECT week, is_retraining, rule, run_key FROM monitoring.retraining_decisions")
        assert logged == [(NEWEST, True, "first_model", launched[1].run_key)]
        assert city.query("SELECT DISTINCT week FROM api.predictions") == [(NEWEST,)]
        assert city.status("inspection_queue", COMING) == "accepted"
        assert city.query("SELECT count(*) FROM api.queue_publications") == [(0,)], "that is for Friday"
        for name in ("revisions", "out_of_date"):
            assert not ticks.sensor(name).run_requests
        city.warehouse.engine.dispose()


def test_after_a_long_absence_the_missing_weeks_are_pulled(database_url: str, tmp_path: Path) -> None:
    with deployment(tmp_path, database_url, small_city()) as city:
        city.run("pull", FIRST, FIRST + WEEK * 9)
        (request,) = Ticks(city).sensor("revisions").run_requests or ()
        assert weeks_of(request) == (str(FIRST + WEEK * 10), str(NEWEST)), "all that is missing, as one range"
        city.warehouse.engine.dispose()


def test_a_portal_without_a_complete_week_is_waited_for(database_url: str, tmp_path: Path) -> None:
    with deployment(tmp_path, database_url, small_city().iloc[:0]) as city:
        tick = Ticks(city).sensor("revisions")
        assert not tick.run_requests
        assert tick.skip_message == f"{city.settings.portal_url} holds no complete week."
        city.warehouse.engine.dispose()
