from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain.learning.splits import before, rolling_folds, split, split_dates
from food_inspections.errors import DataError
from food_inspections_tests.domain.model_frames import FIRST_DAY, feature_rows

CUTOFF = FIRST_DAY + timedelta(weeks=40)


def test_long_history_gives_eight_weeks_to_validate_and_eight_to_calibrate():
    dates = split_dates(FIRST_DAY, CUTOFF)
    assert (dates.fit_from, dates.calibrate_from, dates.validate_from) == (
        FIRST_DAY,
        CUTOFF - timedelta(weeks=16),
        CUTOFF - timedelta(weeks=8),
    )


@pytest.mark.parametrize(("weeks", "part"), [(31, 7), (20, 5), (4, 1), (32, 8)])
def test_under_32_weeks_the_last_two_quarters_are_held_out(weeks, part):
    cutoff = FIRST_DAY + timedelta(weeks=weeks)
    dates = split_dates(FIRST_DAY, cutoff)
    assert cutoff - dates.validate_from == timedelta(weeks=part)
    assert dates.validate_from - dates.calibrate_from == timedelta(weeks=part)


def test_history_that_starts_within_a_week_counts_from_its_monday():
    assert split_dates(FIRST_DAY + timedelta(days=3), CUTOFF).fit_from == FIRST_DAY


def test_parts_hold_every_row_before_the_cutoff_once_in_order_of_time():
    rows = feature_rows()
    parts = split(rows.sample(frac=1, random_state=1), "fail", FIRST_DAY + timedelta(weeks=36))
    joined = pd.concat([parts.fit, parts.calibrate, parts.validate])
    expected = rows[rows["inspection_date"] < pd.Timestamp(parts.dates.cutoff)]
    assert joined["inspection_id"].tolist() == expected["inspection_id"].tolist()
    assert parts.calibrate["inspection_date"].min() >= pd.Timestamp(parts.dates.calibrate_from)
    assert parts.validate["inspection_date"].min() >= pd.Timestamp(parts.dates.validate_from)
    assert parts.fit["inspection_date"].max() < pd.Timestamp(parts.dates.calibrate_from)
    assert parts.calibrate["inspection_date"].max() < pd.Timestamp(parts.dates.validate_from)


def test_cutoff_must_be_a_monday():
    with pytest.raises(DataError, match="no Monday: use 2013-10-14 or 2013-10-21"):
        split_dates(FIRST_DAY, date(2013, 10, 15))


def test_no_history_is_named():
    with pytest.raises(DataError, match="no inspections before 2012-01-02"):
        before(feature_rows(), date(2012, 1, 2))


def test_three_weeks_are_too_few():
    with pytest.raises(DataError, match=r"3 weeks: .* Pull earlier weeks, or choose a later cutoff\."):
        split_dates(FIRST_DAY, FIRST_DAY + timedelta(weeks=3))


def test_part_with_few_rows_is_named_with_its_days():
    with pytest.raises(
        DataError, match=r"calibrate part \(2013-06-24 to 2013-08-18\) has \d+ inspections: at least 50"
    ):
        split(feature_rows(rows=150), "fail", CUTOFF)


def test_part_with_one_class_is_named():
    rows = feature_rows()
    rows.loc[rows["inspection_date"] >= pd.Timestamp(CUTOFF - timedelta(weeks=8)), "label_fail"] = 0
    with pytest.raises(DataError, match=r"validate part .* has no inspections with label 'fail'"):
        split(rows, "fail", CUTOFF)


@settings(max_examples=25, deadline=None)
@given(weeks=st.integers(4, 200), folds=st.integers(1, 4), fold_weeks=st.integers(1, 12))
def test_no_fold_is_fitted_on_what_it_is_judged_on(weeks, folds, fold_weeks):
    rows = feature_rows(rows=1_500, weeks=weeks)
    end = FIRST_DAY + timedelta(weeks=weeks)
    found = rolling_folds(rows, "fail", end, folds=folds, fold_weeks=fold_weeks)
    for fold in found:
        assert fold.past["inspection_date"].max() < pd.Timestamp(fold.origin) <= fold.ahead["inspection_date"].min()
    ahead = pd.concat([fold.ahead for fold in found])
    assert ahead["inspection_id"].is_unique
    assert ahead["inspection_id"].max() == rows["inspection_id"].max()


def test_folds_reach_over_a_gap_in_the_history():
    older = feature_rows(rows=1_500, weeks=60)
    newer = feature_rows(rows=60, weeks=2, first_day=date(2018, 7, 2))
    newer["inspection_id"] = "1" + newer["inspection_id"]
    rows = pd.concat([older, newer], ignore_index=True)
    found = rolling_folds(rows, "fail", date(2019, 1, 7), folds=2, fold_weeks=12)
    weeks = [fold.ahead["week"].nunique() for fold in found]
    assert weeks == [12, 12]
    assert found[-1].ahead["inspection_id"].max() == rows["inspection_id"].max()


def test_folds_of_a_quiet_city_grow_until_they_hold_enough():
    rows = feature_rows(rows=600, weeks=300)
    found = rolling_folds(rows, "fail", FIRST_DAY + timedelta(weeks=300), folds=2, fold_weeks=12)
    assert len(found) == 2
    assert all(len(fold.ahead) >= 45 for fold in found)
    assert sum(len(fold.ahead) for fold in found) >= 100


def test_missing_critical_violations_are_told_apart_from_too_few_weeks():
    rows = feature_rows().assign(label_critical=0)
    with pytest.raises(DataError, match=r"no inspections with label 'critical'.* violations"):
        split(rows, "critical", CUTOFF)
