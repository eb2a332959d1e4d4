"""The demo with a city of a few weeks: what it leaves, what it says, and what it refuses."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from food_inspections import demo, home_record
from food_inspections.demo import DemoWeeks, demo_data, demo_truth, run_demo
from food_inspections.environment import PREFIX
from food_inspections.errors import FoodInspectionsError
from food_inspections.orchestration.same_portal import require_same_portal
from food_inspections.settings import Settings
from food_inspections.storage.records import pulls
from food_inspections.storage.records.pulls import PulledWeek
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.chicago import PORTAL_FIELDS
from food_inspections_tests.conftest import new_database

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2024, 7, 10)
HISTORY_WEEKS = 20
MONITORED_WEEKS = 2


def test_the_plan_ends_with_the_newest_complete_week_and_names_the_coming_one() -> None:
    plan = DemoWeeks.as_of(date(2025, 3, 5))
    assert (plan.newest, plan.coming) == (date(2025, 2, 24), date(2025, 3, 10))
    assert DemoWeeks.as_of(date(2025, 3, 3)) == DemoWeeks.as_of(date(2025, 3, 9)), "Monday to Sunday"
    assert (plan.newest - plan.first).days // 7 + 1 == demo.HISTORY_WEEKS
    assert (plan.newest - plan.first_monitored).days // 7 + 1 == demo.MONITORED_WEEKS


@dataclass(frozen=True)
class Shown:
    """A demo that is over."""

    settings: Settings
    plan: DemoWeeks
    lines: list[str]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with Warehouse(self.settings).transaction() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]


@pytest.fixture(scope="module")
def shown(database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    home = tmp_path_factory.mktemp("home")
    lines: list[str] = []
    with new_database(database_server, database_template) as url, pytest.MonkeyPatch.context() as patch:
        address = url.render_as_string(hide_password=False)
        environment = {"DAGSTER_HOME": str(ROOT), f"{PREFIX}HOME": str(home), f"{PREFIX}DATABASE_URL": address}
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(demo, "HISTORY_WEEKS", HISTORY_WEEKS)
        patch.setattr(demo, "MONITORED_WEEKS", MONITORED_WEEKS)
        patch.setattr(demo, "ESTABLISHMENTS", 1_200)
        patch.setattr(demo, "_today", lambda _: TODAY)
        settings = Settings.from_environment()
        run_demo(settings, lines.append)
        yield Shown(settings, DemoWeeks.as_of(TODAY), lines)
        Warehouse(settings).engine.dispose()


def test_every_asset_has_run_for_the_weeks_of_the_plan(shown: Shown) -> None:
    found = dict(shown.query("SELECT asset, count(*) FROM metadata.accepted_weeks GROUP BY asset"))
    assert found["raw_inspections"] == found["inspection_features"] == HISTORY_WEEKS
    assert found["selected_model"] == found["bias_report"] == 2
    assert found["api_predictions"] == found["drift_report"] == MONITORED_WEEKS
    assert found["api_inspection_queue"] == MONITORED_WEEKS + 1
    assert shown.query("SELECT max(week) FROM api.inspection_queue") == [(shown.plan.coming,)]
    assert shown.query("SELECT count(*) FROM metadata.materializations WHERE status <> 'accepted'") == [(0,)]


def test_it_says_where_things_are_and_how_good_the_forecast_is_beside_the_ceiling(shown: Shown) -> None:
    said = "\n".join(shown.lines)
    assert f"Home: {shown.settings.home}" in said
    assert "knowing the city's hidden state itself gives 0." in said
    assert "food-inspections up" in said
    assert "Champion " in said
    assert said.count("  done in ") == sum(line.endswith(" ...") for line in shown.lines) == 11


def test_it_ends_with_the_first_five_places_and_why(shown: Shown) -> None:
    (heading,) = [number for number, line in enumerate(shown.lines) if line.startswith("Whom to visit first")]
    places = shown.lines[heading + 1 : heading + 11]
    assert f"in the week of {shown.plan.coming}, of " in shown.lines[heading]
    first, name, score, reasons = shown.query(
        "SELECT rank, dba_name, score, reasons FROM api.inspection_queue ORDER BY week DESC, rank LIMIT 1"
    )[0]
    assert places[0].startswith(f"  {first}. {name}, ")
    assert places[0].endswith(f": {score:.0%} likely to fail")
    assert reasons[0]["text"] in places[1]
    assert [line.split(".")[0].strip() for line in places[::2]] == ["1", "2", "3", "4", "5"]


def test_it_says_where_to_look(shown: Shown) -> None:
    said = "\n".join(shown.lines)
    assert f"{shown.settings.monitor_url}/queue" in said
    assert f"{shown.settings.api_url}/docs" in said


def test_a_second_demo_makes_nothing_again(shown: Shown) -> None:
    runs = "SELECT count(*) FROM dagster.runs"
    before, lines = shown.query(runs), []

    run_demo(shown.settings, lines.append)

    assert shown.query(runs) == before
    assert lines[lines.index("Everything is there already.") + 1 :] == shown.lines[shown.lines.index("") :]


def test_an_interrupted_demo_goes_on_where_it_was(shown: Shown) -> None:
    (queue,) = [step for step in demo.steps_of(shown.plan) if step.title == "Queue of the coming week"]
    (forecast, _) = [step for step in demo.steps_of(shown.plan) if step.title.startswith("Predictions")]
    warehouse = Warehouse(shown.settings)
    assert demo.weeks_to_make(warehouse, queue) == []
    with warehouse.transaction() as connection:
        connection.execute(
            text("DELETE FROM metadata.materializations WHERE asset = 'drift_report' AND week = :week"),
            {"week": forecast.last},
        )
        assert demo.weeks_to_make(warehouse, forecast) == []
        connection.commit()
    assert demo.weeks_to_make(warehouse, forecast) == [forecast.last]


def test_what_was_made_by_another_profile_is_made_again(shown: Shown) -> None:
    """Its staff correct it, and ask for the demo again."""
    steps = demo.steps_of(shown.plan)
    put = (
        "UPDATE metadata.materializations "
        "SET parameters = parameters || jsonb_build_object('profile', '{}') RETURNING 1"
    )
    before = [step.title for step in steps if demo.weeks_to_make(Warehouse(shown.settings), step)]
    shown.query(put.format("another"))

    made = {step.title: demo.weeks_to_make(Warehouse(shown.settings), step) for step in steps}

    assert len(made["Clean rows and features"]) == HISTORY_WEEKS
    assert made["Candidates, selection and bias report"] == [shown.plan.newest]
    shown.query(put.format(shown.settings.profile.parts["profile"]))
    assert [step.title for step in steps if demo.weeks_to_make(Warehouse(shown.settings), step)] == before


def test_a_demo_of_the_week_after_keeps_the_history_and_the_model(shown: Shown) -> None:
    warehouse = Warehouse(shown.settings)
    assert home_record.read(shown.settings.home).first_week == shown.plan.first
    later = DemoWeeks.as_of(TODAY + timedelta(weeks=1)).beginning_with(shown.plan.first)

    missing = {(step.title, *demo.weeks_to_make(warehouse, step)) for step in demo.steps_of(later)}

    assert ("Historical pull", later.newest) in missing
    assert [title for title, *weeks in missing if title.startswith("Candidates") and weeks] == []
    assert ("Queue of the coming week", later.coming) in missing


def test_the_query_it_suggests_can_be_run(shown: Shown) -> None:
    (line,) = [line for line in shown.lines if "db query" in line]
    assert len(shown.query(line.split("'")[1])) == 5


def test_the_city_is_kept_so_that_up_can_serve_it(shown: Shown) -> None:
    with gzip.open(demo_data(shown.settings.home), "rt") as file:
        assert set(PORTAL_FIELDS) <= set(next(csv.reader(file)))
    assert demo_truth(shown.settings.home).exists()


def test_it_can_be_shown_again_though_the_portal_has_another_port(shown: Shown) -> None:
    portals = {portal for (portal,) in shown.query("SELECT DISTINCT portal FROM metadata.pulls")}
    assert all(str(portal).startswith("http://127.0.0.1:") for portal in portals)
    require_same_portal(Warehouse(shown.settings), "http://127.0.0.1:1", shown.settings.dataset)


def test_a_home_that_holds_a_real_city_is_left_alone(settings: Settings) -> None:
    week = PulledWeek(date(2025, 1, 6), "consecutive", "https://data.cityofchicago.org", "4ijn-s7e5", 9, None)
    with Warehouse(settings).transaction() as connection:
        pulls.write(connection, "run", [week])

    with pytest.raises(FoodInspectionsError) as error:
        run_demo(settings, lambda _: None)
    assert str(error.value) == (
        f"{settings.home} holds inspections from https://data.cityofchicago.org (4ijn-s7e5), but "
        "FOOD_INSPECTIONS_PORTAL_URL names http://127.0.0.1 (4ijn-s7e5): set it back, or set FOOD_INSPECTIONS_HOME to "
        "a new folder."
    )
    assert not demo_data(settings.home).exists()
