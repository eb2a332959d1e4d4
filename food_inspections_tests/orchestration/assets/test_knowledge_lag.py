"""FOOD_INSPECTIONS_KNOWLEDGE_LAG_DAYS: what was inspected in the last so many days is not known to any forecast."""

from collections.abc import Iterator
from datetime import timedelta

import pandas as pd
import pytest

from food_inspections.domain import features
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.domain.first_city import build_establishment_features, build_features
from food_inspections_tests.orchestration.city import NEWEST
from food_inspections_tests.orchestration.shared_city import SharedCity

LAG_DAYS = 28
NAMES = [feature.name for feature in features.FEATURES if feature.kind == "numeric"]


@pytest.fixture(scope="module")
def late(shared_city: SharedCity) -> Iterator[SharedCity]:
    """The newest week again, where inspections become known four weeks late."""
    with shared_city.copy({"knowledge_lag_days": LAG_DAYS}) as city:
        city.make("inspection_features", "establishment_features", "inspection_queue", first=NEWEST)
        yield city


def history(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.read_up_to("clean_inspections", "data.clean_inspections", NEWEST).frame


def stored(city: SharedCity, asset: str, key: str) -> pd.DataFrame:
    """Rows of the newest week of an asset, by key."""
    return city.warehouse.read_table(asset, f"data.{asset}", [NEWEST], [NEWEST]).frame.set_index(key).sort_index()


def by_lag(city: SharedCity, lag_days: int) -> pd.DataFrame:
    """Features of the newest week's inspections, computed here."""
    visits = history(city.warehouse)
    newest = visits[visits["week"] == pd.Timestamp(NEWEST)]
    return build_features(newest, visits, knowledge_lag_days=lag_days).set_index("inspection_id").sort_index()


def places_by_lag(city: SharedCity, lag_days: int) -> pd.DataFrame:
    """Features of the establishments in business on the newest week's Monday, computed here."""
    visits = history(city.warehouse)
    last = NEWEST - timedelta(weeks=1)
    closures = city.warehouse.read_up_to("clean_inspections", "data.closures", last).frame
    before = visits[visits["week"] < pd.Timestamp(NEWEST)]
    rows = build_establishment_features(before, closures, NEWEST, knowledge_lag_days=lag_days)
    return rows.set_index("establishment_id").sort_index()


def test_features_of_inspections_are_those_of_the_lag(late: SharedCity, shared_city: SharedCity) -> None:
    found, usual = (stored(city, "inspection_features", "inspection_id") for city in (late, shared_city))

    pd.testing.assert_frame_equal(found[NAMES], by_lag(late, LAG_DAYS)[NAMES], check_dtype=False)
    pd.testing.assert_frame_equal(usual[NAMES], by_lag(late, 0)[NAMES], check_dtype=False)
    assert not found[NAMES].equals(usual[NAMES])


def test_features_of_establishments_are_those_of_the_lag(late: SharedCity, shared_city: SharedCity) -> None:
    found, usual = (stored(city, "establishment_features", "establishment_id") for city in (late, shared_city))

    pd.testing.assert_frame_equal(found[NAMES], places_by_lag(late, LAG_DAYS)[NAMES], check_dtype=False)
    pd.testing.assert_frame_equal(usual[NAMES], places_by_lag(late, 0)[NAMES], check_dtype=False)
    assert not found[NAMES].equals(usual.reindex(found.index)[NAMES])


def test_the_queue_ranks_by_what_was_known_then(late: SharedCity, shared_city: SharedCity) -> None:
    champion = late.warehouse.champion(NEWEST)
    model = late.warehouse.load_model(champion.object_key, champion.checksum)
    queue, usual = (stored(city, "inspection_queue", "establishment_id") for city in (late, shared_city))

    assert queue["score"].tolist() == model.score(places_by_lag(late, LAG_DAYS).loc[queue.index]).tolist()
    assert queue["rank"].to_dict() != usual["rank"].to_dict()
    assert queue["last_visit"].max() < pd.Timestamp(NEWEST - timedelta(days=LAG_DAYS)) <= usual["last_visit"].max()


def test_the_lag_is_on_record_beside_the_weeks(late: SharedCity) -> None:
    for asset in ("inspection_features", "establishment_features"):
        rows = late.frame(
            "SELECT parameters->>'knowledge_lag_days' AS days FROM metadata.latest_materializations "
            "WHERE asset = :asset AND week = :week",
            asset=asset,
            week=NEWEST,
        )
        assert rows["days"].tolist() == [str(LAG_DAYS)]
