"""Logistic regression with a ridge penalty on standardised features."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from food_inspections.domain.inputs import FloatArray, IntArray, ModelInputs
from food_inspections.domain.recipes.preprocessing import encode, encoder, per_input, recency_weights

if TYPE_CHECKING:
    import optuna

DEFAULTS: Mapping[str, Any] = MappingProxyType({"penalty": 200.0, "half_life_days": None})


class RidgeLogistic:
    """Linear log-odds; what an input contributes is its coefficient times its distance from the mean."""

    def __init__(self, inputs: ModelInputs, parameters: Mapping[str, Any], seed: int) -> None:
        self.inputs = inputs
        self.parameters = dict(parameters)
        self.seed = seed

    def fit(self, inputs: pd.DataFrame, outcome: IntArray, age_days: FloatArray) -> Self:
        """Find the coefficients by Newton's method: few steps, each exact, whatever the number of rows."""
        self.encoder_ = encoder(self.inputs, is_scaled=True).fit(inputs)
        rows = encode(self.encoder_, inputs)
        # One thread: the sums of several threads depend on how many there are.
        with threadpool_limits(limits=1):
            regression = LogisticRegression(C=1.0 / self.parameters["penalty"], solver="newton-cholesky", max_iter=100)
            regression.fit(rows, outcome, sample_weight=recency_weights(age_days, self.parameters["half_life_days"]))
        self.coefficients_ = regression.coef_[0].astype(np.float64)
        self.intercept_ = float(regression.intercept_[0])
        self.means_ = rows.mean(axis=0)
        return self

    def raw_log_odds(self, inputs: pd.DataFrame) -> FloatArray:
        """Intercept plus the sum over coefficients times values."""
        return np.asarray((encode(self.encoder_, inputs) * self.coefficients_).sum(axis=1) + self.intercept_)

    def contributions(self, inputs: pd.DataFrame) -> FloatArray:
        """Coefficient times distance from the mean: the SHAP value of a linear model with independent inputs."""
        values = (encode(self.encoder_, inputs) - self.means_) * self.coefficients_
        return per_input(self.encoder_, self.inputs, values)


def search_space(trial: "optuna.Trial") -> dict[str, Any]:
    """Parameters worth trying."""
    return {"penalty": trial.suggest_float("penalty", 0.1, 10_000.0, log=True)}
