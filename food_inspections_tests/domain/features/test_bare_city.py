"""A city that says next to nothing of its places: no kind, no risk, no postal code, no type of visit, no result."""

from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.city.loading import read_profile
from food_inspections.domain.features import build_establishment_features, build_features, features_of
from food_inspections.domain.inspections.cleaning import clean

PROFILE = read_profile(
    """
    [city]
    name = "Kestrel Bay"
    time_zone = "Pacific/Auckland"
    first_week = 2020-01-06

    [rows]
    grain = "inspection"
    key = "visit"

    [columns]
    date = "visited"
    name = "business"
    address = "street"

    [points]
    column = "hygiene"
    direction = "lower_is_worse"
    best = 50

    [labels]
    fail = { field = "points", at_least = 30 }
    """,
    "kestrel.toml",
)


def visits() -> pd.DataFrame:
    """Twelve places, each seen every twelve days; the worse its number, the worse its points."""
    return pd.DataFrame(
        {
            "visit": [f"V{number}" for number in range(240)],
            "visited": [str(day.date()) for day in pd.date_range("2020-01-06", periods=240)],
            "business": [f"The Gull {number % 12}" for number in range(240)],
            "street": [f"{number % 12} Cliff Walk" for number in range(240)],
            "hygiene": [str(48 - 3 * (number % 12)) for number in range(240)],
        },
        dtype=object,
    )


def test_its_places_are_told_apart_by_their_own_past_alone() -> None:
    cleaned = clean(visits(), PROFILE)

    features = build_features(cleaned.inspections, cleaned.inspections, PROFILE)

    own = [feature.name for feature in features_of(PROFILE)]
    assert "points_beyond" in own
    assert not [name for name in own if name.startswith(("zip_", "kind_", "near_", "chain_risk"))]
    assert np.isfinite(features[own].to_numpy(dtype=float)).all()
    settled = features[features["inspection_date"] >= "2020-07-01"]
    assert settled["points_mean"].corr(settled["points_last"]) > 0.9


def test_its_queue_has_every_place() -> None:
    cleaned = clean(visits(), PROFILE)

    places = build_establishment_features(cleaned.inspections, cleaned.closures, date(2020, 9, 7), PROFILE)

    assert len(places) == 12
    assert places["points_mean"].nunique() == 12
