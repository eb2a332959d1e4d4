"""Distances between two histograms of scores with the same bins."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

STABLE_BELOW = 0.1


def population_stability_index(reference: FloatArray, current: FloatArray) -> float:
    """How differently two histograms spread their scores; 0 is alike.

    The sum over bins of (c - r) * ln(c / r), with shares c and r (S. Lewis, An Introduction
    to Credit Scoring, 1994; the 0.1 and 0.2 lines are its customary reading). As in
    ``food_inspections.domain.monitoring.drift``, half a row is added to every bin so that none is empty;
    that module itself would bring scipy into every server, 55 MB for this one line.

    Args:
        reference: Counts per bin.
        current: Counts per bin, same bins.

    Returns:
        The index; NaN where either histogram is empty.
    """
    if not reference.sum() or not current.sum():
        return float("nan")
    expected, seen = ((counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (reference, current))
    return float(((seen - expected) * np.log(seen / expected)).sum())


def merge_to_deciles(reference: FloatArray, current: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Join neighbouring bins until each holds about a tenth of the reference.

    The index over many thin bins measures chance rather than change: with forty bins and
    eighty inspections two samples of the same scores easily reach 0.2.
    """
    if not reference.sum():
        return reference, current
    share = np.cumsum(reference) / reference.sum()
    group = np.minimum((share - 1e-9) * 10, 9.999).clip(min=0).astype(np.int64)
    # A bin that holds several tenths leaves their groups out rather than empty.
    group = np.unique(group, return_inverse=True)[1]
    return (
        np.bincount(group, weights=reference).astype(np.float64),
        np.bincount(group, weights=current).astype(np.float64),
    )


def kolmogorov_smirnov(reference: FloatArray, current: FloatArray) -> float:
    """The largest gap between the two cumulative histograms, in [0, 1].

    Args:
        reference: Counts per bin.
        current: Counts per bin, same bins.

    Returns:
        The distance at the bins' edges; NaN where either histogram is empty.
    """
    if not reference.sum() or not current.sum():
        return float("nan")
    gap = np.cumsum(reference) / reference.sum() - np.cumsum(current) / current.sum()
    return float(np.abs(gap).max())
