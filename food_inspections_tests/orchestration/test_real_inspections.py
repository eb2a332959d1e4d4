"""The graph on nine weeks of real inspections: what a city really publishes goes through, and adds up."""

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import URL

from food_inspections_tests.conftest import execute
from food_inspections_tests.orchestration.city import Deployment, deployment

FIRST, NEWEST = date(2024, 12, 30), date(2025, 3, 3)
WEEKS = 10
SHAPE = {"ops": {"predictions_expectation": {"config": {"expectation": "shape"}}}}
FORECAST = " or ".join(
    f"key:{asset}"
    for asset in (
        "predictions",
        "establishment_features",
        "inspection_queue",
        "api_predictions",
        "api_inspection_queue",
        "score_distributions",
    )
)


@pytest.fixture(scope="module")
def published(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "window_2025-01_2025-03.csv.gz", dtype=str)


@pytest.fixture(scope="module")
def city(
    published: pd.DataFrame, database_server: URL, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Pulled and prepared in one range, trained and forecast for the newest week."""
    name = f"test_{uuid.uuid4().hex}"
    execute(database_server, f"CREATE DATABASE {name} TEMPLATE {database_template} STRATEGY FILE_COPY")
    url = database_server.set(database=name).render_as_string(hide_password=False)
    with deployment(tmp_path_factory.mktemp("real"), url, published) as deployed:
        deployed.prepare(FIRST, NEWEST)
        deployed.run("training", NEWEST)
        assert deployed.materialize(FORECAST, NEWEST).success
        yield deployed
        deployed.warehouse.engine.dispose()
    execute(database_server, f"DROP DATABASE {name} WITH (FORCE)")


def test_every_week_is_accepted_and_every_row_accounted_for(city: Deployment, published: pd.DataFrame) -> None:
    rows = city.query(
        "SELECT asset, count(*), sum(row_count) FROM metadata.accepted_weeks "
        "WHERE asset IN ('raw_inspections', 'clean_inspections', 'inspection_features') GROUP BY asset"
    )
    weeks = {asset: count for asset, count, _ in rows}
    total = {asset: total for asset, _, total in rows}
    dropped = city.query(
        "SELECT sum(value::int) FROM metadata.accepted_weeks, jsonb_each_text(parameters->'dropped') "
        "WHERE asset = 'clean_inspections'"
    )[0][0]
    assert set(weeks.values()) == {WEEKS}
    assert total["raw_inspections"] == len(published)
    assert total["clean_inspections"] + dropped == len(published)
    assert total["inspection_features"] == total["clean_inspections"]


def test_the_result_of_every_inspection_kept_is_the_portals(city: Deployment, published: pd.DataFrame) -> None:
    kept = dict(city.query("SELECT inspection_id, results FROM data.clean_inspections"))
    given = dict(zip(published["inspection_id"], published["results"], strict=True))
    assert kept == {name: given[name] for name in kept}
    assert set(kept.values()) == {"Pass", "Pass w/ Conditions", "Fail"}


def test_the_newest_week_is_forecast_whole_and_published(city: Deployment) -> None:
    visited = {
        row[0] for row in city.query("SELECT inspection_id FROM data.clean_inspections WHERE week = :w", w=NEWEST)
    }
    scores = dict(city.query("SELECT inspection_id, score FROM api.predictions WHERE week = :w", w=NEWEST))
    assert set(scores) == visited
    assert all(0 <= score <= 1 for score in scores.values())
    assert city.query("SELECT count(*) FROM data.predictions WHERE model_cutoff > inspection_date") == [(0,)]
    queued = city.query("SELECT count(*), min(rank), max(rank) FROM api.inspection_queue WHERE week = :w", w=NEWEST)
    assert queued[0][0] == queued[0][2] > 1_000
    assert queued[0][1] == 1


def test_the_failed_expectation_is_shown_and_nothing_new_is_published(city: Deployment) -> None:
    before = city.query("SELECT * FROM api.predictions ORDER BY inspection_id")

    assert not city.materialize("predictions", NEWEST, SHAPE).success
    assert city.status("predictions", NEWEST) == "rejected"
    found = city.query(
        "SELECT passed, expected, seen FROM test.check_results WHERE check_name = 'expectation' "
        "ORDER BY created_at DESC LIMIT 1"
    )
    assert not found[0][0]
    assert found[0][1:] == ("a single row", f"{len(before)} rows")
    assert not city.materialize("api_predictions", NEWEST).success
    assert city.query("SELECT * FROM api.predictions ORDER BY inspection_id") == before
