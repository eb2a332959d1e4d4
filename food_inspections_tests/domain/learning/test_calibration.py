import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain.learning.calibration import best_threshold, fit_calibration, log_odds_of, sigmoid


def drawn(slope, intercept, rows=20_000, seed=0):
    generator = np.random.default_rng(seed)
    raw = generator.normal(size=rows)
    return raw, (generator.random(rows) < sigmoid(slope * raw + intercept)).astype(np.int64)


def test_map_is_found_again_from_enough_rows():
    found = fit_calibration(*drawn(0.6, -1.2))
    assert found.slope == pytest.approx(0.6, abs=0.05)
    assert found.intercept == pytest.approx(-1.2, abs=0.05)


def test_mean_score_is_the_base_rate():
    raw, outcome = drawn(1.5, -2.0, rows=3_000)
    assert fit_calibration(raw, outcome).score(raw).mean() == pytest.approx(outcome.mean(), abs=1e-6)


def test_few_rows_hardly_stretch():
    raw, outcome = drawn(1.0, 0.0, rows=50)
    assert 0.5 < fit_calibration(raw, outcome).slope < 1.5


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), slope=st.floats(-3, 3), scale=st.floats(1e-6, 1e4))
def test_map_always_increases_and_stays_in_bounds(seed, slope, scale):
    raw, outcome = drawn(slope, -1.0, rows=200, seed=seed)
    outcome[:2] = (0, 1)
    found = fit_calibration(raw * scale, outcome)
    assert found.slope > 0
    scores = found.score(raw * scale)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert np.isfinite(scores).all()


def test_ranking_that_did_not_hold_is_promised_little():
    raw, outcome = drawn(-2.0, -1.0)
    scores = fit_calibration(raw, outcome).score(raw)
    assert np.ptp(scores) < 0.1


def test_log_odds_and_probabilities_are_inverse():
    probability = np.array([0.001, 0.2, 0.5, 0.999])
    assert sigmoid(log_odds_of(probability)) == pytest.approx(probability)
    assert np.isfinite(log_odds_of(np.array([0.0, 1.0]))).all()


def test_threshold_is_the_score_with_the_best_expected_f1():
    scores = np.array([0.05, 0.1, 0.4, 0.6, 0.9])
    total = scores.sum()
    expected = {cut: 2 * scores[scores >= cut].sum() / ((scores >= cut).sum() + total) for cut in scores}
    assert best_threshold(scores) == max(expected, key=expected.get)


def test_threshold_of_equal_scores_is_that_score():
    assert best_threshold(np.full(10, 0.2)) == 0.2


def test_threshold_without_scores():
    assert best_threshold(np.empty(0)) == 0.5
