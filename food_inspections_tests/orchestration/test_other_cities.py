"""Cities of other shapes, by a profile alone: drafted, checked, and carried through the whole graph."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from plotly.utils import PlotlyJSONEncoder
from sqlalchemy import URL

from food_inspections.domain.city.draft import draft_profile, open_guesses
from food_inspections.domain.city.draft_fields import Column
from food_inspections.domain.city.examination import examine
from food_inspections.domain.city.loading import load_profile, read_profile
from food_inspections.domain.city.visits import DUPLICATE
from food_inspections.errors import FoodInspectionsError
from food_inspections.monitor.pages import PAGES
from food_inspections.monitor.routing import router
from food_inspections.monitor.routing.page import Page, Site
from food_inspections.portal.server import PortalServer
from food_inspections.storage.postgres import tables
from food_inspections_tests.conftest import new_database
from food_inspections_tests.orchestration.city import Deployment, deployment_over
from food_inspections_tests.other_cities import FIRST, HARBOR, LAKESIDE, harbor, lakeside

WEEKS = 40
NEWEST = FIRST + timedelta(weeks=WEEKS - 1)
CITIES = pytest.mark.parametrize(
    ("name", "text", "rows"), [("lakeside", LAKESIDE, lakeside), ("harbor", HARBOR, harbor)]
)

OF_THE_FIRST_CITY = re.compile(
    r"chicago|illinois|canvass|4ijn-s7e5|cityof|subway|1222267|risk \d \(|pass w/"
    r"|\b606\d\d\b|-87\.[5-9]\d",
    re.IGNORECASE,
)
"""Words of the first city's profile and portal, and its place on the map."""

ANSWERS = """
import json
from food_inspections.api import create_app
from food_inspections.settings import Settings
client = create_app(Settings.from_environment()).test_client()
paths = json.loads(client.get("/openapi.json").get_data(as_text=True))["paths"]
first = client.get("/api/v1/inspection-queue").json[0]
place, week = first["establishment_id"], first["week"]
wanted = ["/openapi.json", "/docs/"]
for path, methods in paths.items():
    if "get" in methods:
        wanted.append(path.replace("{establishment_id}", place).replace("{week}", week))
answers = {path: client.get(path) for path in wanted if "{" not in path}
print(json.dumps({path: (answer.status_code, answer.get_data(as_text=True)) for path, answer in answers.items()}))
"""


@contextmanager
def deployed(name: str, text: str, rows: pd.DataFrame, folder: Path, database_url: str) -> Iterator[Deployment]:
    """The city on a portal of its own."""
    path = folder / f"{name}.toml"
    path.write_text(text)
    changes = {"city": str(path), "dataset": "inspections"}
    with (
        PortalServer(rows, profile=load_profile(path)) as portal,
        deployment_over(portal, folder / "home", database_url, **changes) as city,
    ):
        yield city


@CITIES
def test_a_draft_finds_what_a_person_would_and_loads(name: str, text: str, rows: object) -> None:
    sample = rows(60)  # type: ignore[operator]  # a function of the number of weeks
    drafted = draft_profile([Column(str(column)) for column in sample.columns], sample, name)

    profile, written = read_profile(drafted, name), read_profile(text, name)
    assert open_guesses(drafted)
    assert profile.rows.grain == written.rows.grain
    assert profile.columns.date == written.columns.date
    assert profile.rows.date_format in (written.rows.date_format, None)


@CITIES
def test_a_written_profile_can_be_trusted(name: str, text: str, rows: object) -> None:
    seen = examine(rows(60), read_profile(text, name), date(2019, 3, 1))  # type: ignore[operator]

    assert seen.problems == []
    assert len(seen.unmapped) == 0
    assert set(seen.dropped) <= {DUPLICATE}, "a file has no row ids to tell two like violations apart"


