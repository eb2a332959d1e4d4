import pytest

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.features import FEATURES
from food_inspections.domain.wording import NEVER_VISITED, NO_FULL_VISIT, phrase

ROW = {
    "own_has_visit": 1,
    "own_visits": 5,
    "own_recent_full_visits": 3,
    "own_has_failure": 1,
    "zip_visits_30": 12,
    "chain_visits_365": 0,
    "season_sin": 0.0,
    "season_cos": -1.0,
}


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_feature_has_words_of_its_own(feature):
    value = "Bakery" if feature.kind == "categorical" else 1.0
    text = phrase(feature.name, value, {})
    assert not text.startswith(feature.description), "that is what a feature without words falls back on"
    assert "_" not in text
    assert phrase(feature.name, value, ROW) == phrase(feature.name, value, ROW)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("own_recent_failures", 2.0, "failed 2 of its last 3 full visits"),
        ("own_failures", 2.0, "failed 2 of its 5 visits"),
        ("own_failures", 0.0, "did not fail so far"),
        ("own_failures_1095", 1.0, "failed 1 visit in three years"),
        ("own_criticals", 3.0, "had critical violations at 3 of its 5 visits"),
        ("own_criticals_1095", 0.0, "had no critical violation in three years"),
        ("own_failure_rate", 0.341, "fails about 34% of its full visits"),
        ("own_days_since_visit", 120.0, "last visit 120 days ago"),
        ("own_days_since_visit", 1.0, "last visit 1 day ago"),
        ("own_days_since_failure", 1095.0, "no failed visit in three years"),
        ("own_failure_streak", 2.0, "failed its last 2 visits in a row"),
        ("own_reinspection_open", 1.0, "a re-inspection is due"),
        ("own_last_topic_pests", 1.0, "1 violation about pests at its last full visit"),
        ("own_recent_critical_violations", 4.0, "4 critical violations at its last 3 full visits"),
        ("zip_failure_rate_30", 0.338, "places in its postal code failed 34% of visits in 30 days"),
        ("near_critical_rate_60", 0.2, "its neighbourhood had critical violations at 20% of visits in 60 days"),
        (
            "chain_failure_rate_365",
            0.19,
            "other branches of its name had no visits in a year (the city's rate stands in, 19%)",
        ),
        ("season_sin", 0.0, "the time of the year (July)"),
        ("city_failure_rate", 0.2, "20% of the city's visits failed in a year"),
        ("visit_weekday", 4.0, "the visit is on a Friday"),
        ("own_days_since_first_look", 30.0, "last first look 30 days ago"),
        ("points_last", 31.4, "31 points at its last full visit"),
        ("points_trend", -2.0, "fewer points than before at its last full visit"),
        ("points_beyond", 2.0, "more points than expected of its kind and postal code"),
        ("points_zip_180", 12.4, "about 12 points at places in its postal code in 180 days"),
        ("facility_type", "Bakery", "it is of the type Bakery"),
    ],
)
def test_phrases_a_manager_reads(name, value, text):
    assert phrase(name, value, ROW) == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("own_surprise_failure", 0.0, "as many failures as expected of its kind"),
        ("own_surprise_minor_violations", 1.2, "more minor violations than expected of its kind"),
        ("own_surprise_critical", -0.1, "fewer visits with a critical violation than expected of its kind"),
        ("name_failure", 0.0, "places with such a name fail as often as expected"),
        ("name_critical", -0.1, "places with such a name have critical violations less often than expected"),
        ("inspector_failure_15", 0.0, "inspectors in the area report failures as often as usual in 15 days"),
        (
            "inspector_critical_30",
            0.1,
            "inspectors in the area report critical violations more often than usual in 30 days",
        ),
        (
            "inspector_style_minor_violations",
            0.0,
            "inspectors in the area lately report as many minor violations as usual",
        ),
        (
            "inspector_style_conditions",
            1.0,
            "inspectors in the area lately report more passes with conditions than usual",
        ),
        ("own_visits_60", 1.0, "1 visit in the last 60 days"),
        ("zip_type_failure_rate", 0.37, "37% of the visits of this type in its postal code failed lately"),
        ("own_failure_streak", 0.0, "passed its last visit, so that the next is no re-inspection"),
        ("own_last_was_reinspection", 0.0, "its last visit was no re-inspection"),
        ("own_visits_since_failure", 5.0, "5 visits since its last failure"),
        ("own_age_days", 3650.0, "on record for ten years or more"),
        ("visit_days_of_code", 730.0, "the code of law has been in force for two years or more"),
        ("visit_days_of_code", 12.0, "the code of law has been in force for 12 days"),
    ],
)
def test_phrases_at_the_edges_say_what_is_so(name, value, text):
    assert phrase(name, value, ROW) == text


OWN = [feature.name for feature in FEATURES if feature.name.startswith("own_")]
# Absence of visits, of something due or of complaints is so of a place never visited, too.
SO_OF_A_NEW_PLACE = ("own_visits", "own_full_visits", "own_complaints", "own_age", "own_reinspection_open")


@pytest.mark.parametrize("name", OWN)
def test_place_never_visited_is_not_told_a_past(name):
    value = 1095.0 if "days_since" in name else 0.0
    text = phrase(name, value, {"own_has_visit": 0, "own_full_visits": 0, "own_recent_full_visits": 0})
    if name == "own_visits_since_failure" or not name.startswith(SO_OF_A_NEW_PLACE):
        assert text.startswith(NEVER_VISITED)


@pytest.mark.parametrize("name", [name for name in OWN if "rate" in name or "surprise" in name or "topic" in name])
def test_place_seen_on_other_visits_only_is_not_told_of_full_ones(name):
    text = phrase(name, 0.0, {"own_has_visit": 1, "own_full_visits": 0, "own_recent_full_visits": 0})
    assert text.startswith(NO_FULL_VISIT)


def test_feature_nobody_wrote_words_for_keeps_its_name():
    assert phrase("moon_phase", 0.5, {}) == "moon phase: 0.50"
    assert phrase("moon_name", "full", {}) == "moon name: full"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("own_days_since_first_look", 30.0, "last initial inspection 30 days ago"),
        ("own_last_was_first_look", 1.0, "its last visit was an initial inspection"),
        ("own_last_was_first_look", 0.0, "its last visit was no initial inspection"),
        ("points_recent_worst", 28.0, "up to 28 violation points at its last full visits"),
    ],
)
def test_a_city_is_spoken_of_in_its_own_words(name, value, text):
    assert phrase(name, value, ROW, load_profile("new_york").wording) == text


def test_a_place_that_was_never_scored_has_no_points():
    text = phrase("points_last", 12.0, {"points_visits": 0})

    assert text == "never scored (the city's mean stands in, 12 points)"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("own_recent_failures", 1.0, "failed its last full visit"),
        ("own_recent_failures", 0.0, "did not fail its last full visit"),
        ("own_recent_critical_violations", 2.0, "2 critical violations at its last full visit"),
    ],
)
def test_one_visit_is_not_counted(name: str, value: float, text: str) -> None:
    assert phrase(name, value, {"own_has_visit": 1, "own_full_visits": 1, "own_recent_full_visits": 1}) == text
