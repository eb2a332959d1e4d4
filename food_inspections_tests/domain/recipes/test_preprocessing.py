"""Rare categories are taken together, so that none of them is learnt from a handful of visits."""

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.recipes.preprocessing import Encoder, encode

KIND = ModelInputs(numeric=(), categorical=("kind",))


@pytest.mark.parametrize(("rows", "is_told_apart"), [(39, False), (40, True)])
def test_forty_rows_make_a_category(rows: int, is_told_apart: bool) -> None:
    kinds = ["common"] * 100 + ["rare"] * 5 + ["in question"] * rows
    fitted = Encoder(KIND, is_scaled=False).fit(pd.DataFrame({"kind": kinds}))

    in_question, rare, never_seen = encode(
        fitted, pd.DataFrame({"kind": ["in question", "rare", "never seen"]})
    ).tolist()

    assert (in_question != rare) is is_told_apart
    assert rare == never_seen


@pytest.mark.parametrize("is_scaled", [True, False])
@pytest.mark.parametrize("commonest", [100, 45])
def test_encoding_is_to_the_bit_what_the_fitted_transformer_makes(is_scaled: bool, commonest: int) -> None:
    random = np.random.default_rng(5)
    inputs = ModelInputs(numeric=("visits", "rate"), categorical=("kind", "zip"))
    kinds = [*["bakery"] * commonest, *["school"] * (180 - commonest), *["kiosk"] * 20]
    rows = pd.DataFrame(
        {"visits": random.poisson(3, 200).astype(float), "rate": random.random(200), "kind": kinds, "zip": "60614"}
    )
    fitted = encoder(inputs, is_scaled=is_scaled).fit(rows)
    asked = rows.iloc[::-7].reset_index(drop=True).assign(visits=1e9)
    asked.loc[[0, 3], "kind"] = "never seen"
    asked.loc[5, "zip"] = "99999"
    pd.testing.assert_frame_equal(
        pd.DataFrame(encode(fitted, asked)), pd.DataFrame(fitted.transform(asked)), check_exact=True
    )
