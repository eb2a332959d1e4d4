"""From an empty store to a forecast: the ticks alone, without a person."""

import importlib
from datetime import timedelta
from pathlib import Path

import pytest

from food_inspections_tests.orchestration.automation.conftest import Ticks, weeks_of, without_pages
from food_inspections_tests.orchestration.city import FIRST, NEWEST, deployment, small_city

WEEK = timedelta(weeks=1)


def test_the_automation_brings_an_empty_store_to_a_forecast(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        importlib.import_module("food_inspections.orchestration.automation.first_pull"), "RANGE_WEEKS", 25
    )
    with without_pages(), deployment(tmp_path, database_url, small_city()) as city:
        ticks = Ticks(city)
        ranges = []
        for name in ("revisions", "out_of_date"):
            assert not ticks.sensor(name).run_requests, "an empty store is the first pull's"
        while requests := ticks.sensor("first_pull").run_requests:
            (request,) = requests
            ranges.append(weeks_of(request))
            ticks.launch(request)
        middle = FIRST + WEEK * 25
        assert ranges == [(str(FIRST), str(middle - WEEK)), (str(middle), str(NEWEST))]
        assert ticks.sensor("first_pull").skip_message == f"The store holds weeks from {FIRST} on."
        assert not ticks.sensor("revisions").run_requests
        (first_model,) = ticks.sensor("retraining").run_requests or ()
        assert (first_model.job_name, weeks_of(first_model)) == ("training", (str(NEWEST), str(NEWEST)))
        ticks.launch(first_model)
        ticks.settle()
        assert city.query("SELECT DISTINCT week FROM api.predictions") == [(NEWEST,)]
        coming = NEWEST + WEEK * 2
        assert city.status("inspection_queue", coming) == "accepted"
        assert city.query("SELECT count(*) FROM api.queue_publications") == [(0,)], "that is for Friday"
        for name in ("first_pull", "revisions", "out_of_date"):
            assert not ticks.sensor(name).run_requests
        city.warehouse.engine.dispose()


def test_a_portal_without_a_complete_week_is_waited_for(database_url: str, tmp_path: Path) -> None:
    with deployment(tmp_path, database_url, small_city().iloc[:0]) as city:
        tick = Ticks(city).sensor("first_pull")
        assert not tick.run_requests
        assert tick.skip_message == f"{city.settings.portal_url} holds no complete week that is missing."
        city.warehouse.engine.dispose()
