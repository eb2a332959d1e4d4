"""Features of cities that publish other things than the first one does."""

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain import features
from food_inspections.domain.city.findings import COUNT_COLUMNS
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.features import build_features, features_of
from food_inspections_tests.domain.histories import inspections, random_inspections

SCORING = load_profile("new_york")
BARE = load_profile("austin")
NOW: dict[str, object] = {"day": "2014-06-04", "inspection_id": 9_000}


def random_history(count: int = 150, seed: int = 5) -> pd.DataFrame:
    """Inspections of which some have no points, and one week no violations."""
    draw = np.random.default_rng(seed)
    history = random_inspections(count, seed)
    history = history.assign(points=np.where(draw.random(count) < 0.2, np.nan, draw.integers(0, 50, count)))
    is_silent = history["week"].eq(history["week"].sort_values().iloc[count // 2])
    return without_violations(history, is_silent)


def without_violations(history: pd.DataFrame, is_silent: "pd.Series[bool]") -> pd.DataFrame:
    counts = {name: history[name].astype("Int64").mask(is_silent) for name in COUNT_COLUMNS}
    return history.assign(**counts, is_critical=history["is_critical"].astype("boolean").mask(is_silent))


@pytest.mark.parametrize("city", ["chicago", "new_york", "austin"])
def test_the_past_of_each_day_alone_gives_the_same_features(city: str) -> None:
    profile, history = load_profile(city), random_history()
    names = [feature.name for feature in features_of(profile)]
    whole = build_features(history, history, profile)

    for day in whole["inspection_date"].unique():
        visits = history[history["inspection_date"] == day]
        alone = build_features(visits, history[history["inspection_date"] < day], profile)
        expected = whole[whole["inspection_date"] == day].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone[names], expected[names], check_exact=True)


@pytest.mark.parametrize("city", ["chicago", "new_york", "austin"])
def test_a_city_has_the_features_it_has_the_columns_for_and_no_others(city: str) -> None:
    profile, history = load_profile(city), random_history()
    built = build_features(history, history, profile)
    own = {feature.name for feature in features_of(profile)}
    others = [feature.name for feature in features.FEATURES if feature.name not in own and feature.kind == "numeric"]

    numbers = built[[feature.name for feature in features_of(profile) if feature.kind == "numeric"]]
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()
    assert others
    assert built[others].isna().all(axis=None)


def test_what_is_not_published_is_left_out() -> None:
    scoring, bare = ({feature.name for feature in features_of(profile)} for profile in (SCORING, BARE))

    assert {"points_mean", "own_last_topic_pests", "zip_failure_rate_30", "inspector_style_minor_violations"} <= scoring
    assert not scoring & {"near_visits_15", "risk", "inspector_failure_15", "visit_days_of_code", "own_complaints_365"}
    assert {"points_mean", "near_visits_15"} <= bare
    assert not bare & {"kind_visits_90", "facility_type", "own_critical_rate", "own_last_minor_violations"}


def described(*history: dict[str, object]) -> "pd.Series[float]":
    rows = inspections(*history).assign(points=[float(str(row.get("points", "nan"))) for row in history])
    return build_features(inspections(NOW), rows, SCORING).iloc[0]


def test_points_are_those_of_full_visits_that_were_scored() -> None:
    row = described(
        {"day": "2013-06-05", "points": 10},
        {"day": "2014-01-06", "points": 30},
        {"day": "2014-02-03", "points": 2, "inspection_type": "Canvass Re-Inspection"},
        {"day": "2014-03-03"},
    )

    assert (row["points_visits"], row["points_last"], row["points_last_of_any_kind"]) == (2, 30, 2)
    assert (row["points_recent_worst"], row["points_trend"], row["points_city_365"]) == (30, 20, 20)
    assert row["points_mean"] == pytest.approx((40 + 20) / 3)


def test_without_a_score_the_city_stands_in() -> None:
    row = described({"day": "2014-01-06", "points": 12, "establishment_id": "2"})

    assert row["points_visits"] == 0
    assert row["points_last"] == row["points_mean"] == row["points_recent_worst"] == row["points_city_365"] == 12
    assert row["points_trend"] == row["points_beyond"] == 0


def test_what_is_not_known_counts_neither_for_nor_against_a_place() -> None:
    history = inspections(
        {"day": "2014-01-06", "critical_violations": 1},
        {"day": "2014-02-03", "critical_violations": 0},
        {"day": "2014-03-03"},
    )
    unknown = without_violations(history, pd.Series([False, False, True]))

    silent = build_features(inspections(NOW), unknown, SCORING).iloc[0]
    shorter = build_features(inspections(NOW), unknown.iloc[:2], SCORING).iloc[0]

    for name in ("own_critical_rate", "own_last_critical_violations", "city_critical_rate", "own_surprise_critical"):
        assert silent[name] == shorter[name], name
    assert silent["own_visits"] == 3
