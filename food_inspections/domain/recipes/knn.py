"""K nearest neighbours in a space stretched by what matters.

Plain distance drowns in a hundred inputs of which a dozen count, so each encoded
column is first multiplied by the size of its ridge-logistic coefficient. Neighbours
are sought among the newest 20,000 inspections by brute force: exact, seconds for a
week or a queue whatever the length of the history, and recent rows are the ones alike.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import xgboost
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from food_inspections.domain.inputs import FloatArray, ModelInputs
from food_inspections.domain.learning.calibration import log_odds_of
from food_inspections.domain.learning.model import TrainingRows
from food_inspections.domain.recipes import logistic_regression
from food_inspections.domain.recipes.logistic_regression import RidgeLogistic
from food_inspections.domain.recipes.preprocessing import Encoder, SkewScaler, encode, per_input

if TYPE_CHECKING:
    import optuna

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {**logistic_regression.DEFAULTS, "neighbours": 300, "reference_rows": 20_000}
)
# Rows the surrogate of the explanations is fitted on; a quarter of them measure its fidelity.
SURROGATE_ROWS = 4_000
# Visits at the base rate mixed into every neighbourhood, which keeps the log-odds finite.
PRIOR_VISITS = 10.0


class NearestVisits:
    """Failure rate of the most similar past visits, nearer ones counting more."""

    def __init__(self, inputs: ModelInputs, parameters: Mapping[str, Any], seed: int) -> None:
        self.inputs = inputs
        self.parameters = dict(parameters)
        self.seed = seed

    def fit(self, rows: TrainingRows) -> Self:
        """Learn the stretching, keep the newest rows as the reference, fit the surrogate that explains."""
        metric = RidgeLogistic(self.inputs, self.parameters, self.seed).fit(rows)
        self.encoder_ = metric.encoder_
        self.stretch_ = np.abs(metric.coefficients_)
        newest = np.argsort(rows.age_days, kind="stable")[: self.parameters["reference_rows"]]
        self.reference_ = self._place(rows.inputs.iloc[newest])
        self.outcomes_ = rows.outcome[newest].astype(np.float64)
        self.base_rate_ = float(rows.outcome.mean())
        self._fit_surrogate(rows.inputs.iloc[newest])
        return self

    def raw_log_odds(self, inputs: pd.DataFrame) -> FloatArray:
        """Log-odds of the weighted rate among the neighbours."""
        count = min(self.parameters["neighbours"], len(self.reference_))
        search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(self.reference_)
        # One thread: on a busy machine threads that wait for each other take many times as long.
        with threadpool_limits(limits=1):
            distances, rows = search.kneighbors(self._place(inputs))
        reach = np.maximum(distances[:, -1:], 1e-12)
        weights = np.exp(-2.0 * (distances / reach) ** 2)
        weights *= count / weights.sum(axis=1, keepdims=True)
        found = (weights * self.outcomes_[rows]).sum(axis=1)
        return log_odds_of((found + PRIOR_VISITS * self.base_rate_) / (count + PRIOR_VISITS))

    def contributions(self, inputs: pd.DataFrame) -> FloatArray:
        """SHAP values of a surrogate: small trees fitted to this model's own log-odds.

        ``surrogate_fidelity_`` tells how much of the model's variance the surrogate
        explains on rows it was not fitted on.
        """
        booster = xgboost.Booster(model_file=bytearray(self.surrogate_))
        matrix = xgboost.DMatrix(encode(self.encoder_, inputs).astype(np.float32))
        values = booster.predict(matrix, pred_contribs=True)
        return per_input(self.encoder_, self.inputs, values[:, :-1])

    def _place(self, inputs: pd.DataFrame) -> FloatArray:
        return np.asarray(encode(self.encoder_, inputs) * self.stretch_)

    def _fit_surrogate(self, newest: pd.DataFrame) -> None:
        chosen = np.random.default_rng(self.seed).permutation(len(newest))[:SURROGATE_ROWS]
        rows = encode(self.encoder_, newest.iloc[chosen]).astype(np.float32)
        target = self.raw_log_odds(newest.iloc[chosen])
        held_out = max(1, len(chosen) // 4)
        settings = {"objective": "reg:squarederror", "max_depth": 4, "learning_rate": 0.1, "nthread": 1}
        booster = xgboost.train(
            {**settings, "tree_method": "hist", "seed": self.seed},
            xgboost.DMatrix(rows[held_out:], label=target[held_out:], nthread=1),
            num_boost_round=150,
        )
        missed = target[:held_out] - booster.predict(xgboost.DMatrix(rows[:held_out], nthread=1))
        variance = float(np.var(target[:held_out]))
        self.surrogate_fidelity_ = 1.0 - float(np.mean(missed**2)) / variance if variance > 0 else 1.0
        self.surrogate_ = bytes(booster.save_raw("ubj"))


def search_space(trial: "optuna.Trial") -> dict[str, Any]:
    """Parameters worth trying."""
    return {
        **logistic_regression.search_space(trial),
        "neighbours": trial.suggest_int("neighbours", 50, 800, log=True),
    }


ESTIMATOR = NearestVisits
PARTS = (Encoder, SkewScaler)
