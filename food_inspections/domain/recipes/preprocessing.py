"""From named feature columns to the numbers a recipe computes with, and back."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder

from food_inspections.domain.inputs import FloatArray, ModelInputs

# A category seen less often is taken together with the other rare ones and with those never seen.
MINIMUM_CATEGORY_ROWS = 40
# Standard deviations after which a number is cut off: one odd place must not steer a linear model.
LARGEST_DEVIATION = 4.0
# A visit five years old counts half. Of no account within three steady years; after a gap or a change of
# code, when old visits would outvote the few new ones, it is worth more than any feature.
HALF_LIFE_DAYS = 1825.0
_NEVER_SEEN = "\0"


class SkewScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Standardises numbers after pulling in long tails with the inverse hyperbolic sine.

    Counts and days since something are skewed; the sine is linear around the
    middle and logarithmic far out, for either sign.
    """

    def fit(self, values: Any, outcome: object = None) -> Self:
        """Learn middle, spread and the deviations after the transformation."""
        numbers = np.asarray(values, dtype=np.float64)
        self.middle_ = np.median(numbers, axis=0)
        low, high = np.quantile(numbers, [0.1, 0.9], axis=0)
        spread = high - low
        deviation = numbers.std(axis=0)
        self.spread_ = np.where(spread > 0, spread / 2, np.where(deviation > 0, deviation, 1.0))
        squashed = np.arcsinh((numbers - self.middle_) / self.spread_)
        self.mean_ = squashed.mean(axis=0)
        deviation = squashed.std(axis=0)
        self.deviation_ = np.where(deviation > 0, deviation, 1.0)
        return self

    def transform(self, values: Any) -> FloatArray:
        """Standardised numbers, cut off at four deviations."""
        squashed = np.arcsinh((np.asarray(values, dtype=np.float64) - self.middle_) / self.spread_)
        standard = (squashed - self.mean_) / self.deviation_
        return np.asarray(np.clip(standard, -LARGEST_DEVIATION, LARGEST_DEVIATION))


def encoder(inputs: ModelInputs, *, is_scaled: bool) -> ColumnTransformer:
    """Numbers first, then one block of indicator columns per category, in the order of the inputs.

    Args:
        inputs: The columns taken.
        is_scaled: Whether numbers are standardised; trees do not need it.
    """
    numeric = SkewScaler() if is_scaled else "passthrough"
    categories = [
        (
            name,
            OneHotEncoder(
                handle_unknown="infrequent_if_exist", min_frequency=MINIMUM_CATEGORY_ROWS, sparse_output=False
            ),
            [name],
        )
        for name in inputs.categorical
    ]
    return ColumnTransformer([("numeric", numeric, list(inputs.numeric)), *categories], sparse_threshold=0.0)


def fit_encoder(
    inputs: ModelInputs, rows: pd.DataFrame, *, is_scaled: bool, dtype: npt.DTypeLike = np.float64
) -> tuple[ColumnTransformer, npt.NDArray[Any]]:
    """An :func:`encoder` fitted on rows, and the rows encoded: fitting encodes them anyway."""
    fitted = encoder(inputs, is_scaled=is_scaled)
    return fitted, np.ascontiguousarray(fitted.fit_transform(rows), dtype=dtype)


@dataclass(frozen=True)
class _Indicators:
    """What a fitted encoder makes of a category.

    Attributes:
        input_name: Column of the category.
        categories: Those seen while fitting.
        rows: Indicator columns of each of them, and last those of one never seen.
    """

    input_name: str
    categories: pd.Index
    rows: FloatArray


@lru_cache(maxsize=16)
def _indicators(fitted: ColumnTransformer) -> tuple[_Indicators, ...]:
    """The indicator columns of every category, asked of the encoder once."""
    found = []
    for name, encoder_of_one, _columns in fitted.transformers_[1:]:
        categories = encoder_of_one.categories_[0]
        seen = pd.DataFrame({name: [*categories, _NEVER_SEEN]}, dtype=object)
        found.append(_Indicators(name, pd.Index(categories), encoder_of_one.transform(seen).astype(np.float64)))
    return tuple(found)


def encode(fitted: ColumnTransformer, inputs: pd.DataFrame) -> FloatArray:
    """The encoded rows as float64.

    The same as ``fitted.transform(inputs)``, which spends seven milliseconds a call on looking at what it is
    given, however few the rows are.
    """
    _name, scaler, numeric = fitted.transformers_[0]
    numbers = [scaler.transform(inputs[numeric].to_numpy(dtype=np.float64))] if numeric else []
    # Of a category that was never seen the indexer says -1: the last row.
    indicators = [one.rows[one.categories.get_indexer(pd.Index(inputs[one.input_name]))] for one in _indicators(fitted)]
    return np.ascontiguousarray(np.hstack([*numbers, *indicators]))


def per_input(fitted: ColumnTransformer, inputs: ModelInputs, encoded: npt.NDArray[Any]) -> FloatArray:
    """Sum values of encoded columns back into one column per input.

    Args:
        fitted: The encoder that made the columns.
        inputs: The inputs it was made for.
        encoded: Rows x encoded columns, e.g. contributions.
    """
    result = np.zeros((len(encoded), len(inputs.columns)))
    count = len(inputs.numeric)
    result[:, :count] = encoded[:, fitted.output_indices_["numeric"]]
    for position, name in enumerate(inputs.categorical, start=count):
        result[:, position] = encoded[:, fitted.output_indices_[name]].sum(axis=1)
    return result


def recency_weights(age_days: FloatArray, half_life_days: float | None) -> FloatArray:
    """Weights of training rows that halve with every half-life of age, with mean 1; all 1 without a half-life."""
    if half_life_days is None or not len(age_days):
        return np.ones(len(age_days))
    weights = np.power(0.5, age_days / half_life_days)
    return np.asarray(weights / weights.mean())
