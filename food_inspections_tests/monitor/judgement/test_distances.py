import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from food_inspections.domain.monitoring import drift
from food_inspections.monitor.judgement import distances

counts = arrays(np.float64, 40, elements=st.integers(0, 500).map(float)).filter(lambda values: values.sum() > 0)


def test_psi_of_a_literal_pair() -> None:
    # With half a row more in each bin: 0.5 against 0.3 and 0.5 against 0.7.
    psi = distances.population_stability_index(np.array([2.0, 2.0]), np.array([1.0, 3.0]))
    assert psi == pytest.approx(-0.2 * math.log(0.3 / 0.5) + 0.2 * math.log(0.7 / 0.5))


@given(counts, counts)
def test_the_index_is_the_one_drift_is_judged_by(first: np.ndarray, second: np.ndarray) -> None:
    judged = drift.population_stability_index(first.astype(np.int64), second.astype(np.int64))
    assert distances.population_stability_index(first, second) == pytest.approx(judged)


def test_ks_of_a_literal_pair() -> None:
    assert distances.kolmogorov_smirnov(np.array([2.0, 2.0, 0.0]), np.array([1.0, 1.0, 2.0])) == pytest.approx(0.5)


@given(counts)
def test_a_histogram_is_no_distance_from_itself_nor_from_its_double(histogram: np.ndarray) -> None:
    assert distances.population_stability_index(histogram, histogram) == pytest.approx(0)
    assert distances.kolmogorov_smirnov(histogram, 2 * histogram) == pytest.approx(0)


@given(counts, counts)
def test_distances_are_bounded(first: np.ndarray, second: np.ndarray) -> None:
    forth = distances.population_stability_index(first, second)
    assert forth >= 0
    assert 0 <= distances.kolmogorov_smirnov(first, second) <= 1 + 1e-12


@given(counts, counts)
def test_merging_bins_loses_no_count_and_finds_no_more_difference(first: np.ndarray, second: np.ndarray) -> None:
    expected, seen = distances.merge_to_deciles(first, second)
    assert len(expected) == len(seen) <= 10
    assert expected.sum() == first.sum()
    assert seen.sum() == second.sum()
    assert distances.kolmogorov_smirnov(expected, seen) <= distances.kolmogorov_smirnov(first, second) + 1e-9


def test_nothing_is_no_number() -> None:
    nothing = np.zeros(3)
    assert math.isnan(distances.population_stability_index(nothing, np.ones(3)))
    assert math.isnan(distances.kolmogorov_smirnov(np.ones(3), nothing))
    assert distances.merge_to_deciles(nothing, np.ones(3))[1].sum() == 3
