import numpy as np
import pytest
from scipy.stats import binomtest, norm

from food_inspections.domain.evaluation.proportions import NORMAL, proportion, wilson

SHARES = [(0, 1), (1, 1), (0, 4), (9, 23), (6, 34), (400, 1000)]


@pytest.mark.parametrize(("positives", "count"), SHARES)
def test_the_interval_of_a_share_is_wilsons(positives: int, count: int) -> None:
    known = binomtest(positives, count).proportion_ci(0.9, method="wilson")

    share = proportion(positives, count)

    assert (share.lower, share.value, share.upper) == pytest.approx((known.low, positives / count, known.high))


def test_many_shares_at_once_have_the_intervals_of_each() -> None:
    positives, count = np.array(SHARES, dtype=float).T

    lower, upper = wilson(positives / count, count)

    singly = [proportion(*share) for share in SHARES]
    assert lower.tolist() == pytest.approx([share.lower for share in singly])
    assert upper.tolist() == pytest.approx([share.upper for share in singly])


def test_a_share_of_none_is_not_defined() -> None:
    share = proportion(0, 0)

    assert np.isnan([share.value, share.lower, share.upper]).all()


def test_the_normal_range_holds_nine_tenths() -> None:
    assert norm.cdf(NORMAL) - norm.cdf(-NORMAL) == pytest.approx(0.9)
