"""Logistic regression with a ridge penalty on standardised features, helped by a second outcome.

Failures and critical violations are rare; serious violations are found at every other visit
and go with them. A ridge regression of their count on the same columns is mixed in: the sum of
two linear models is one linear model, so scores and reasons stay as simple as they were.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from food_inspections.domain.inputs import FloatArray, ModelInputs
from food_inspections.domain.learning.model import TrainingRows
from food_inspections.domain.learning.shared_fits import fitted_once
from food_inspections.domain.recipes.preprocessing import (
    HALF_LIFE_DAYS,
    Encoder,
    SkewScaler,
    encode,
    fit_encoder,
    per_input,
    recency_weights,
)

if TYPE_CHECKING:
    import optuna

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {"penalty": 600.0, "serious_weight": 0.3, "half_life_days": HALF_LIFE_DAYS}
)
# Counts above this tell of a long report rather than of a worse kitchen.
MOST_SERIOUS = 4


class RidgeLogistic:
    """Linear log-odds; what an input contributes is its coefficient times its distance from the mean."""

    def __init__(self, inputs: ModelInputs, parameters: Mapping[str, Any], seed: int) -> None:
        self.inputs = inputs
        self.parameters = dict(parameters)
        self.seed = seed

    def fit(self, rows: TrainingRows) -> Self:
        """Find the coefficients by Newton's method: few steps, each exact, whatever the number of rows."""
        used = {name: self.parameters[name] for name in DEFAULTS}
        self.encoder_, self.means_, self.coefficients_, self.intercept_ = fitted_once(
            "logistic_regression", self.inputs, used, None, rows, lambda: self._solve(rows)
        )
        return self

    def _solve(self, rows: TrainingRows) -> tuple[Encoder, FloatArray, FloatArray, float]:
        """The fitted encoder, means of the encoded columns, their coefficients, and the intercept."""
        fitted, encoded = fit_encoder(self.inputs, rows.inputs, is_scaled=True)
        weights = recency_weights(rows.age_days, self.parameters["half_life_days"])
        penalty = self.parameters["penalty"]
        # One thread: the sums of several threads depend on how many there are.
        with threadpool_limits(limits=1):
            regression = LogisticRegression(C=1.0 / penalty, solver="newton-cholesky", max_iter=100)
            regression.fit(encoded, rows.outcome, sample_weight=weights)
            other = _of_serious(encoded, rows.serious, weights, penalty)
        own = regression.coef_[0].astype(np.float64)
        means = encoded.mean(axis=0)
        coefficients = own + self.parameters["serious_weight"] * _as_wide_as(encoded, other, own)
        # The combination keeps the mean of the log-odds where the logistic regression had it.
        intercept = float(regression.intercept_[0] + (means * (own - coefficients)).sum())
        return fitted, means, coefficients, intercept

    def raw_log_odds(self, inputs: pd.DataFrame) -> FloatArray:
        """Intercept plus the sum over coefficients times values."""
        return np.asarray((encode(self.encoder_, inputs) * self.coefficients_).sum(axis=1) + self.intercept_)

    def contributions(self, inputs: pd.DataFrame) -> FloatArray:
        """Coefficient times distance from the mean: the SHAP value of a linear model with independent inputs."""
        values = (encode(self.encoder_, inputs) - self.means_) * self.coefficients_
        return per_input(self.encoder_, self.inputs, values)


def _of_serious(encoded: FloatArray, serious: FloatArray, weights: FloatArray, penalty: float) -> FloatArray:
    """Coefficients of a ridge regression of the serious violations found; zero where no row says how many."""
    is_known = ~np.isnan(serious)
    if not is_known.any():
        return np.zeros(encoded.shape[1])
    if not is_known.all():
        encoded, serious, weights = encoded[is_known], serious[is_known], weights[is_known]
    ridge = Ridge(alpha=penalty, solver="cholesky")
    ridge.fit(encoded, np.minimum(serious, MOST_SERIOUS), sample_weight=weights)
    return np.asarray(ridge.coef_, dtype=np.float64)


def _as_wide_as(encoded: FloatArray, coefficients: FloatArray, model: FloatArray) -> FloatArray:
    """Coefficients scaled so that what they say of the rows is spread as widely as what the model says."""
    spread = float((encoded * coefficients).sum(axis=1).std())
    return coefficients * (float((encoded * model).sum(axis=1).std()) / spread) if spread > 0 else coefficients * 0.0


def search_space(trial: "optuna.Trial") -> dict[str, Any]:
    """Parameters worth trying."""
    return {
        "penalty": trial.suggest_float("penalty", 10.0, 10_000.0, log=True),
        "serious_weight": trial.suggest_float("serious_weight", 0.0, 1.0),
    }


ESTIMATOR = RidgeLogistic
PARTS = (Encoder, SkewScaler)
