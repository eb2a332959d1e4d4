"""Which effects a manager is told first."""

import numpy as np
import pytest

from food_inspections.domain.features import FEATURES
from food_inspections.domain.learning.arguments import ALIKE, CONTRARY, LOWERING, OWN, SHARED, ranks, reads_as_praise


def kind_of(name, value, effect, **beside):
    columns = {column: np.array(values) for column, values in ({name: [value]} | beside).items()}
    return int(ranks(name, columns, np.array([effect]))[0])


@pytest.mark.parametrize(
    ("name", "value", "effect", "kind"),
    [
        ("own_recent_failures", 2.0, 0.1, OWN),
        ("own_last_topic_pests", 1.0, 0.1, OWN),
        ("own_days_since_visit", 600.0, 0.1, OWN),
        ("own_recent_failures", 2.0, 0.01, ALIKE),
        ("zip_failure_rate_60", 0.4, 0.5, ALIKE),
        ("inspector_failure_30", 0.2, 0.5, SHARED),
        ("own_days_since_visit", 82.0, 0.1, SHARED),
        ("own_visits_14", 0.0, 0.1, SHARED),
        ("own_age_days", 20.0, 0.1, OWN),
        ("own_age_days", 2_000.0, 0.1, SHARED),
        ("kind_visits_365", 1131.0, 0.5, SHARED),
        ("zip_type_visits", 12.0, 0.5, SHARED),
        ("near_visits_60", 12.0, 0.5, SHARED),
        ("facility_type", "School", 0.2, ALIKE),
        ("season_sin", 0.4, 0.5, SHARED),
        ("visit_weekday", 0.0, 0.5, SHARED),
        ("own_failures_1095", 0.0, 0.5, SHARED),
        ("own_surprise_failure", -0.4, 0.5, SHARED),
        ("own_days_since_failure", 1095.0, 0.5, SHARED),
        ("own_visits_since_failure", 4.0, 0.5, SHARED),
        ("own_surprise_failure", 0.4, 0.5, ALIKE),
        ("own_recent_failures", 0.0, -0.1, LOWERING),
        ("own_days_since_visit", 9.0, -0.1, LOWERING),
        ("own_recent_failures", 2.0, -0.1, CONTRARY),
        ("own_surprise_failure", 0.4, -0.5, CONTRARY),
        ("a_feature_of_tomorrow", 2.0, 0.1, ALIKE),
    ],
)
def test_a_fact_of_the_place_itself_goes_before_what_it_shares_with_others(name, value, effect, kind):
    assert kind_of(name, value, effect) == kind


def test_nothing_found_reads_as_praise_and_something_found_does_not():
    counts = [
        feature.name
        for feature in FEATURES
        if feature.name.startswith(("own_failures", "own_criticals", "own_last_topic"))
    ]
    assert len(counts) > 10
    for name in counts:
        assert reads_as_praise(name, np.array([0.0, 1.0])).tolist() == [True, False], name


def test_words_are_no_numbers():
    assert not reads_as_praise("risk", np.array(["Risk 1 (High)"], dtype=object)).any()


@pytest.mark.parametrize(
    ("rate", "visits"),
    [
        ("own_failure_rate", "own_full_visits"),
        ("chain_failure_rate_365", "chain_visits_365"),
        ("zip_type_critical_rate", "zip_type_visits"),
        ("premises_failure_rate", "premises_visits_1095"),
    ],
)
def test_a_rate_of_no_visits_is_nobodys_reason(rate, visits):
    assert kind_of(rate, 0.2, 0.5, **{visits: [0.0]}) == SHARED
    assert kind_of(rate, 0.2, 0.5, **{visits: [4.0]}) != SHARED
