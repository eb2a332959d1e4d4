"""Bounds hold what they promise where the truth is known, and widen with all that blurs a score."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain.learning.bounds import PART_DAYS, Uncertainty, bounds, uncertainty
from food_inspections.domain.learning.calibration import Calibration, fit_calibration, sigmoid

NEWEST = pd.Timestamp("2025-03-31")
MIDDLE = NEWEST - pd.Timedelta(days=56)
MAP = Calibration(slope=1.0, intercept=0.0)
SCORES = np.array([0.05, 0.2, 0.5, 0.9])


def visits(drift, rows=4_000, parts=4, seed=0):
    """Log-odds, outcomes and days of visits in parts of four weeks, each moved by a draw of its own."""
    generator = np.random.default_rng(seed)
    raw, ago = generator.normal(-1.5, 0.8, rows), generator.integers(0, parts * PART_DAYS, rows)
    moved = generator.normal(0, drift, parts)[ago // PART_DAYS]
    outcome = (generator.random(rows) < sigmoid(raw + moved)).astype(np.int64)
    return raw, outcome, pd.Series(NEWEST - pd.to_timedelta(ago, unit="D"))


def fitted(drift, **made):
    raw, outcome, days = visits(drift, **made)
    found = fit_calibration(raw, outcome)
    return found, uncertainty(found, raw, outcome, days)


def width(known, days_later=7, score=0.2):
    low, high = bounds(MAP, known, np.array([score]), pd.Series([NEWEST + timedelta(days=days_later)]))
    return float(high[0] - low[0])


def known(**changes):
    return Uncertainty(**{
        "slope_variance": 0.001, "intercept_variance": 0.002, "covariance": 0.001,
        "drift_variance": 0.04, "mean_day": MIDDLE.date().isoformat(), **changes,
    })  # fmt: skip


@pytest.mark.parametrize("drift", [0.1, 0.2, 0.3])
def test_nine_of_ten_shares_of_the_weeks_to_come_lie_between_the_bounds(drift):
    held = []
    for seed in range(150):
        found, sure = fitted(drift, seed=seed)
        moved = np.random.default_rng(10_000 + seed).normal(0, drift)
        raw = np.array([-2.0, -1.0, 0.0])
        low, high = bounds(found, sure, found.score(raw), pd.Series([NEWEST + timedelta(days=7)] * 3))
        truth = sigmoid(raw + moved)
        held.extend((low <= truth) & (truth <= high))
    assert 0.8 <= np.mean(held) <= 1.0


def test_a_city_that_moves_has_wider_bounds():
    assert width(fitted(0.6)[1]) > 1.3 * width(fitted(0.0)[1])


def test_few_visits_have_wider_bounds():
    assert width(fitted(0.0, rows=100)[1]) > width(fitted(0.0, rows=10_000)[1])


def test_after_a_year_without_a_visit_bounds_are_more_than_twice_as_wide():
    assert width(known(), days_later=365) > 2 * width(known(), days_later=7)


def test_while_half_of_the_visits_lie_before_a_gap_bounds_stay_wide():
    raw, outcome, days = visits(0.0)
    is_old = np.arange(len(days)) % 2 == 0
    before_a_gap = days.mask(is_old, days - pd.Timedelta(days=365))
    usual, torn = (uncertainty(MAP, raw, outcome, each) for each in (days, before_a_gap))
    assert width(torn) > 1.3 * width(usual)


@given(days=st.lists(st.integers(0, 2_000), min_size=2, max_size=2, unique=True))
@settings(deadline=None)
def test_the_longer_ago_the_wider(days):
    sooner, later = sorted(days)
    assert width(known(), days_later=sooner) < width(known(), days_later=later)


def test_a_day_among_the_visits_is_no_nearer_than_the_cutoff():
    assert width(known(), days_later=-30) == width(known(), days_later=0)


def test_the_score_lies_between_its_bounds():
    found, sure = fitted(0.2)
    low, high = bounds(found, sure, SCORES, pd.Series([NEWEST] * 4))
    assert ((low > 0) & (low < SCORES) & (high > SCORES) & (high < 1)).all()


def test_of_a_model_of_an_earlier_version_no_bounds_are_known():
    low, high = bounds(MAP, Uncertainty.stored(None), SCORES, pd.Series([NEWEST] * 4))
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_what_is_stored_comes_back():
    assert Uncertainty.stored(known().as_stored()) == known()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-6, 1e4), rows=st.integers(10, 200))
def test_bounds_are_finite_whatever_the_rows(seed, scale, rows):
    raw, outcome, days = visits(0.5, rows=rows, seed=seed)
    outcome[:2] = (0, 1)
    found = fit_calibration(raw * scale, outcome)
    sure = uncertainty(found, raw * scale, outcome, days)
    low, high = bounds(found, sure, found.score(raw * scale), days)
    assert np.isfinite(low).all()
    assert np.isfinite(high).all()
    assert (low <= high).all()
    assert date.fromisoformat(sure.mean_day) <= NEWEST.date()