@pytest.fixture(
    scope="module", params=[("lakeside", LAKESIDE, lakeside), ("harbor", HARBOR, harbor)], ids=lambda c: c[0]
)
def made(
    request: pytest.FixtureRequest,
    database_server: URL,
    database_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Deployment, int]]:
    """A city carried through the whole graph, and how many rows its portal has."""
    name, text, rows = request.param
    served = rows(WEEKS)
    with (
        new_database(database_server, database_template) as url,
        deployed(name, text, served, tmp_path_factory.mktemp(name), url.render_as_string(hide_password=False)) as city,
    ):
        city.prepare(FIRST, NEWEST)
        city.run("training", NEWEST)
        city.run("publish", NEWEST)
        city.forecast(NEWEST)
        yield city, len(served)
        city.warehouse.engine.dispose()


def test_the_whole_graph_runs_on_a_profile(made: tuple[Deployment, int]) -> None:
    city, row_count = made

    bad = city.query("SELECT asset, week, status FROM metadata.materializations WHERE status <> 'accepted'")
    assert bad == []
    with city.warehouse.snapshot() as connection:
        queue = tables.read_query(connection, "SELECT * FROM api.inspection_queue ORDER BY rank")
        kept = tables.read_query(connection, "SELECT * FROM data.clean_inspections")
    pulled = city.query("SELECT sum(row_count) FROM metadata.materializations WHERE asset = 'raw_inspections'")
    assert pulled == [(row_count,)], "like violations too"
    assert set(queue["establishment_id"]) == set(kept["establishment_id"])
    assert queue["score"].between(0, 1).all()
    assert all(reasons for reasons in queue["reasons"])
    assert kept["latitude"].isna().all()
    profile = load_profile(city.settings.city)
    assert kept["points"].notna().any() == ("points" in profile.provides)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_says_a_word_of_the_first_city(made: tuple[Deployment, int], page: Page) -> None:
    city, _ = made
    (place,) = city.query("SELECT establishment_id FROM api.inspection_queue ORDER BY rank LIMIT 1")[0]

    for search in ("", f"?establishment={place}&show=all"):
        address = {"pathname": page.path, "search": search, "visit": 1}
        content, _ = router.draw_visit(Site(city.settings), {each.path: each for each in PAGES}, address)
        drawn = json.dumps(content, cls=PlotlyJSONEncoder)
        assert "could not be drawn" not in drawn
        assert OF_THE_FIRST_CITY.findall(drawn) == []


def test_no_answer_says_a_word_of_the_first_city(made: tuple[Deployment, int]) -> None:
    """Every list, and the specification, as a process of the city's own serves them."""
    city, _ = made
    environment = {
        **os.environ,
        "FOOD_INSPECTIONS_CITY": city.settings.city,
        "FOOD_INSPECTIONS_HOME": str(city.settings.home),
        "FOOD_INSPECTIONS_DATABASE_URL": str(city.settings.database_url),
    }
    shown = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", ANSWERS], env=environment, check=True, capture_output=True, text=True, timeout=120
    ).stdout
    answers = json.loads(shown)

    # The first place of the queue need not have been visited lately.
    refused = {path for path, (status, _) in answers.items() if status != 200}
    assert {path.rpartition("/")[2] for path in refused} <= {"last-visit-prediction"}
    assert len(answers) > 10
    said = {path: OF_THE_FIRST_CITY.findall(text) for path, (_, text) in answers.items()}
    assert {path: words for path, words in said.items() if words} == {}


def test_a_column_that_the_portal_renames_names_itself_and_the_file(tmp_path: Path, database_url: str) -> None:
    rows = lakeside(2)
    with deployed("lakeside", LAKESIDE, rows, tmp_path, database_url) as city:
        city.portal.replace(rows.rename(columns={"grade": "grades"}))

        with pytest.raises(FoodInspectionsError) as refusal:
            city.prepare(FIRST)

        assert "the data set has no column 'grade', but 'grades': was it renamed? Correct " in str(refusal.value)
        assert str(tmp_path / "lakeside.toml") in str(refusal.value)
        assert city.query("SELECT count(*) FROM metadata.materializations") == [(0,)]
        city.warehouse.engine.dispose()
