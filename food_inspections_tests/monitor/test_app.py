"""The dashboard over HTTP, without a browser."""

import csv
import io
import json
import re
from dataclasses import replace
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from flask.testing import FlaskClient
from plotly.offline import get_plotlyjs_version
from sqlalchemy import Connection

from food_inspections.errors import SettingsError
from food_inspections.monitor import create_app
from food_inspections.monitor.pages import PAGES
from food_inspections.monitor.queries.reading import read
from food_inspections.monitor.routing.page import Page
from food_inspections.monitor.serving import plotly
from food_inspections.monitor.serving.downloads import as_csv
from food_inspections.settings import Settings
from food_inspections_tests.monitor.conftest import REPORT, Filled


@pytest.fixture(scope="module")
def client(filled: Filled) -> FlaskClient:
    return create_app(filled.settings).server.test_client()


def test_pages_may_load_from_the_dashboard_alone(client: FlaskClient) -> None:
    answer = client.get("/queue?show=all")
    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "https://" not in answer.text.replace("https:\\u002f\\u002fdash-version", "")
    assert "cdn" not in answer.text


def test_tiles_may_be_loaded_where_a_server_is_set(settings: Settings) -> None:
    app = create_app(replace(settings, map_tiles_url="https://{s}.tiles.example/{z}/{x}/{y}.png"))
    policy = app.server.test_client().get("/").headers["Content-Security-Policy"]
    assert "img-src 'self' data: https://*.tiles.example;" in policy


@pytest.mark.parametrize("stripped", [True, False])
def test_the_dashboard_lives_under_a_prefix_whether_the_proxy_strips_it_or_not(filled: Filled, stripped: bool) -> None:
    app = create_app(replace(filled.settings, monitor_url="https://city.example/food/monitor"))
    client = app.server.test_client()
    outside = "" if stripped else "/food/monitor"
    page = client.get(f"{outside}/queue")
    assert page.status_code == 200
    assert 'src="/food/monitor/assets/theme.js' in page.text
    assert '"requests_pathname_prefix":"\\u002ffood\\u002fmonitor\\u002f"' in page.text
    assert client.get(f"{outside}/_dash-layout").status_code == 200
    assert client.get(f"{outside}/assets/theme.js", buffered=True).status_code == 200
    assert client.get(f"{outside}/queue.csv").status_code == 200
    assert "/food/monitor/scores" in json.dumps(client.get(f"{outside}/_dash-layout").json)
    assert client.get("/food/monitorially").status_code == 200  # another page of ours, not the prefix


