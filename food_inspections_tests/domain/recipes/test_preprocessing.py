"""Rare categories are taken together, so that none of them is learnt from a handful of visits."""

import pandas as pd
import pytest

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.recipes.preprocessing import encode, encoder

KIND = ModelInputs(numeric=(), categorical=("kind",))


@pytest.mark.parametrize(("rows", "is_told_apart"), [(39, False), (40, True)])
def test_forty_rows_make_a_category(rows: int, is_told_apart: bool) -> None:
    kinds = ["common"] * 100 + ["rare"] * 5 + ["in question"] * rows
    fitted = encoder(KIND, is_scaled=False).fit(pd.DataFrame({"kind": kinds}))

    in_question, rare, never_seen = encode(
        fitted, pd.DataFrame({"kind": ["in question", "rare", "never seen"]})
    ).tolist()

    assert (in_question != rare) is is_told_apart
    assert rare == never_seen
