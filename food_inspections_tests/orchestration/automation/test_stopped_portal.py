"""A data set that gets no more rows: people are told, forecasts go on from what is known, no model is made of it."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from food_inspections.cli.catch_up import CatchUp
from food_inspections.orchestration.automation import notifications
from food_inspections_tests.orchestration.automation.conftest import Ticks, without_pages
from food_inspections_tests.orchestration.city import NEWEST
from food_inspections_tests.orchestration.shared_city import SECOND_CUTOFF, SharedCity

WEEK = timedelta(weeks=1)
CHECK = "inspections_still_arrive"
SILENT = NEWEST + WEEK * 9
"""A Monday whose newest inspections are more than two months old."""


@pytest.fixture(scope="module")
def ticks(shared_city: SharedCity) -> Iterator[Ticks]:
    """A copy of the city, whose portal gets no more rows."""
    with without_pages(), shared_city.copy({}) as city:
        yield Ticks(city.deployed)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the webhook got."""
    got: list[str] = []
    monkeypatch.setattr(notifications, "post", lambda text, *_: got.append(text))
    return got


def evaluations(tick: Any) -> list[dg.AssetCheckEvaluation]:
    return [event for event in tick.asset_events if event.check_name == CHECK]


def test_four_weeks_of_silence_are_none(ticks: Ticks, told: list[str]) -> None:
    (evaluation,) = evaluations(ticks.at(NEWEST + WEEK * 4).sensor("freshness"))

    assert evaluation.passed
    assert told == []


def test_after_that_the_check_fails_and_people_are_told_once(ticks: Ticks, told: list[str]) -> None:
    quiet = ticks.at(NEWEST + WEEK * 4).sensor("freshness")
    tick = ticks.at(NEWEST + WEEK * 5).sensor("freshness", quiet.cursor)

    (evaluation,) = evaluations(tick)
    assert not evaluation.passed
    assert evaluation.metadata["seen"].value == str(NEWEST)
    assert told == [evaluation.description]
    assert told[0].startswith(f"the newest inspections are of the week of {NEWEST}: http://127.0.0.1:")
    assert "may have stopped, or moved to another data set" in told[0]
    assert not evaluations(ticks.at(NEWEST + WEEK * 6).sensor("freshness", tick.cursor))
    assert len(told) == 1


def test_the_check_can_be_run_by_hand(ticks: Ticks) -> None:
    defs = ticks.at(SILENT).defs
    key = dg.AssetCheckKey(dg.AssetKey("raw_inspections"), CHECK)
    job = dg.define_asset_job("look", dg.AssetSelection.checks(key))
    looked = dg.Definitions.merge(defs, dg.Definitions(jobs=[job])).resolve_job_def("look")

    result = looked.execute_in_process(instance=ticks.city.instance)

    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_no_model_is_asked_for_that_nothing_could_be_judged_by(ticks: Ticks) -> None:
    tick = ticks.at(SILENT + timedelta(days=1), 6).schedule("training")

    assert not tick.run_requests
    assert tick.skip_message == f"There are no inspections since the week of {NEWEST} to judge another model by."


def test_the_forecast_goes_on_from_what_is_known_and_says_so(ticks: Ticks) -> None:
    said: list[str] = []
    city = ticks.city
    catch_up = CatchUp(city.settings, said.append, today=SILENT, defs=city.defs, instance=nullcontext(city.instance))

    catch_up.run(SILENT, SILENT)

    queue = "SELECT count(*), min(model_cutoff) FROM api.inspection_queue WHERE week = :week"
    ((places, cutoff),) = city.query(queue, week=SILENT)
    assert places > 100
    assert cutoff == SECOND_CUTOFF
    notes = [line for line in said if line.startswith("Note: ")]
    assert any(f"the model of {SECOND_CUTOFF} is" in note and "serves on" in note for note in notes)
    assert any(f"the newest inspections are of the week of {NEWEST}: the portal may have stopped" in n for n in notes)


def test_a_portal_that_wakes_up_is_fresh_again(ticks: Ticks, told: list[str]) -> None:
    alarm = ticks.at(NEWEST + WEEK * 5).sensor("freshness")
    again = ticks.at(NEWEST + WEEK * 3).sensor("freshness", alarm.cursor)

    (evaluation,) = evaluations(again)
    assert evaluation.passed
    assert len(told) == 1
