"""Cities of other shapes, by a profile alone: drafted, checked, and carried through the whole graph."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from food_inspections.domain.city.draft import draft_profile, open_guesses
from food_inspections.domain.city.draft_fields import Column
from food_inspections.domain.city.examination import examine
from food_inspections.domain.city.loading import load_profile, read_profile
from food_inspections.domain.city.visits import DUPLICATE
from food_inspections.portal.server import PortalServer
from food_inspections.storage.postgres import tables
from food_inspections_tests.orchestration.city import Deployment, deployment_over
from food_inspections_tests.other_cities import FIRST, HARBOR, LAKESIDE, harbor, lakeside

WEEKS = 40
NEWEST = FIRST + timedelta(weeks=WEEKS - 1)
CITIES = pytest.mark.parametrize(
    ("name", "text", "rows"), [("lakeside", LAKESIDE, lakeside), ("harbor", HARBOR, harbor)]
)


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


@CITIES
def test_the_whole_graph_runs_on_a_profile(
    name: str, text: str, rows: object, tmp_path: Path, database_url: str
) -> None:
    with deployed(name, text, rows(WEEKS), tmp_path, database_url) as city:  # type: ignore[operator]
        city.prepare(FIRST, NEWEST)
        city.run("training", NEWEST)
        city.run("publish", NEWEST)
        city.forecast(NEWEST)

        bad = city.query("SELECT asset, week, status FROM metadata.materializations WHERE status <> 'accepted'")
        assert bad == []
        with city.warehouse.snapshot() as connection:
            queue = tables.read_query(connection, "SELECT * FROM api.inspection_queue ORDER BY rank")
            kept = tables.read_query(connection, "SELECT * FROM data.clean_inspections")
        pulled = city.query("SELECT sum(row_count) FROM metadata.materializations WHERE asset = 'raw_inspections'")
        assert pulled == [(len(rows(WEEKS)),)], "like violations too"  # type: ignore[operator]
        assert len(queue) == kept["establishment_id"].nunique()
        assert queue["score"].between(0, 1).all()
        assert all(reasons for reasons in queue["reasons"])
        assert kept["latitude"].isna().all()
        profile = load_profile(city.settings.city)
        assert kept["points"].notna().any() == ("points" in profile.provides)
