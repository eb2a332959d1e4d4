"""What single features say of small histories that a reader can work out."""

import numpy as np
import pytest

from food_inspections.domain.features import features_of
from food_inspections.domain.features.name import words
from food_inspections.domain.features.neighbourhood import kernel
from food_inspections_tests.domain.first_city import CITY, build_features
from food_inspections_tests.domain.histories import inspections

DAY = "2014-06-04"


def described(*history, **visit):
    """Features of one visit on the day, after the given history."""
    built = build_features(inspections({"day": DAY, "inspection_id": 9_000, **visit}), inspections(*history))
    return built.iloc[0]


def test_a_first_visit_has_no_record():
    row = described()

    assert row["own_visits"] == row["own_has_visit"] == row["own_age_days"] == row["own_has_failure"] == 0
    assert row["own_days_since_visit"] == row["own_days_since_failure"] == 1095
    assert row["own_failure_rate"] == row["city_failure_rate"] == 0.2


def test_the_record_counts_and_dates_earlier_visits():
    row = described(
        {"day": "2011-01-03", "results": "Fail"},
        {"day": "2013-06-04", "results": "Fail", "critical_violations": 2},
        {"day": "2013-06-05", "inspection_type": "Canvass Re-Inspection", "results": "Pass"},
        {"day": "2014-05-25", "inspection_type": "Complaint", "results": "Fail"},
    )

    assert (row["own_visits"], row["own_visits_365"], row["own_full_visits"], row["own_complaints_365"]) == (4, 3, 3, 1)
    assert (row["own_failures"], row["own_failures_1095"], row["own_criticals"]) == (3, 2, 1)
    assert (row["own_days_since_visit"], row["own_days_since_first_look"]) == (10, 365)
    assert row["own_days_since_critical"] == 365
    assert (row["own_failure_streak"], row["own_visits_since_failure"]) == (1, 0)
    assert (row["own_reinspection_open"], row["own_last_was_complaint"], row["own_last_was_first_look"]) == (1, 1, 0)
    assert row["own_age_days"] == 1248


def test_streaks_and_open_reinspections_end_with_a_pass():
    row = described(
        {"day": "2014-01-06", "results": "Fail"},
        {"day": "2014-01-20", "inspection_type": "Canvass Re-Inspection", "results": "Pass w/ Conditions"},
    )

    assert (row["own_reinspection_open"], row["own_failure_streak"], row["own_visits_since_failure"]) == (0, 0, 1)
    assert (row["own_last_was_reinspection"], row["own_last_conditions"]) == (1, 1)


def test_severities_and_topics_are_those_of_first_looks():
    found = {"serious_violations": 2, "minor_violations": 3, "topic_pests": 1}
    row = described(
        *({"day": f"2014-01-0{day}", **found} for day in (2, 3, 6, 7)),
        {"day": "2014-02-03", "inspection_type": "Canvass Re-Inspection", "minor_violations": 9, "topic_pests": 9},
    )

    assert (row["own_last_serious_violations"], row["own_last_minor_violations"], row["own_last_topic_pests"]) == (
        2,
        3,
        1,
    )
    assert (row["own_recent_serious_violations"], row["own_recent_full_visits"]) == (6, 3)


def test_rates_are_drawn_towards_the_city():
    others = [{"day": "2014-03-03", "establishment_id": str(i), "results": "Pass"} for i in range(100, 130)]
    row = described({"day": "2014-03-04", "results": "Fail"}, *others)
    city = (1 + 0.2 * 20) / (31 + 20)

    assert row["city_failure_rate"] == pytest.approx(city)
    assert row["own_failure_rate"] == pytest.approx((1 + 4 * city) / (1 + 4))


def test_the_chain_leaves_the_establishment_itself_out():
    row = described(
        {"day": "2014-03-03", "results": "Fail"},
        {"day": "2014-03-03", "results": "Pass", "establishment_id": "2"},
        {"day": "2011-08-01", "results": "Pass", "establishment_id": "3"},
        {"day": "2014-03-03", "results": "Pass", "establishment_id": "4", "chain_key": "OTHER"},
    )

    assert (row["chain_visits_365"], row["chain_visits_1095"]) == (1, 2)
    assert row["chain_failure_rate_365"] < row["city_failure_rate"]


def test_places_without_a_name_are_no_chain():
    history = {"day": "2014-03-03", "chain_key": "unknown", "dba_name": "unknown", "establishment_id": "2"}

    assert described(history, chain_key="unknown", dba_name="unknown")["chain_visits_365"] == 0


def test_other_licences_at_the_address_are_the_premises():
    row = described(
        {"day": "2014-03-03", "results": "Fail"},
        {"day": "2014-03-03", "establishment_id": "2", "address": "1 Main St.", "results": "Fail"},
        {"day": "2014-03-03", "establishment_id": "3", "address": "2 MAIN ST", "results": "Fail"},
    )

    assert row["premises_visits_1095"] == 1
    assert (
        described({"day": "2014-03-03", "establishment_id": "2", "address": "unknown"}, address="unknown")[
            "premises_visits_1095"
        ]
        == 0
    )


