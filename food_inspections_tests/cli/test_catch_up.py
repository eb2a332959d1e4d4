"""Weeks brought up to date on a small city, from an empty store on: what runs, and what does not."""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import URL

from food_inspections.cli.catch_up import CatchUp
from food_inspections.errors import DataError, FoodInspectionsError, PortalError
from food_inspections_tests.conftest import execute
from food_inspections_tests.orchestration.automation.conftest import without_pages
from food_inspections_tests.orchestration.city import COMING, FIRST, NEWEST, WEEKS, Deployment, deployment, small_city

WEEK = timedelta(weeks=1)


@pytest.fixture(scope="module")
def city(
    database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    name = f"test_{uuid.uuid4().hex}"
    execute(database_server, f"CREATE DATABASE {name} TEMPLATE {database_template} STRATEGY FILE_COPY")
    url = database_server.set(database=name).render_as_string(hide_password=False)
    with without_pages(), deployment(tmp_path_factory.mktemp("city"), url, small_city()) as city:
        yield city
        city.warehouse.engine.dispose()
    execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")


def catch_up(city: Deployment, said: list[str] | None = None) -> CatchUp:
    say = (said if said is not None else []).append
    return CatchUp(city.settings, say, today=COMING, defs=city.defs, instance=nullcontext(city.instance))


def written_since(city: Deployment, sequence: int) -> set[tuple[str, date]]:
    return set(city.query("SELECT asset, week FROM metadata.materializations WHERE sequence > :s", s=sequence))


def sequence(city: Deployment) -> int:
    return city.query("SELECT coalesce(max(sequence), 0) FROM metadata.materializations")[0][0]


def serve(city: Deployment, frame: pd.DataFrame) -> None:
    city.portal.replace(frame)


# The tests of this module follow each other on one store: what the first makes, the next find.


def test_from_an_empty_store_one_call_makes_the_week(city: Deployment) -> None:
    said: list[str] = []
    # Pull and preparation, the model, the forecast.
    assert catch_up(city, said).run(NEWEST, NEWEST) == 3, "\n".join(said)
    assert said[0] == f"The store is empty: the history from {FIRST} on is pulled first."
    found = dict(city.query("SELECT asset, count(*) FROM metadata.accepted_weeks GROUP BY asset"))
    assert found["inspection_features"] == WEEKS
    assert {name for name, count in found.items() if count == 1} >= {
        "predictions",
        "api_predictions",
        "api_inspection_queue",
        "drift_report",
        "queue_performance",
        "selected_model",
    }


def test_asking_again_does_nothing(city: Deployment) -> None:
    before, said = sequence(city), []
    assert catch_up(city, said).run(NEWEST, NEWEST) == 0
    assert said == [f"{NEWEST}: up to date."]
    assert sequence(city) == before


def test_of_two_at_once_the_second_waits_and_finds_nothing_left_to_do(city: Deployment) -> None:
    before = sequence(city)
    said: dict[str, list[str]] = {"first": [], "second": []}
    runs: dict[str, int] = {}
    has_begun = threading.Event()

    def first() -> None:
        asked = catch_up(city, said["first"])
        launcher = asked._launcher

        @contextmanager
        def launching() -> Iterator[Any]:
            with launcher() as launch:
                has_begun.set()
                wait_until(lambda: bool(said["second"]))
                yield launch

        asked._launcher = launching  # type: ignore[method-assign]
        runs["first"] = asked.run(NEWEST, NEWEST, is_forced=True)

    thread = threading.Thread(target=first)
    thread.start()
    assert has_begun.wait(60)
    runs["second"] = catch_up(city, said["second"]).run(NEWEST, NEWEST)
    thread.join(60)

    assert runs == {"first": 1, "second": 0}
    waited, *others = said["second"]
    assert waited.startswith(f"Waiting: food-inspections run, process {os.getpid()} on ")
    assert others == [f"{NEWEST}: up to date."]
    pulls = [each for each in written_since(city, before) if each[0] == "raw_inspections"]
    assert pulls == [("raw_inspections", NEWEST)]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_dry_run_says_what_is_due_and_does_nothing(city: Deployment) -> None:
    before, said = sequence(city), []
    assert catch_up(city, said).run(COMING, COMING, is_dry=True) == 0
    assert f"Due: inspection_queue, {COMING}: missing" in said
    assert sequence(city) == before


def test_the_coming_week_gets_its_queue(city: Deployment) -> None:
    before = sequence(city)
    assert catch_up(city).run(COMING, COMING) == 1
    assert written_since(city, before) == {
        (asset, COMING)
        for asset in ("establishment_features", "inspection_queue", "api_inspection_queue", "inspection_plan")
    }


def test_weeks_too_far_ahead_or_in_the_wrong_order_are_refused(city: Deployment) -> None:
    with pytest.raises(DataError, match="too far ahead"):
        catch_up(city).run(COMING + WEEK * 2, COMING + WEEK * 2)
    with pytest.raises(DataError, match="give the earlier Monday first"):
        catch_up(city).run(NEWEST, FIRST)


def test_a_revised_row_reaches_what_is_made_of_it_and_nothing_else(city: Deployment) -> None:
    frame, week = small_city(), NEWEST - WEEK * 2
    row = frame.index[frame["inspection_date"].str.startswith(str(week + timedelta(days=1)))][0]
    frame.loc[row, "results"] = "Fail" if frame.loc[row, "results"] != "Fail" else "Pass"
    serve(city, frame)
    before = sequence(city)
    city.run("pull", week)
    assert catch_up(city).run(NEWEST, NEWEST) > 0
    written = written_since(city, before)
    assert {each for each in written if each[0] in ("raw_inspections", "clean_inspections")} == {
        ("raw_inspections", week),
        ("clean_inspections", week),
    }
    assert ("inspection_features", NEWEST) in written
    assert {asset for asset, _ in written} <= {
        "raw_inspections", "clean_inspections", "inspection_features", "predictions", "api_predictions",
        "score_distributions", "drift_report", "queue_performance",
    }, "models and published queues never become stale"  # fmt: skip
    assert catch_up(city).run(NEWEST, NEWEST) == 0


def test_pulling_the_same_again_launches_nothing_below(city: Deployment) -> None:
    city.run("pull", NEWEST)
    before = sequence(city)
    assert catch_up(city).run(NEWEST, NEWEST) == 0
    assert sequence(city) == before


def test_an_inspection_whose_date_moved_leaves_its_old_week_in_the_same_commit(city: Deployment) -> None:
    frame, old, new = small_city(), NEWEST - WEEK * 5, NEWEST
    row = frame.index[frame["inspection_date"].str.startswith(str(old + timedelta(days=1)))][0]
    moved = frame.loc[row, "inspection_id"]
    frame.loc[row, "inspection_date"] = frame.loc[row, "inspection_date"].replace(
        str(old + timedelta(days=1)), str(new + timedelta(days=1))
    )
    serve(city, frame)
    run_id = city.run("pull", new)
    commits = city.query(
        "SELECT week, xmin::text FROM metadata.pulled_inspections WHERE inspection_id = :i", i=str(moved)
    )
    assert [week for week, _ in commits] == [new]
    written = city.query(
        "SELECT week, status, parameters->'moved_with' FROM metadata.materializations WHERE run_id = :r ORDER BY 1",
        r=run_id,
    )
    assert written == [(old, "accepted", [str(new)]), (new, "accepted", [str(old)])]
    before = sequence(city)
    catch_up(city).run(NEWEST, NEWEST)
    runs = city.query(
        "SELECT DISTINCT run_id FROM metadata.materializations WHERE sequence > :s AND asset = 'clean_inspections'",
        s=before,
    )
    assert len(runs) == 1, "both weeks lose and gain it in one transaction"
    assert city.query("SELECT week FROM data.clean_inspections WHERE inspection_id = :i", i=str(moved)) == [(new,)]


def test_force_makes_the_week_again_but_no_model(city: Deployment) -> None:
    before = sequence(city)
    assert catch_up(city).run(NEWEST, NEWEST, is_forced=True) == 1
    written = written_since(city, before)
    assert {week for _, week in written} == {NEWEST}
    assert {"raw_inspections", "predictions", "api_inspection_queue"} <= {asset for asset, _ in written}
    assert not [asset for asset, _ in written if asset.endswith("_model")]
    assert catch_up(city).run(NEWEST, NEWEST) == 0


def test_steps_go_to_the_executor_of_the_settings(city: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    from food_inspections import definitions  # noqa: PLC0415 - reads the environment when it is imported

    launched: list[object] = []

    def launch(defs: object, *_: object, **__: object) -> None:
        launched.append(defs)
        raise FoodInspectionsError("far enough")

    monkeypatch.setattr("food_inspections.cli.catch_up.run_job", launch)
    settings = replace(city.settings, executor="multiprocess")
    asked = CatchUp(settings, lambda _: None, today=COMING, instance=nullcontext(city.instance))

    with pytest.raises(FoodInspectionsError, match="far enough"):
        asked.run(NEWEST, NEWEST, is_forced=True)

    # Only these can be found again by the processes that run the steps.
    assert [defs is definitions.defs for defs in launched] == [True]


def test_a_rejected_week_is_made_again_when_asked_for(city: Deployment) -> None:
    config = {"ops": {"predictions_expectation": {"config": {"expectation": "shape"}}}}
    assert not city.materialize("key:predictions", NEWEST, config).success
    assert catch_up(city).run(NEWEST, NEWEST) == 1
    assert city.status("predictions", NEWEST) == "accepted"


def test_weeks_that_another_run_is_at_work_on_are_waited_for(city: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = "UPDATE metadata.materializations SET status = :s WHERE sequence = :n RETURNING run_id"
    newest = "SELECT max(sequence) FROM metadata.materializations WHERE (asset, week) = ('predictions', :w)"
    ((number,),) = city.query(newest, w=NEWEST)
    ((run_id,),) = city.query(mark, s="pending", n=number)
    monkeypatch.setattr("food_inspections.storage.records.active_runs.active_runs", lambda _: {run_id})
    before, said = sequence(city), []

    with pytest.raises(FoodInspectionsError, match="another run is at work on it"):
        catch_up(city, said).run(NEWEST, NEWEST)

    assert f"Note: predictions of {NEWEST}: being made by run {run_id}" in said
    assert not {asset for asset, _ in written_since(city, before)} & {"predictions", "api_predictions"}
    city.query(mark, s="accepted", n=number)


def test_beside_a_run_under_way_nothing_is_begun(city: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("food_inspections.storage.records.active_runs.runs_under_way", lambda _: {"the automation's"})
    before = sequence(city)

    with pytest.raises(FoodInspectionsError, match="Run the automation's is at work on this deployment: wait for it"):
        catch_up(city).run(NEWEST, NEWEST, is_forced=True)

    assert written_since(city, before) == set()
    assert catch_up(city).run(NEWEST, NEWEST, is_dry=True) == 0, "what is due is told all the same"


def test_another_citys_portal_is_refused(city: Deployment) -> None:
    elsewhere = replace(city, settings=replace(city.settings, portal_url="https://data.example.org"))
    with pytest.raises(PortalError, match=r"inspections from http://127.*set it to a local portal again"):
        catch_up(elsewhere).run(NEWEST, NEWEST, is_forced=True)
