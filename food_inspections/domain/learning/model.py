"""A fitted model: one recipe with its cutoff, calibration map and threshold."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from food_inspections.domain.inputs import FloatArray, IntArray, ModelInputs
from food_inspections.domain.learning.bounds import Uncertainty, bounds
from food_inspections.domain.learning.calibration import Calibration
from food_inspections.settings import Label


@dataclass(frozen=True)
class TrainingRows:
    """Rows whose outcome is known, to learn from.

    Attributes:
        inputs: The input columns.
        outcome: What was found, 0 or 1.
        age_days: Distance of each visit from the cutoff.
        serious: Serious violations the visit found: not what is forecast, but found more often, by the
            same hands and in the same kitchens.
    """

    inputs: pd.DataFrame
    outcome: IntArray
    age_days: FloatArray
    serious: FloatArray

    @cached_property
    def content(self) -> bytes:
        """Hash of names and values, in their order: rows with the same hash teach the same."""
        digest = hashlib.sha256()
        for name, column in self.inputs.items():
            values, words = column.to_numpy(), list[str]()
            if values.dtype == object:
                values, known = pd.factorize(values)
                words = list(known)
            digest.update(repr((name, values.dtype.str, words)).encode())
            digest.update(values.tobytes())
        for values in (self.outcome, self.age_days, self.serious):
            digest.update(repr((values.dtype.str, values.shape)).encode())
            digest.update(values.tobytes())
        return digest.digest()


class Estimator(Protocol):
    """What a recipe builds: fitted on rows and outcomes, gives raw log-odds and says why."""

    def fit(self, rows: TrainingRows) -> "Estimator":
        """Learn from rows whose outcome is known."""
        ...

    def raw_log_odds(self, inputs: pd.DataFrame) -> FloatArray:
        """Log-odds before calibration, one per row."""
        ...

    def contributions(self, inputs: pd.DataFrame) -> FloatArray:
        """Rows x inputs: how much each input moves the row's raw log-odds from the average row's."""
        ...


@dataclass(frozen=True)
class FittedModel:
    """A model that scores feature rows.

    Attributes:
        recipe: Name in the registry of recipes.
        label: What it forecasts.
        cutoff: Monday; it has seen only inspections before this day.
        inputs: The columns it takes.
        parameters: Hyperparameters it was built with.
        seed: Seed of everything drawn at random while fitting.
        estimator: The fitted recipe.
        calibration: Map from raw to calibrated log-odds.
        threshold: Score from which on the predicted label is 1.
        uncertainty: How sure the map is; ``None`` in models stored by earlier versions.
    """

    recipe: str
    label: Label
    cutoff: date
    inputs: ModelInputs
    parameters: Mapping[str, Any]
    seed: int
    estimator: Estimator = field(repr=False)
    calibration: Calibration
    threshold: float
    uncertainty: Uncertainty | None = None

    @property
    def feature_columns(self) -> tuple[str, ...]:
        """Columns in the order the model takes them."""
        return self.inputs.columns

    def score(self, features: pd.DataFrame) -> FloatArray:
        """Estimated probability of the label for each row, calibrated, in [0, 1].

        Raises:
            DataError: Input columns are missing or not finite.
        """
        if features.empty:
            return pd.Series(dtype="float64").to_numpy()
        return self.calibration.score(self.estimator.raw_log_odds(self.inputs.frame(features)))

    def bounds(self, scores: FloatArray, days: pd.Series) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bound of each score on its day, see :mod:`food_inspections.domain.learning.bounds`."""
        return bounds(self.calibration, self.uncertainty, scores, days)

    def labels(self, scores: FloatArray) -> IntArray:
        """1 where the score reaches the threshold."""
        return (scores >= self.threshold).astype("int64")