def test_the_postal_code_counts_by_windows():
    days = ["2014-05-25", "2014-05-10", "2014-04-10", "2014-01-10", "2013-01-10"]
    row = described(*({"day": day, "establishment_id": "2"} for day in days))

    assert [row[f"zip_visits_{window}"] for window in (15, 30, 60, 180)] == [1, 2, 3, 4]
    assert described({"day": days[0], "zip": "unknown"}, zip="unknown")["zip_visits_15"] == 0


def test_the_circle_weighs_by_nearness():
    places = {"here": (41.8821, -87.63), "one cell north": (41.8871, -87.63), "far": (41.98, -87.63)}
    near = {
        name: described({"day": "2014-06-01", "latitude": latitude, "longitude": longitude}, latitude=41.8821)[
            "near_visits_15"
        ]
        for name, (latitude, longitude) in places.items()
    }

    assert near == {"here": 8, "one cell north": 6, "far": 0}


def test_the_kernel_is_whole_symmetric_and_falls_with_distance():
    weights = {(north, east): weight for north, east, weight in kernel()}

    assert weights[0, 0] == max(weights.values()) == 8
    assert all(weights[-north, -east] == weights[east, north] == weight for (north, east), weight in weights.items())
    assert weights[0, 1] > weights[0, 2] > weights[0, 3] > 0


def test_surprises_are_beyond_kind_and_inspector():
    def reports(book, place, **found):
        return [
            {
                "day": f"2014-0{month}-10",
                "inspection_id": book + 10 * month + i,
                "establishment_id": f"{place}{i}",
                **found,
            }
            for month in range(1, 6)
            for i in range(6)
        ]

    # Two books of reports: one inspector finds a critical violation everywhere, the other nowhere.
    history = [*reports(0, "a", critical_violations=1), *reports(5_000, "b", zip="60602")]
    found_by_strict = described(*history, establishment_id="a1")
    found_by_lenient = described(*history, establishment_id="b1", zip="60602")

    assert found_by_strict["inspector_critical_30"] > 0.2
    assert found_by_lenient["inspector_critical_30"] < -0.2
    assert 0 < found_by_strict["own_surprise_critical"] < 0.5


def test_the_number_of_the_visit_itself_has_no_influence():
    history = [{"day": "2014-05-01", "inspection_id": 100 + i, "critical_violations": i % 2} for i in range(9)]

    one, other = described(*history, inspection_id=101_000), described(*history, inspection_id=105)

    assert one.drop("inspection_id").equals(other.drop("inspection_id"))


def test_words_of_a_name_remember_how_their_bearers_did():
    names = ("SUSHI ABC", "SUSHI XYZ", "SUSHI")
    bad = [{"day": "2014-03-03", "dba_name": name, "results": "Fail"} for name in names * 3]
    good = [{"day": "2014-03-04", "dba_name": "SALAD BAR"}] * 20

    assert described(*bad, *good, dba_name="Sushi Station")["name_failure"] > 0
    assert described(*bad, *good, dba_name="SALAD STATION")["name_failure"] < 0
    assert described(*bad, *good, dba_name="STATION")["name_failure"] == 0


def test_words_are_long_distinct_and_of_both_names():
    assert words("Joe's GRILL & Grill #2", "THE GRILL AT 5TH") == ("GRILL", "JOES", "THE")
    assert words("7-11", "unknown") == ()


@pytest.mark.parametrize(
    ("day", "sine", "cosine"),
    [("2014-01-01", 0, 1), ("2014-04-02", 1, 0), ("2014-07-02", 0, -1), ("2014-10-01", -1, 0)],
)
def test_the_season_is_a_place_on_the_circle_of_the_year(day, sine, cosine):
    row = described(day=day)

    assert (row["season_sin"], row["season_cos"]) == pytest.approx((sine, cosine), abs=0.02)


def test_kind_and_visit():
    row = described({"day": "2014-05-30", "establishment_id": "2", "results": "Fail"})

    assert (row["kind_visits_90"], row["kind_visits_365"]) == (1, 1)
    assert row["visit_weekday"] == 2
    assert (row["visit_is_newest_code"], row["visit_days_of_code"]) == (0, 730)
    new = described(day="2018-07-03")
    assert (new["visit_is_newest_code"], new["visit_days_of_code"]) == (1, 2)


def test_large_report_numbers_and_far_places_stay_in_range():
    row = described(
        {"day": "2014-05-30", "inspection_id": 2**63 - 1, "latitude": 90.0, "longitude": 180.0},
        {"day": "1901-05-30", "inspection_id": 2**63 - 2, "latitude": -90.0, "longitude": -180.0},
    )

    assert row["own_visits"] == 2
    numbers = [row[feature.name] for feature in features_of(CITY) if feature.kind == "numeric"]
    assert np.isfinite(numbers).all()
