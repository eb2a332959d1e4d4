"""From named feature columns to the numbers a recipe computes with, and back."""

from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer

from food_inspections.domain.inputs import FloatArray, ModelInputs

# A category seen less often is taken together with the other rare ones and with those never seen.
MINIMUM_CATEGORY_ROWS = 40
# Standard deviations after which a number is cut off: one odd place must not steer a linear model.
LARGEST_DEVIATION = 4.0
# A visit five years old counts half. Of no account within three steady years; after a gap or a change of
# code, when old visits would outvote the few new ones, it is worth more than any feature.
HALF_LIFE_DAYS = 1825.0


class SkewScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Standardises numbers after pulling in long tails with the inverse hyperbolic sine.

    Counts and days since something are skewed; the sine is linear around the
    middle and logarithmic far out, for either sign.
    """

    def fit(self, values: Any, outcome: object = None) -> Self:
        """Learn middle, spread and the deviations after the transformation, one column after the other."""
        learnt = [_shape(column) for column in np.asarray(values, dtype=np.float64).T]
        self.middle_, self.spread_, self.mean_, self.deviation_ = np.array(learnt, dtype=np.float64).reshape(-1, 4).T
        return self

    def transform(self, values: Any) -> FloatArray:
        """Standardised numbers, cut off at four deviations."""
        return self.scale(np.array(values, dtype=np.float64))

    def scale(self, values: FloatArray) -> FloatArray:
        """:meth:`transform` in place: a long history is too large to be held several times."""
        values -= self.middle_
        values /= self.spread_
        np.arcsinh(values, out=values)
        values -= self.mean_
        values /= self.deviation_
        return np.clip(values, -LARGEST_DEVIATION, LARGEST_DEVIATION, out=values)


def _shape(column: FloatArray) -> tuple[float, float, float, float]:
    """Middle and spread of a column, and mean and deviation of what the sine makes of it."""
    low, middle, high = np.quantile(column, [0.1, 0.5, 0.9])
    spread = (high - low) / 2 or column.std() or 1.0
    squashed = np.arcsinh((column - middle) / spread)
    return middle, spread, squashed.mean(), squashed.std() or 1.0


class Encoder:
    """Numbers first, then one block of indicator columns per category, in the order of the inputs.

    A block has a column for every frequent word, in alphabetical order, and where there were rare ones a last
    column for these and for words never seen; without it, a word never seen has no indicator at all.

    Args:
        inputs: The columns taken.
        is_scaled: Whether numbers are standardised; trees do not need it.
    """

    def __init__(self, inputs: ModelInputs, *, is_scaled: bool) -> None:
        # Lists of its own: an encoder that several recipes share must not hold the inputs of the one that asked first,
        # or the files of equal models would tell which that was.
        self.numeric = list(inputs.numeric)
        self.categorical = list(inputs.categorical)
        self.is_scaled = is_scaled

    def fit(self, rows: pd.DataFrame) -> Self:
        """Learn the shapes of numbers and the frequent words."""
        if self.is_scaled:
            self.scaler_ = SkewScaler().fit(_numbers(rows, self.numeric))
        self.words_: list[list[str]] = []
        self.has_rare_: list[bool] = []
        for name in self.categorical:
            counts = rows[name].value_counts()
            self.words_.append(sorted(counts.index[counts >= MINIMUM_CATEGORY_ROWS]))
            self.has_rare_.append(len(self.words_[-1]) < len(counts))
        return self

    def transform(self, rows: pd.DataFrame, dtype: npt.DTypeLike = np.float64) -> npt.NDArray[Any]:
        """The encoded rows, row by row in memory."""
        count, blocks = len(self.numeric), self.output_indices_
        encoded = np.zeros((len(rows), max((block.stop for block in blocks.values()), default=0)), dtype=dtype)
        encoded[:, :count] = _numbers(rows, self.numeric)
        if self.is_scaled:
            self.scaler_.scale(encoded[:, :count])
        every = np.arange(len(rows))
        for name, words, has_rare in zip(self.categorical, self.words_, self.has_rare_, strict=True):
            places = pd.Index(words, dtype=object).get_indexer(pd.Index(rows[name]))
            if has_rare:
                places = np.where(places < 0, len(words), places)
            is_known = places >= 0
            encoded[every[is_known], blocks[name].start + places[is_known]] = 1
        return encoded

    @property
    def output_indices_(self) -> dict[str, slice]:
        """The columns that each block takes."""
        widths = [len(words) + has_rare for words, has_rare in zip(self.words_, self.has_rare_, strict=True)]
        ends = np.cumsum([len(self.numeric), *widths]).tolist()
        names = ("numeric", *self.categorical)
        return {name: slice(start, end) for name, start, end in zip(names, [0, *ends], ends, strict=False)}


def _numbers(rows: pd.DataFrame, names: list[str]) -> npt.NDArray[Any]:
    """The numbers of rows; where these stand as :meth:`ModelInputs.frame` gives them, without a copy."""
    first = rows.iloc[:, : len(names)]
    return (first if list(first.columns) == names else rows[names]).to_numpy()


FittedEncoder: TypeAlias = Encoder | ColumnTransformer
"""Models stored by earlier versions hold scikit-learn's, which encodes the same."""


def fit_encoder(
    inputs: ModelInputs, rows: pd.DataFrame, *, is_scaled: bool, dtype: npt.DTypeLike = np.float64
) -> tuple[Encoder, npt.NDArray[Any]]:
    """An :class:`Encoder` fitted on rows, and the rows encoded."""
    fitted = Encoder(inputs, is_scaled=is_scaled).fit(rows)
    return fitted, fitted.transform(rows, dtype)


def encode(fitted: FittedEncoder, inputs: pd.DataFrame) -> FloatArray:
    """The encoded rows as float64."""
    return np.ascontiguousarray(fitted.transform(inputs), dtype=np.float64)


def per_input(fitted: FittedEncoder, inputs: ModelInputs, encoded: npt.NDArray[Any]) -> FloatArray:
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
