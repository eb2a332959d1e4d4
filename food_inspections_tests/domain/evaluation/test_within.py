import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain.evaluation.metrics import Scored, days_earlier, first_half, roc_auc
from food_inspections.domain.evaluation.within import (
    METRICS_WITHIN,
    auc_within,
    days_earlier_within,
    first_half_within,
    group_rates,
    judge_within,
)


def scored(outcome, score, day=None):
    days = np.arange(len(outcome)) if day is None else np.asarray(day)
    return Scored(np.asarray(outcome), np.asarray(score, dtype="float64"), days, is_probability=False)


def random_visits(seed, rows=300, groups=4):
    generator = np.random.default_rng(seed)
    outcome = (generator.random(rows) < 0.3).astype("int64")
    score = outcome * 0.4 + generator.normal(size=rows)
    return scored(outcome, score.round(1), np.sort(generator.integers(0, 60, rows))), generator.integers(
        0, groups, rows
    )


def test_telling_strict_groups_from_lenient_ones_is_worth_nothing_within_them():
    outcome, groups = [1, 1, 0, 1, 0, 0], np.array([0, 0, 0, 1, 1, 1])
    by_group = scored(outcome, [9, 9, 9, 1, 1, 1])
    assert roc_auc(by_group) == pytest.approx(2 / 3)
    assert auc_within(by_group, groups) == 0.5
    assert first_half_within(by_group, groups) == 0.5


def test_pairs_across_groups_do_not_count():
    outcome, groups = [1, 0, 1, 0], np.array([0, 0, 1, 1])
    assert auc_within(scored(outcome, [2, 1, 9, 8]), groups) == 1.0
    assert auc_within(scored(outcome, [2, 1, 8, 9]), groups) == 0.5


def test_a_group_of_one_class_counts_for_nothing():
    outcome, groups = [1, 0, 1, 1], np.array([0, 0, 1, 1])
    assert auc_within(scored(outcome, [2, 1, 9, 8]), groups) == 1.0
    assert np.isnan(auc_within(scored([1, 1], [1, 2]), np.array([0, 0])))
    assert np.isnan(days_earlier_within(scored([0, 0], [1, 2]), np.array([0, 0])))
    assert np.isnan(first_half_within(scored([0, 0], [1, 2]), np.array([0, 0])))


def test_each_group_keeps_its_own_dates():
    outcome, groups = [0, 1, 0, 1], np.array([0, 0, 1, 1])
    visits = scored(outcome, [0, 1, 0, 1], [0, 1, 100, 103])
    assert days_earlier_within(visits, groups) == pytest.approx((1 + 3) / 2)
    assert days_earlier(visits) == pytest.approx((1 - 0 + 103 - 1) / 2)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_one_group_of_all_visits_is_the_pooled_figure(seed):
    visits, _ = random_visits(seed)
    everything = np.zeros(len(visits.outcome), dtype="int64")
    assert auc_within(visits, everything) == pytest.approx(roc_auc(visits))
    assert first_half_within(visits, everything) == pytest.approx(first_half(visits))
    assert days_earlier_within(visits, everything) == pytest.approx(days_earlier(visits))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), shifts=st.lists(st.floats(-9, 9), min_size=4, max_size=4))
def test_moving_a_whole_group_up_or_down_changes_nothing_within(seed, shifts):
    visits, groups = random_visits(seed)
    moved = scored(visits.outcome, (visits.score + np.round(np.array(shifts), 1)[groups]).round(6), visits.day)
    for metric in METRICS_WITHIN.values():
        assert metric(moved, groups) == pytest.approx(metric(visits, groups))


def test_visits_of_no_known_group_are_left_out_and_counted():
    visits, groups = random_visits(1)
    named = pd.Series(groups, name="inspector").map({0: "a", 1: "b", 2: "c"})
    found = judge_within(visits, {"past_rate": visits}, named, resamples=20)
    assert (found.column, found.groups) == ("inspector", 3)
    assert found.unknown == (groups == 3).sum() == len(visits.outcome) - found.visits
    known = np.flatnonzero(groups < 3)
    assert found.values["forecast"]["roc_auc"].value == pytest.approx(auc_within(visits.take(known), groups[known]))
    assert found.pooled_auc == pytest.approx(roc_auc(visits.take(known)))


def test_a_forecast_has_no_lead_over_itself_and_one_over_its_opposite():
    visits, groups = random_visits(2)
    opposite = scored(visits.outcome, -visits.score, visits.day)
    found = judge_within(visits, {"same": visits, "opposite": opposite}, pd.Series(groups, name="g"), resamples=50)
    same, lead = found.leads["same"]["roc_auc"], found.leads["opposite"]["roc_auc"]
    assert (same.value, same.lower, same.upper) == (0, 0, 0)
    assert 0 < lead.lower <= lead.value <= lead.upper


def test_a_group_is_known_by_its_earlier_days_only():
    groups, day = np.array([0, 0, 0, 1]), np.array([1, 1, 2, 2])
    rates = group_rates(groups, np.array([1, 0, 1, 0]), day)
    assert rates == pytest.approx([0.5, 0.5, (1 + 0.5) / 3, 0.5])
    turned = group_rates(groups, np.array([1, 0, 0, 1]), day)
    assert turned == pytest.approx(rates)
