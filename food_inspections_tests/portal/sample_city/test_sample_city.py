from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.city.findings import counted, from_text
from food_inspections.errors import DataError
from food_inspections.portal.sample_city import City, CityParameters, make_city, make_inspections, oracle_auc
from food_inspections.portal.sample_city.publication import FIELDS
from food_inspections_tests.chicago import PORTAL_FIELDS
from food_inspections_tests.domain.first_city import CITY, clean

PLAN = CityParameters(seed=3, first_day=date(2017, 1, 2), last_day=date(2018, 12, 30), establishments=1_500)


@pytest.fixture(scope="module")
def two_years() -> City:
    return make_city(PLAN)


@pytest.fixture(scope="module")
def rows(two_years: City) -> pd.DataFrame:
    return two_years.inspections


@pytest.fixture(scope="module")
def days(rows: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(rows["inspection_date"])


def test_the_same_plan_makes_the_same_city_byte_for_byte(rows: pd.DataFrame) -> None:
    assert make_city(PLAN).inspections.to_csv() == rows.to_csv()


def test_another_seed_makes_another_city(rows: pd.DataFrame) -> None:
    other = make_city(replace(PLAN, seed=4)).inspections

    assert set(other["address"]) != set(rows["address"])


@pytest.mark.parametrize("last_day", [date(2018, 7, 22), date(2018, 7, 18)])
def test_a_longer_period_continues_a_shorter_one(two_years: City, last_day: date) -> None:
    shorter = make_city(replace(PLAN, last_day=last_day))

    size = len(shorter.inspections)
    pd.testing.assert_frame_equal(shorter.inspections, two_years.inspections.iloc[:size])
    pd.testing.assert_frame_equal(shorter.truth, two_years.truth.iloc[: len(shorter.truth)])
    assert shorter.inspections["inspection_date"].max()[:10] <= str(last_day)


def test_it_looks_like_the_portals_data(rows: pd.DataFrame) -> None:
    assert set(FIELDS) == set(PORTAL_FIELDS)
    assert tuple(rows.columns) == (*FIELDS, "published_at")
    assert rows["inspection_id"].is_unique
    assert rows["inspection_date"].is_monotonic_increasing
    values = rows.stack()
    assert values.map(type).eq(str).all()
    assert not values.eq("").any()


def test_visits_are_on_working_days(days: pd.Series) -> None:
    assert days.dt.weekday.max() <= 4
    assert not days.isin(pd.to_datetime(["2018-01-01", "2018-07-04", "2018-11-22", "2018-12-25"])).any()


def test_weeks_are_alike_but_for_holidays_and_one_with_hardly_any_visit(days: pd.Series) -> None:
    weeks = days.dt.to_period("W").value_counts()

    assert weeks.between(35, 75).mean() > 0.9
    assert weeks.min() <= 5
    assert weeks.median() == pytest.approx(50, abs=5)


def test_the_spring_of_2020_stands_still() -> None:
    plan = CityParameters(first_day=date(2020, 3, 2), last_day=date(2020, 5, 3), establishments=1_500)
    days = pd.to_datetime(make_city(plan).inspections["inspection_date"])

    weeks = days.dt.to_period("W-SUN").value_counts().sort_index()
    assert weeks.loc["2020-03-02":"2020-03-22"].min() > 30
    assert weeks.loc["2020-03-23":"2020-04-19"].max() < 10


def test_shares_of_results_and_kinds_of_visit(rows: pd.DataFrame) -> None:
    results = rows["results"].value_counts(normalize=True)
    kinds = rows["inspection_type"].str.title().value_counts(normalize=True)

    assert results["Fail"] == pytest.approx(0.17, abs=0.03)
    assert results["Pass w/ Conditions"] == pytest.approx(0.13, abs=0.04)
    assert results["Out of Business"] == pytest.approx(0.04, abs=0.02)
    assert set(results.index) == {
        *("Pass", "Pass w/ Conditions", "Fail"),
        *("No Entry", "Not Ready", "Out of Business", "Business Not Located"),
    }
    assert kinds["Canvass"] == pytest.approx(0.58, abs=0.08)
    assert {"License", "Complaint", "Short Form Complaint", "Non-Inspection", "Canvass Re-Inspection"} <= set(
        kinds.index
    )


def test_who_failed_is_seen_again_within_weeks_and_mostly_passes(rows: pd.DataFrame, days: pd.Series) -> None:
    again = rows[rows["inspection_type"] == "Canvass Re-Inspection"]

    assert (again["results"] == "Fail").mean() < 0.12
    visits = rows.assign(day=days).merge(rows.assign(day=days), on=["license_", "address"], suffixes=("", "_before"))
    waits = (visits["day"] - visits["day_before"]).dt.days
    is_answer = (
        (visits["inspection_type"] == "Canvass Re-Inspection") & (visits["results_before"] == "Fail") & (waits > 0)
    )
    first = waits[is_answer].groupby(visits.loc[is_answer, "inspection_id"]).min()
    assert first.between(1, 27).mean() > 0.95


def test_closed_businesses_are_not_visited_again(rows: pd.DataFrame) -> None:
    business = ["license_", "address", "dba_name"]
    seen = rows[rows["license_"].notna() & (rows["license_"] != "0")]
    visits_after = seen.groupby(business).cumcount(ascending=False)
    is_closed = seen["results"].isin(["Out of Business", "Business Not Located"])

    assert is_closed.sum() > 50
    assert (visits_after[is_closed] == 0).all()


def test_gaps_and_slips_of_real_records(rows: pd.DataFrame) -> None:
    missing = rows.isna().mean()

    assert 0 < missing["latitude"] < 0.01
    assert missing["latitude"] == missing["longitude"] == missing["location"]
    assert 0 < missing["risk"] < 0.01
    assert 0 < missing["license_"] < 0.01
    assert 0.005 < missing["facility_type"] < 0.02
    assert {"All", "Risk 1 (High)", "Risk 2 (Medium)", "Risk 3 (Low)"} <= set(rows["risk"].dropna())
    assert (rows["license_"] == "0").any()
    assert rows["facility_type"].nunique() > 30
    assert rows["city"].nunique() >= 4
    assert {"CANVAS", "canvass"} & set(rows["inspection_type"])


def test_places_with_two_licences_and_licences_with_two_places(rows: pd.DataFrame) -> None:
    known = rows[rows["license_"].notna() & (rows["license_"] != "0")]

    assert (known.groupby(["address", "dba_name"])["license_"].nunique() > 1).any()
    assert (known.groupby("license_")["address"].nunique() > 1).any()


def test_chains_have_branches(rows: pd.DataFrame) -> None:
    branches = rows.groupby("aka_name")["address"].nunique()

    assert (branches >= 4).sum() >= 10


def test_violations_are_written_under_the_code_of_their_day(rows: pd.DataFrame, days: pd.Series) -> None:
    is_new = days >= "2018-07-01"
    texts = rows["violations"].dropna()
    new, old = texts[is_new[texts.index]], texts[~is_new[texts.index]]

    assert new.str.contains("PRIORITY VIOLATION").any()
    assert new.str.contains("PRIORITY FOUNDATION VIOLATION 7-38").any()
    assert not old.str.contains("PRIORITY").any()
    assert old.str.contains("CRITICAL VIOLATION 7-38").any()
    for text, highest in ((new, 64), (old, 70)):
        numbers = text.str.findall(r"(?:^|\| )(\d+)\. ").explode().astype(int)
        assert numbers.between(1, highest).all()
    assert texts.str.contains("\n").any()
    assert texts.str.contains(" & ").any()
    assert texts.str.contains(r"\w - [A-Z ]+ - Comments:").any()


def test_a_number_may_be_cited_twice(rows: pd.DataFrame) -> None:
    numbers = rows["violations"].dropna().str.findall(r"(?:^|\| )(\d+)\. ")

    assert numbers.map(lambda found: len(found) > len(set(found))).any()


def test_the_violations_decide_the_result(rows: pd.DataFrame, days: pd.Series) -> None:
    given = rows["violations"].where(rows["violations"].notna(), None).to_numpy(dtype=object)
    counts = counted(from_text(CITY.violations, given, days.reset_index(drop=True)), len(rows), CITY.violations)
    counts.index = rows.index
    grave = counts["critical_violations"] + counts["serious_violations"]

    assert (grave[rows["results"] == "Fail"] > 0).mean() > 0.9
    assert (grave[rows["results"] == "Pass"] == 0).all()
    assert (counts["violation_count"][rows["results"].isin(["Out of Business", "No Entry", "Not Ready"])] == 0).all()


def test_cleaning_understands_all_of_it(two_years: City) -> None:
    cleaned = clean(two_years.inspections)

    assert len(cleaned.inspections) + cleaned.dropped["row_count"].sum() == len(two_years.inspections)
    assert cleaned.unmapped.empty
    both = cleaned.inspections.merge(two_years.truth, on="inspection_id", suffixes=("", "_true"))
    assert len(both) == len(cleaned.inspections)
    assert (both["is_failure"] == both["is_failure_true"]).all()
    assert (both["is_critical"] == both["is_critical_true"]).all()


def test_publication_is_late_and_sometimes_by_weeks(rows: pd.DataFrame, days: pd.Series) -> None:
    lag = (pd.to_datetime(rows["published_at"]) - days).dt.days

    assert lag.min() >= 1
    assert 3 <= lag.median() <= 7
    assert 0.03 < (lag > 25).mean() < 0.08


def test_truth_stays_out_of_what_is_published(two_years: City) -> None:
    assert not set(two_years.inspections.columns) & {"probability", "critical_probability"}
    assert set(two_years.truth["inspection_id"]) < set(two_years.inspections["inspection_id"])


@pytest.mark.parametrize(("label", "low", "high"), [("fail", 0.65, 0.75), ("critical", 0.62, 0.75)])
def test_the_hidden_chances_are_a_ceiling_as_in_life(two_years: City, label: str, low: float, high: float) -> None:
    assert low < oracle_auc(two_years.truth, label) < high


def test_the_hidden_chances_are_calibrated(two_years: City) -> None:
    truth = two_years.truth
    bins = pd.qcut(truth["probability"], 5)

    expected = truth.groupby(bins, observed=True)[["probability", "is_failure"]].mean()
    assert np.allclose(expected["probability"], expected["is_failure"], atol=0.04)


def test_there_is_something_to_learn_from_the_past(two_years: City) -> None:
    """What an establishment was found with before says something of its next canvass."""
    rows = two_years.inspections.merge(two_years.truth[["inspection_id", "is_failure"]], on="inspection_id")
    places = rows.groupby(["license_", "address"])["is_failure"]
    before = (places.cumsum() - rows["is_failure"] + 0.9) / (places.cumcount() + 5)
    known = rows.assign(inspection_type=rows["inspection_type"], probability=before).dropna(subset="license_")

    assert 0.55 < oracle_auc(known) < 0.70


def test_oracle_auc_is_that_of_the_definition() -> None:
    truth = pd.DataFrame(
        {
            "inspection_type": ["Canvass"] * 5 + ["Complaint"],
            "probability": [0.1, 0.4, 0.4, 0.8, 0.2, 0.9],
            "is_failure": [False, False, True, True, False, False],
        }
    )

    assert oracle_auc(truth) == pytest.approx((2.5 + 3) / 6)
    assert oracle_auc(truth, inspection_type=None) == pytest.approx((2.5 + 3) / 8)
    with pytest.raises(DataError, match="have no AUC"):
        oracle_auc(truth[truth["inspection_type"] == "Complaint"], inspection_type=None)


def test_a_shift_changes_the_city_from_its_day_on(two_years: City) -> None:
    shift = date(2018, 6, 4)
    shifted = make_city(replace(PLAN, shift_from=shift, shift_size=0.6))

    pd.testing.assert_frame_equal(
        shifted.inspections[shifted.inspections["inspection_date"] < str(shift)],
        two_years.inspections[two_years.inspections["inspection_date"] < str(shift)],
    )
    after = [city.truth[city.truth["inspection_date"] >= str(shift)] for city in (two_years, shifted)]
    assert after[1]["is_failure"].mean() > after[0]["is_failure"].mean() + 0.05


def test_inspections_per_week_can_be_set() -> None:
    rows = make_inspections(0, date(2018, 1, 1), date(2018, 3, 4), 300, inspections_per_week=30)

    assert 200 < len(rows) < 300


def test_a_single_day_and_a_single_establishment() -> None:
    day = date(2018, 1, 3)

    rows = make_inspections(first_day=day, last_day=day, establishments=600)
    assert set(rows["inspection_date"]) == {"2018-01-03T00:00:00.000"}
    alone = make_inspections(first_day=day, last_day=day + timedelta(days=700), establishments=1)
    assert alone["inspection_id"].is_unique


def test_a_weekend_has_no_inspections_but_all_columns() -> None:
    city = make_city(CityParameters(first_day=date(2018, 1, 6), last_day=date(2018, 1, 7), establishments=100))

    assert city.inspections.empty
    assert tuple(city.inspections.columns) == (*FIELDS, "published_at")
    assert city.truth.empty


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"last_day": date(2016, 1, 1)}, "earlier day first"),
        ({"establishments": 0}, "at least 1"),
        ({"seed": -1}, "at least 0"),
    ],
)
def test_impossible_plans_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        replace(PLAN, **changes)
