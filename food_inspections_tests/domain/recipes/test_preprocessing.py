"""Rare categories are taken together, so that none of them is learnt from a handful of visits."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder

from food_inspections.domain.inputs import ModelInputs
from food_inspections.domain.recipes.preprocessing import (
    MINIMUM_CATEGORY_ROWS,
    Encoder,
    SkewScaler,
    encode,
    fit_encoder,
)

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
def test_encoding_is_to_the_bit_what_scikit_learn_makes(is_scaled: bool, commonest: int) -> None:
    random = np.random.default_rng(5)
    inputs = ModelInputs(numeric=("visits", "rate"), categorical=("kind", "zip"))
    kinds = [*["bakery"] * commonest, *["school"] * (180 - commonest), *["kiosk"] * 20]
    rows = pd.DataFrame(
        {"visits": random.poisson(3, 200).astype(float), "rate": random.random(200), "kind": kinds, "zip": "60614"}
    )
    asked = rows.iloc[::-7].reset_index(drop=True).assign(visits=1e9)
    asked.loc[[0, 3], "kind"] = "never seen"
    asked.loc[5, "zip"] = "99999"
    one_hot = {"handle_unknown": "infrequent_if_exist", "min_frequency": MINIMUM_CATEGORY_ROWS, "sparse_output": False}
    other = ColumnTransformer(
        [
            ("numeric", SkewScaler() if is_scaled else "passthrough", ["visits", "rate"]),
            *((name, OneHotEncoder(**one_hot), [name]) for name in ("kind", "zip")),
        ]
    )

    fitted, encoded = fit_encoder(inputs, rows, is_scaled=is_scaled)

    assert encoded.tolist() == other.fit_transform(rows).tolist()
    # Stored models of earlier versions hold the other one.
    for way in (fitted, other):
        assert encode(way, asked).tolist() == other.transform(asked).tolist()
    assert fitted.output_indices_ == {name: other.output_indices_[name] for name in ("numeric", "kind", "zip")}


def test_numbers_go_by_their_names_not_by_their_places() -> None:
    inputs = ModelInputs(numeric=("first", "second"))
    rows = pd.DataFrame({"second": [2.0, 4.0], "first": [1.0, 3.0]})

    assert encode(Encoder(inputs, is_scaled=False).fit(rows), rows).tolist() == [[1.0, 2.0], [3.0, 4.0]]
