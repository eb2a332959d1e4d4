import pytest
from scipy.stats import binomtest

from food_inspections.monitor.judgement.shares import interval


@pytest.mark.parametrize(("count", "total"), [(0, 1), (1, 1), (0, 4), (9, 23), (6, 34), (400, 1000)])
def test_the_interval_of_a_share_is_wilsons(count: int, total: int) -> None:
    known = binomtest(count, total).proportion_ci(0.9, method="wilson")
    assert interval(count, total) == pytest.approx((known.low, known.high), abs=1e-4)
