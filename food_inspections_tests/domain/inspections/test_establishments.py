from datetime import date

import pandas as pd
import pytest

from food_inspections.domain.inspections.establishments import in_business
from food_inspections_tests.domain.histories import inspections

MONDAY = date(2014, 6, 2)


def closed(**days):
    return pd.DataFrame({"establishment_id": list(days), "inspection_date": pd.to_datetime(list(days.values()))})


def found(history, closures=None, **options):
    return in_business(history, closed() if closures is None else closures, MONDAY, "Canvass", **options)


def test_the_last_visit_speaks_for_the_establishment():
    history = inspections(
        {"day": "2014-03-03", "results": "Pass", "address": "OLD"},
        {"day": "2014-04-04", "results": "Fail", "address": "NEW", "inspection_type": "Complaint"},
    )

    row = found(history).iloc[0]

    assert (row["address"], row["last_result"], bool(row["is_reinspection_open"])) == ("NEW", "Fail", True)
    assert row["last_visit"] == pd.Timestamp("2014-04-04")
    assert row["days_since_last_visit"] == 59
    assert row["inspection_type"] == "Canvass"
    assert row["inspection_date"] == row["week"] == pd.Timestamp(MONDAY)


def test_of_two_visits_a_day_the_higher_number_is_the_last():
    history = inspections(
        {"day": "2014-04-04", "inspection_id": 9, "results": "Fail"},
        {"day": "2014-04-04", "inspection_id": 8, "results": "Pass"},
    )

    assert found(history)["last_result"].tolist() == ["Fail"]


@pytest.mark.parametrize(
    ("day", "is_in_business"),
    [("2014-06-01", True), ("2014-06-02", False), ("2011-06-03", True), ("2011-06-02", False)],
)
def test_only_the_three_years_before_the_monday_count(day, is_in_business):
    assert len(found(inspections({"day": day}))) == is_in_business


@pytest.mark.parametrize(
    ("closure", "is_in_business"),
    [("2014-03-02", True), ("2014-03-03", False), ("2014-05-01", False), ("2014-06-02", True)],
)
def test_a_closure_counts_until_the_place_is_visited_again(closure, is_in_business):
    history = inspections({"day": "2014-03-03"})

    assert len(found(history, closed(**{"1": closure}))) == is_in_business


def test_a_visit_after_the_closure_reopens():
    history = inspections({"day": "2014-03-03"}, {"day": "2014-05-05"})

    assert len(found(history, closed(**{"1": "2014-04-01"}))) == 1


def test_the_lag_hides_recent_visits_and_closures():
    history = inspections({"day": "2014-03-03"}, {"day": "2014-05-30", "results": "Fail"})

    lagged = found(history, closed(**{"1": "2014-06-01"}), knowledge_lag_days=7)

    assert lagged["last_result"].tolist() == ["Pass"]
    assert found(history, closed(**{"1": "2014-06-01"})).empty


def test_one_row_each_in_the_order_of_ids():
    history = inspections(*({"establishment_id": key, "day": "2014-05-05"} for key in ("9", "10", "n-a", "9")))

    assert found(history)["establishment_id"].tolist() == ["10", "9", "n-a"]
