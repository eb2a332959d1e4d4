"""Which rows belong together, and what an inspection says where its rows differ."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.city.grouping import Groups
from food_inspections.domain.city.texts import Texts


def agreed(groups: Sequence[int], *texts: str | None) -> tuple[list[str | None], int]:
    together = Groups.of(np.asarray(groups, dtype=np.int64), np.arange(len(groups)))
    found, torn = together.agree(Texts.of(pd.Series(texts, dtype=object)))
    return list(found.values()), torn


def test_rows_of_a_group_stay_in_the_order_they_came() -> None:
    groups = Groups.of(np.array([1, 0, 1, 0]), np.array([7, 3, 5, 9]))

    assert groups.rows.tolist() == [3, 9, 7, 5]
    assert groups.sizes.tolist() == [2, 2]
    assert groups.numbers.tolist() == [0, 0, 1, 1]
    assert Groups.of(np.array([], dtype=np.int64), np.array([], dtype=np.int64)).sizes.tolist() == []


@pytest.mark.parametrize(
    ("texts", "says", "is_torn"),
    [
        (("A", "A"), "A", False),
        (("A", None), "A", False),
        ((None, "A"), "A", False),
        ((None, None), None, False),
        (("A", "B", "A"), "A", True),
        (("B", "A", "A"), "A", True),
        (("A", "B", "B"), "B", True),
        # Of as many, the one that sorts first, wherever it stands.
        (("B", "A"), "A", True),
        (("A", "B"), "A", True),
        # What is not said is no text, however often.
        ((None, None, "B", None, "A", "B"), "B", True),
    ],
)
def test_the_text_of_most_rows_counts(texts: tuple[str | None, ...], says: str | None, is_torn: bool) -> None:
    assert agreed([0] * len(texts), *texts) == ([says], is_torn)


def test_each_group_has_its_own_text() -> None:
    texts = ("A", "B", "A", "B", "B", None)

    assert agreed([0, 0, 0, 1, 2, 2], *texts) == (["A", "B", "B"], 1)


def test_the_latest_moment_of_a_group_is_its_own() -> None:
    moments = pd.to_datetime(pd.Series(["2025-02-01", None, "2025-03-01", "2025-01-01"]))

    latest = Groups.of(np.array([0, 0, 1, 1]), np.arange(4)).latest(moments)

    assert latest.tolist() == [pd.Timestamp("2025-02-01"), pd.Timestamp("2025-03-01")]
