from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain import features
from food_inspections.errors import DataError
from food_inspections_tests.domain.first_city import CITY, build_establishment_features, build_features, clean
from food_inspections_tests.domain.histories import inspections, random_inspections

OUTCOMES = ["label_fail", "label_critical", "serious_found"]

histories = st.builds(random_inspections, st.integers(1, 25), st.integers(0, 10_000), st.sampled_from([6, 60]))
quick = settings(max_examples=8, deadline=None)


def same(left, right):
    pd.testing.assert_frame_equal(left.reset_index(drop=True), right.reset_index(drop=True), check_exact=True)


def by(frame, column):
    return [rows for _, rows in frame.groupby(column, sort=True)]


NUMERIC = [feature.name for feature in features.features_of(CITY) if feature.kind == "numeric"]


def joined(parts):
    return pd.concat(parts, ignore_index=True)


@quick
@given(histories)
def test_deleting_the_day_and_all_later_ones_changes_nothing(history):
    whole = build_features(history, history)

    for day in whole["inspection_date"].unique():
        visits = history[history["inspection_date"] == day]
        alone = build_features(visits, history[history["inspection_date"] < day])
        same(alone, whole[whole["inspection_date"] == day])


@quick
@given(histories)
def test_each_week_alone_equals_all_weeks_to_the_bit(history):
    whole = build_features(history, history)

    same(joined([build_features(week, history) for week in by(history, "week")]), whole)


@quick
@given(histories, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(history, random):
    order = list(range(len(history)))
    random.shuffle(order)
    shuffled = history.iloc[order]

    same(build_features(shuffled, shuffled.iloc[::-1]), build_features(history, history))


@quick
@given(histories, st.integers(1, 20))
def test_what_is_younger_than_the_lag_is_not_known(history, lag):
    whole = build_features(history, history, knowledge_lag_days=lag)

    for day in whole["inspection_date"].unique():
        visits = history[history["inspection_date"] == day]
        known = history[history["inspection_date"] < day - pd.Timedelta(days=lag)]
        same(build_features(visits, known, knowledge_lag_days=lag), whole[whole["inspection_date"] == day])
        unlagged = build_features(visits, known)
        same(
            unlagged[["own_visits", "name_failure"]],
            whole.loc[whole["inspection_date"] == day, ["own_visits", "name_failure"]],
        )


@quick
@given(histories)
def test_outcomes_of_the_visits_themselves_have_no_influence(history):
    turned = history.assign(
        is_failure=~history["is_failure"], is_critical=~history["is_critical"], critical_violations=3, results="Fail"
    )
    day = history["inspection_date"].max()
    earlier, last, last_turned = (
        history[history["inspection_date"] < day],
        history[history["inspection_date"] == day],
        turned[history["inspection_date"] == day],
    )

    left = build_features(last, joined([earlier, last])).drop(columns=OUTCOMES)
    right = build_features(last_turned, joined([earlier, last_turned])).drop(columns=OUTCOMES)

    same(left, right)


@quick
@given(histories)
def test_establishments_know_nothing_from_the_monday_on(history):
    monday = history["week"].max().date()
    closures = pd.DataFrame({"establishment_id": [], "inspection_date": pd.to_datetime([])})

    whole = build_establishment_features(history, closures, monday)
    before = build_establishment_features(history[history["inspection_date"] < pd.Timestamp(monday)], closures, monday)

    same(whole, before)
    assert np.isfinite(whole[NUMERIC].to_numpy(dtype=float)).all()


def test_columns_types_and_labels():
    history = random_inspections(30, seed=1)
    built = build_features(history, history)

    assert tuple(built.columns) == features.INSPECTION_COLUMNS
    assert built["label_fail"].dtype == built["label_critical"].dtype == "int16"
    ordered = history.sort_values(["inspection_date", "inspection_id"])
    assert built["label_fail"].tolist() == ordered["is_failure"].astype(int).tolist()
    assert built["label_critical"].tolist() == ordered["is_critical"].astype(int).tolist()
    assert built["serious_found"].tolist() == ordered["serious_violations"].tolist()
    numbers = built[NUMERIC]
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()
    assert {str(dtype) for dtype in numbers.dtypes} == {"int64", "float64"}


def test_feature_names_are_distinct_described_and_free_of_labels_and_keys():
    names = [feature.name for feature in features.FEATURES]

    assert len(names) == len(set(names))
    assert all(len(feature.description) > 10 for feature in features.FEATURES)
    assert not {*OUTCOMES, "week", "inspection_id", "inspection_date"} & set(names)
    assert {feature.kind for feature in features.FEATURES} == {"numeric", "categorical"}


@pytest.mark.parametrize("count", [0, 3])
def test_empty_frames_keep_columns_and_types(count):
    history = random_inspections(3, seed=2)
    empty = history.iloc[:0]

    assert build_features(empty, history.iloc[:count]).dtypes.equals(build_features(history, history).dtypes)
    assert len(build_features(history.iloc[:count], empty)) == count
    closures = pd.DataFrame({"establishment_id": [], "inspection_date": pd.to_datetime([])})
    nobody = build_establishment_features(empty, closures, date(2014, 1, 6))
    assert tuple(nobody.columns) == features.ESTABLISHMENT_COLUMNS
    assert nobody.empty
    assert nobody.dtypes.equals(build_establishment_features(history, closures, date(2018, 9, 3)).dtypes)


def test_a_missing_column_is_an_error_that_names_it():
    history = inspections({})
    with pytest.raises(DataError, match="chain_key"):
        build_features(history, history.drop(columns="chain_key"))
    with pytest.raises(DataError, match="address"):
        build_features(history.drop(columns="address"), history)


@pytest.fixture(scope="module")
def real_inspections(real_data):
    raw = pd.read_csv(real_data / "window_2025-01_2025-03.csv.gz", dtype=str).astype(object)
    return clean(raw.where(raw.notna(), None)).inspections


@pytest.mark.real_data
def test_real_weeks_alone_equal_all_weeks(real_inspections):
    whole = build_features(real_inspections, real_inspections)

    same(joined([build_features(week, real_inspections) for week in by(real_inspections, "week")]), whole)


@pytest.mark.real_data
def test_real_days_see_nothing_of_themselves_or_later(real_inspections):
    whole = build_features(real_inspections, real_inspections)
    for day in whole["inspection_date"].unique()[::7]:
        visits = real_inspections[real_inspections["inspection_date"] == day]
        earlier = real_inspections[real_inspections["inspection_date"] < day]
        same(build_features(visits, earlier), whole[whole["inspection_date"] == day])
