"""Which effects a manager is told first."""

import numpy as np
import pytest

from food_inspections.domain.features import FEATURES
from food_inspections.domain.learning.arguments import ALIKE, CONTRARY, LOWERING, OWN, SHARED, ranks, reads_as_praise


def kind_of(name, value, effect):
    return int(ranks(name, np.array([value]), np.array([effect]))[0])


@pytest.mark.parametrize(
    ("name", "value", "effect", "kind"),
    [
        ("own_recent_failures", 2.0, 0.1, OWN),
        ("own_last_topic_pests", 1.0, 0.1, OWN),
        ("own_days_since_visit", 600.0, 0.1, OWN),
        ("own_recent_failures", 2.0, 0.01, ALIKE),
        ("zip_failure_rate_60", 0.4, 0.5, ALIKE),
        ("inspector_failure_30", 0.2, 0.5, ALIKE),
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
