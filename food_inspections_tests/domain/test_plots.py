"""What people are to see in a picture, before it is one."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from food_inspections.domain import plots
from food_inspections.domain.evaluation.metrics import Scored


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures, caught before they become pictures."""
    found: list[Figure] = []
    monkeypatch.setattr(plots, "_png", lambda figure: found.append(figure) or b"")
    return found


def scored(scores: np.ndarray) -> Scored:
    outcome = (np.arange(len(scores)) % 5 == 0).astype("int64")
    return Scored(outcome, scores, outcome, np.arange(len(scores)))


@pytest.mark.parametrize(("highest", "limit"), [(0.01, 0.2 * 1.08), (0.9, 0.9 * 1.08)])
def test_the_calibration_curve_fills_its_axes(drawn: list[Figure], highest: float, limit: float) -> None:
    plots.calibration_curve(scored(np.full(100, highest)))

    (axes,) = drawn[0].axes
    assert axes.get_xlim() == axes.get_ylim() == pytest.approx((0, limit), rel=0.3)
    assert not axes.spines["top"].get_visible()
    assert not axes.spines["right"].get_visible()
