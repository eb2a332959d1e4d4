"""Shares of few cases with honest intervals."""

from scipy.stats import binomtest

from food_inspections.domain.evaluation.bootstrap import DEFAULT_COVERAGE, Interval


def proportion(positives: int, count: int) -> Interval:
    """A share with its 90% interval after Wilson (1927); NaN of none.

    Not by the bootstrap, which calls 0 of 12 certain: every resample has 0 of 12, too.
    """
    if not count:
        return Interval(float("nan"), float("nan"), float("nan"))
    ends = binomtest(positives, count).proportion_ci(DEFAULT_COVERAGE, method="wilson")
    return Interval(positives / count, float(ends.low), float(ends.high))
