"""Shares of few cases with honest intervals."""

from statistics import NormalDist

import numpy as np

from food_inspections.domain.evaluation.bootstrap import DEFAULT_COVERAGE, Interval
from food_inspections.domain.inputs import FloatArray

NORMAL = NormalDist().inv_cdf((1 + DEFAULT_COVERAGE) / 2)
"""Standard deviations to either side of the mean that hold the normal distribution's middle 90%."""


def wilson(share: FloatArray, count: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lower and upper ends of the 90% intervals of shares after Wilson (1927), within 0 and 1.

    Not by the bootstrap, which calls 0 of 12 certain: every resample has 0 of 12, too.

    Args:
        share: Shares.
        count: Of how many cases each, at least 1.
    """
    spread = NORMAL**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = NORMAL / (1 + spread) * np.sqrt(share * (1 - share) / count + spread / (4 * count))
    # Of none and of all the share is an end itself, which rounding must not put inside.
    return np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)


def proportion(positives: int, count: int) -> Interval:
    """A share with its 90% interval; NaN of none."""
    if not count:
        return Interval(float("nan"), float("nan"), float("nan"))
    share = positives / count
    lower, upper = wilson(np.asarray(share), np.asarray(float(count)))
    return Interval(share, float(lower), float(upper))
