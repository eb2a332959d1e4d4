import numpy as np
import pandas as pd
import pytest

from food_inspections.monitor.figures import scores
from food_inspections_tests.monitor.figures.checking import check, trace


def bins(counts: list[int], kind: str = "all") -> pd.DataFrame:
    edges = np.linspace(0, 1, len(counts) + 1)
    total = max(sum(counts), 1)
    return pd.DataFrame(
        {
            "facility_type": kind,
            "bin": range(len(counts)),
            "bin_lower": edges[:-1],
            "bin_upper": edges[1:],
            "count": counts,
            "share": [count / total for count in counts],
        }
    )


NAMES = ("validation", "week of 6 Jan 2025")


def test_the_histogram_shows_shares_and_the_threshold() -> None:
    figure = scores.histogram(bins([2, 2, 0, 0]), bins([1, 3, 0, 0]), NAMES, 0.31)
    check(figure)
    assert trace(figure, NAMES[1])["y"] == [0.25, 0.75, 0, 0]
    assert trace(figure, NAMES[1])["x"] == pytest.approx([0.125, 0.375, 0.625, 0.875])
    # One more than bins, so that the last step has a right end.
    assert trace(figure, NAMES[0])["y"] == [0.5, 0.5, 0, 0, 0]
    assert figure["layout"]["shapes"][0]["x0"] == 0.31
    assert "31%" in figure["layout"]["annotations"][0]["text"]
    assert figure["layout"]["xaxis"]["range"] == [0, 0.525]


def test_without_a_champion_no_threshold_is_drawn() -> None:
    figure = scores.histogram(bins([1, 1]), bins([1, 1]), NAMES, None)
    check(figure)
    assert figure["layout"]["shapes"] == []


def test_the_cumulative_curves_end_at_one_and_mark_the_widest_gap() -> None:
    figure = scores.cumulative(bins([2, 2, 0, 0]), bins([1, 1, 1, 1]), NAMES)
    check(figure)
    assert trace(figure, NAMES[0])["y"] == [0, 0.5, 1, 1, 1]
    assert trace(figure, NAMES[1])["y"] == [0, 0.25, 0.5, 0.75, 1]
    gap = trace(figure, "widest gap")
    assert gap["x"] == [0.5, 0.5]
    assert gap["y"] == [0.5, 1]


def test_like_distributions_have_no_gap_to_mark() -> None:
    figure = scores.cumulative(bins([1, 1]), bins([2, 2]), NAMES)
    check(figure)
    assert len(figure["data"]) == 2
    assert figure["layout"]["annotations"] == []


@pytest.mark.parametrize("count", [1, 3, 7])
def test_each_kind_has_axes_of_its_own_within_the_figure(count: int) -> None:
    kinds = [f"kind {number}" for number in range(count)]
    frame = pd.concat([bins([1, 2, 3], kind) for kind in kinds])
    figure = scores.by_facility_type(frame, frame, NAMES, kinds)
    check(figure)
    assert len(figure["data"]) == 2 * count
    assert [note["text"].split(" \u00b7 ")[0] for note in figure["layout"]["annotations"]] == kinds
    assert len({trace["xaxis"] for trace in figure["data"]}) == count
    axes = [value for name, value in figure["layout"].items() if name.startswith(("xaxis", "yaxis"))]
    assert all(0 <= edge <= 1.0001 for axis in axes for edge in axis["domain"])
