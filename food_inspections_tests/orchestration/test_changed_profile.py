"""A city's staff correct its profile: everything that was made by the old one is made again, once."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from food_inspections.cli.catch_up import CatchUp
from food_inspections.domain.city.loading import load_profile
from food_inspections.portal.server import PortalServer
from food_inspections_tests.orchestration.automation.conftest import without_pages
from food_inspections_tests.orchestration.city import Deployment, deployment_over
from food_inspections_tests.other_cities import FIRST, LAKESIDE, lakeside

WEEKS = 40
NEWEST = FIRST + timedelta(weeks=WEEKS - 1)
WORDS = '[wording]\nfirst_look = "yearly visit"'


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> Iterator[Deployment]:
    path = tmp_path / "lakeside.toml"
    path.write_text(LAKESIDE)
    rows = lakeside(WEEKS)
    with (
        without_pages(),
        PortalServer(rows, profile=load_profile(path)) as portal,
        deployment_over(
            portal, tmp_path / "home", database_url, city=str(path), dataset="inspections", first_week=FIRST
        ) as city,
    ):
        yield city
        city.warehouse.engine.dispose()


def written(city: Deployment) -> set[tuple[str, date]]:
    """What a catching-up writes, by asset and week."""
    last = "SELECT coalesce(max(sequence), 0) FROM metadata.materializations"
    since = city.query(last)[0][0]
    today = NEWEST + timedelta(weeks=1)
    CatchUp(city.settings, lambda _: None, today=today, defs=city.defs, instance=nullcontext(city.instance)).run(
        NEWEST, NEWEST
    )
    return set(city.query("SELECT asset, week FROM metadata.materializations WHERE sequence > :s", s=since))


def edit(city: Deployment, old: str, new: str) -> None:
    path = Path(city.settings.city)
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def failures(city: Deployment) -> int:
    return int(city.query("SELECT count(*) FROM data.clean_inspections WHERE is_failure")[0][0])


def serving(city: Deployment) -> list[Any]:
    return city.query("SELECT selection_id, parameters ->> 'profile' FROM models.champion(:week, 'fail') AS c "
                      "JOIN metadata.materializations AS m ON m.run_id = c.run_id AND m.asset = 'selected_model'",
                      week=NEWEST)  # fmt: skip


def test_the_whole_forecast_follows_the_profile(city: Deployment) -> None:
    written(city)
    assert written(city) == set(), "up to date"
    before, fewer = serving(city), failures(city)

    edit(city, 'is = ["C", "Closed"]', 'is = ["B", "C", "Closed"]')
    made = written(city)

    weeks = {asset: sum(name == asset for name, _ in made) for asset, _ in made}
    assert weeks["clean_inspections"] == weeks["inspection_features"] == WEEKS
    assert weeks["selected_model"] == weeks["predictions"] == weeks["drift_report"] == 1
    assert not {"raw_inspections", "api_inspection_queue"} & set(weeks), "rows stay, a published queue is history"
    assert failures(city) > fewer
    assert serving(city) != before
    assert serving(city)[0][1] == load_profile(city.settings.city).parts["profile"]
    assert written(city) == set(), "once"

    edit(city, WORDS, '[wording]\nfirst_look = "annual visit"')
    assert {asset for asset, _ in written(city)} <= {
        "predictions", "api_predictions", "score_distributions", "drift_report", "queue_performance",
    }, "other words, the same rows"  # fmt: skip
    assert written(city) == set()
