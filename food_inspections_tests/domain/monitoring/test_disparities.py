"""Disparities with their intervals: even, uneven, or too few to tell."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from food_inspections.domain.monitoring.disparities import answer_of, disparities, fairness, ratio_interval


def visits(counts: dict[str, tuple[int, int]], zips: tuple[str, ...] = ("60601",)) -> pd.DataFrame:
    """Per kind: visits that passed, and how many of those were flagged; as many failed, half of them flagged."""
    parts = []
    for kind, (passed, flagged) in counts.items():
        label = [1] * flagged + [0] * (passed - flagged) + [1] * (passed // 2) + [0] * (passed - passed // 2)
        part = pd.DataFrame({"label": label, "outcome": [0] * passed + [1] * passed, "facility_type": kind})
        part["zip"] = [zips[number % len(zips)] for number in range(len(part))]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def fpr(table: pd.DataFrame) -> pd.DataFrame:
    kinds = table[(table["attribute_name"] == "facility_type") & (table["rate"] == "fpr")]
    return kinds.set_index("attribute_value")


def test_many_alike_are_even_many_unlike_uneven_and_few_cannot_tell() -> None:
    counts = {"Alike": (2000, 610), "Unlike": (2000, 1200), "Few": (12, 5), "Rare": (4, 4)}
    found = fpr(disparities(visits({"Restaurant": (2000, 600)} | counts), {"facility_type": "Restaurant"}))
    assert found["answer"].to_dict() == {
        "Alike": "even", "Few": "cannot_tell", "Rare": "cannot_tell", "Unlike": "uneven",
    }  # fmt: skip
    assert found.loc["Unlike", "disparity"] == pytest.approx(2.0)
    assert np.isnan(found.loc["Rare", "disparity"])
    assert found.loc["Few", ["cases", "events", "reference_cases", "reference_events"]].tolist() == [12, 5, 2000, 600]


def test_the_rates_are_what_counting_gives() -> None:
    rows = visits({"Restaurant": (100, 30), "School": (100, 60)})
    table = disparities(rows, {"facility_type": "Restaurant"}).set_index("rate")
    school = rows[rows["facility_type"] == "School"]
    flagged, failed = school["label"] == 1, school["outcome"] == 1
    expected = {
        "fpr": (~failed, flagged), "fnr": (failed, ~flagged), "fdr": (flagged, ~failed), "for": (~flagged, failed),
        "tpr": (failed, flagged),
        "tnr": (~failed, ~flagged), "precision": (flagged, failed), "npv": (~flagged, ~failed),
    }  # fmt: skip
    for rate, (about, counted) in expected.items():
        assert table.loc[rate, "cases"] == about.sum(), rate
        assert table.loc[rate, "events"] == (about & counted).sum(), rate


def test_kinds_by_area_are_compared_with_the_same_kind_elsewhere() -> None:
    rows = visits({"Restaurant": (400, 120), "School": (60, 20)}, ("60601", "60602"))
    table = disparities(rows, {"facility_type": "Restaurant", "zip": "60601"})
    cells = table[(table["attribute_name"] == "facility_type_zip") & (table["rate"] == "pprev")]
    assert set(cells["attribute_value"]) == {
        "Restaurant in 60601", "Restaurant in 60602", "School in 60601", "School in 60602",
    }  # fmt: skip
    sizes = cells.set_index("attribute_value")
    assert sizes.loc["School in 60601", ["cases", "reference_cases"]].tolist() == [60, 60]


def test_fairness_is_even_only_where_every_pair_is() -> None:
    even = disparities(visits({"Restaurant": (4000, 2000), "Alike": (4000, 2000)}), {"facility_type": "Restaurant"})
    few = disparities(visits({"Restaurant": (4000, 2000), "Few": (12, 6)}), {"facility_type": "Restaurant"})
    uneven = disparities(visits({"Restaurant": (4000, 2000), "Unlike": (4000, 400)}), {"facility_type": "Restaurant"})
    assert [fairness(table, "flagged").answer for table in (even, few, uneven)] == ["even", "cannot_tell", "uneven"]
    assert fairness(uneven, "flagged").statement.endswith("Uneven: Unlike.")
    assert fairness(even.iloc[:0], "flagged").answer == "cannot_tell"


@given(st.integers(10, 500), st.integers(10, 500), st.data())
def test_an_interval_holds_its_estimate_and_narrows_with_more_cases(
    cases: int, others: int, data: st.DataObject
) -> None:
    events, other_events = data.draw(st.integers(1, cases)), data.draw(st.integers(1, others))
    _, lower, upper = ratio_interval(events, cases, other_events, others)
    assert lower <= upper
    _, narrow, wide = ratio_interval(100 * events, 100 * cases, 100 * other_events, 100 * others)
    assert wide / narrow <= upper / lower * (1 + 1e-9)


@pytest.mark.parametrize(
    ("interval", "answer"),
    [((0.85, 1.2), "even"), ((1.3, 2.0), "uneven"), ((0.2, 0.7), "uneven"), ((0.7, 1.1), "cannot_tell"),
     ((float("nan"), float("nan")), "cannot_tell")],
)  # fmt: skip
def test_the_whole_interval_decides(interval: tuple[float, float], answer: str) -> None:
    assert answer_of(*interval) == answer