def test_scripts_are_kept_by_browsers_and_pages_are_not(client: FlaskClient) -> None:
    script = client.get(plotly.ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert script.status_code == 200
    assert script.headers["Content-Encoding"] == "gzip"
    # Another version has another address.
    assert version("plotly") in plotly.ADDRESS
    assert {"max-age=31536000", "immutable"} <= set(script.headers["Cache-Control"].split(", "))
    again = client.get(plotly.ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert again.data == script.data
    (other,) = set(re.findall(r'src="(/_dash-component-suites/dash/deps/react@[^"]+)"', client.get("/").text))
    assert "max-age" in client.get(other).headers["Cache-Control"]
    assert "max-age" not in client.get("/").headers.get("Cache-Control", "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_plotly_is_fetched_beside_the_pages_that_have_charts(client: FlaskClient, page: Page) -> None:
    preload = f'<link rel="preload" as="script" href="{plotly.ADDRESS}">'
    assert (preload in client.get(page.path).text) == page.has_charts


def test_charts_bring_the_basic_bundle_of_the_installed_plotly(client: FlaskClient) -> None:
    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}" in client.get(plotly.ADDRESS).text[:100]
    compressed = client.get(plotly.ADDRESS, headers={"Accept-Encoding": "zstd"})
    assert compressed.headers["Content-Encoding"] == "zstd"
    assert len(compressed.data) < 400_000


def test_the_csv_is_the_queue(client: FlaskClient, connection: Connection) -> None:
    answer = client.get("/queue.csv?show=all&sort=-score")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = pd.read_csv(io.StringIO(answer.text))
    table = read(
        connection,
        "SELECT rank, score FROM api.inspection_queue WHERE week = (SELECT max(week) FROM api.queue_publications) "
        "ORDER BY score DESC, rank",
    )
    assert list(rows["rank"]) == list(table["rank"])
    assert list(rows["score"]) == pytest.approx(list(table["score"]))
    assert rows["reasons"].str.contains("; ").any()
    filtered = pd.read_csv(io.StringIO(client.get("/queue.csv?show=all&type=Bakery&page=7").text))
    assert set(filtered["facility_type"]) == {"Bakery"}


def test_the_csv_of_checks_has_all_pages_of_the_selection(client: FlaskClient, connection: Connection) -> None:
    rows = pd.read_csv(io.StringIO(client.get("/checks.csv?span=all&only=failed&page=2").text))
    failed = read(
        connection,
        "SELECT count(*) FROM (SELECT DISTINCT ON (asset, check_name, week) passed FROM test.check_results "
        "ORDER BY asset, check_name, week, created_at DESC, run_id) AS newest WHERE NOT passed",
    )
    assert len(rows) == failed["count"][0] > 0
    assert not rows["passed"].any()


def test_a_cell_is_never_a_formula() -> None:
    text = as_csv(pd.DataFrame({"name": ["=HYPERLINK(1)", "@x", 'fine, "quoted"', "-1"], "score": [0.1, -0.5, 0.2, 1]}))
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "'@x", 'fine, "quoted"', "'-1"]
    assert [row[1] for row in rows[1:]] == ["0.1", "-0.5", "0.2", "1.0"]


def test_the_report_is_served_sandboxed(client: FlaskClient, filled: Filled) -> None:
    answer = client.get(f"/reports/drift/{filled.seeded.weeks[-1]}")
    assert answer.data == REPORT
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy
    assert "connect-src 'none'" in policy


@pytest.mark.parametrize("week", ["1999-01-04", "yesterday", "..%2f..%2fetc%2fpasswd"])
def test_a_report_that_is_not_there_is_told_in_words(client: FlaskClient, week: str) -> None:
    assert client.get(f"/reports/drift/{week}").status_code in (200, 404)
    if "%" not in week:
        assert client.get(f"/reports/drift/{week}").status_code == 404


def test_files_of_an_empty_or_absent_database_are_told_in_words(settings: Settings) -> None:
    empty = create_app(settings).server.test_client()
    assert empty.get("/queue.csv").status_code == 404
    down = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/x")).server.test_client()
    answer = down.get("/queue.csv")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_health_tells_the_process_from_the_database(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/health/live").json == {"status": "ok"}
    assert client.get("/health/ready").json == {"status": "ok"}
    down = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/x")).server.test_client()
    assert down.get("/health/live").status_code == 200
    answer = down.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["reason"] == "The database does not answer"


def test_a_selection_is_answered_with_few_components(client: FlaskClient, filled: Filled) -> None:
    body = {
        "output": "..content.children...page.data..",
        "outputs": [{"id": "content", "property": "children"}, {"id": "page", "property": "data"}],
        "inputs": [
            {"id": "visit", "property": "data", "value": {"pathname": "/pipeline", "search": "", "visit": 1}},
        ],
        "changedPropIds": ["visit.data"],
        "state": [],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["response"]["page"]["data"]["title"] == "Pipeline \u00b7 Food Inspections"
    # Twenty-five rows of seven cells each, and more: as components they would be hundreds.
    assert answer.text.count('"namespace"') < 60
    assert str(filled.seeded.rejected_week.day) in answer.text  # type: ignore[union-attr]


def test_the_ground_of_the_map_is_the_profiles_boundaries_or_where_the_places_are(
    filled: Filled, client: FlaskClient, tmp_path: Path
) -> None:
    found = client.get("/map/ground").json
    assert found is not None
    assert len(found["cells"]) > 100
    assert {label[2][:3] for label in found["labels"]} == {"606"}
    line = {"type": "LineString", "coordinates": [[-87.7, 41.8], [-87.6, 41.9]]}
    (tmp_path / "outline.geojson").write_text(json.dumps(line))
    profile = (files("food_inspections.cities") / "chicago.toml").read_text()
    profile = profile.replace("[map]\n", '[map]\nboundaries = "outline.geojson"\n')
    (tmp_path / "city.toml").write_text(profile)
    app = create_app(replace(filled.settings, city=str(tmp_path / "city.toml")))
    with_boundaries = app.server.test_client().get("/map/ground").json
    assert with_boundaries is not None
    assert [len(ring) for ring in with_boundaries["rings"]] == [4]
    assert "cells" not in with_boundaries
    app = create_app(replace(filled.settings, map_boundaries=str(tmp_path / "outline.geojson")))
    assert app.server.test_client().get("/map/ground").json == with_boundaries, (
        "a city of the program's needs a setting"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "MAP_BOUNDARIES, .*cannot be read"),
        ("<kml/>", "cannot be drawn"),
        ('{"type": "Polygon"}', "cannot be drawn"),
        ('{"type": "Point", "coordinates": [-87.7, 41.8]}', "no outline"),
        ('{"type": "LineString", "coordinates": [[1160000, 1900000], [1161000, 1901000]]}', "no position in degrees"),
    ],
)
def test_boundaries_that_cannot_be_drawn_are_refused_at_the_start(
    settings: Settings, tmp_path: Path, content: str | None, said: str
) -> None:
    path = tmp_path / "areas.geojson"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsError, match=said):
        create_app(replace(settings, map_boundaries=str(path)))


def test_freshness_changes_with_what_is_published_and_survives_a_database_that_is_away(
    client: FlaskClient, settings: Settings
) -> None:
    answer = client.get("/freshness")
    assert answer.json is not None
    assert answer.json["newest"] == client.get("/freshness").json["newest"]  # type: ignore[index]
    assert answer.headers["Cache-Control"] == "no-store"
    down = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/x")).server.test_client()
    assert down.get("/freshness").json == {"newest": None, "reason": "The database does not answer"}
