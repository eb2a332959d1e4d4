"""Blend: the mean log-odds of logistic regression and boosted trees.

The linear half extrapolates steadily when a city's rates move, the trees see that two
things matter together; their errors differ. Because both speak log-odds, what an
input contributes to the blend is the mean of what it contributes to the halves.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import FloatArray, ModelInputs
from food_inspections.domain.learning.model import TrainingRows
from food_inspections.domain.recipes import logistic_regression, xgboost
from food_inspections.domain.recipes.preprocessing import Encoder, SkewScaler

if TYPE_CHECKING:
    import optuna

DEFAULTS: Mapping[str, Any] = MappingProxyType({**logistic_regression.DEFAULTS, **xgboost.DEFAULTS, "tree_weight": 0.4})


class LogOddsBlend:
    """Weighted mean of two estimators fitted on the same rows."""

    def __init__(self, inputs: ModelInputs, parameters: Mapping[str, Any], seed: int) -> None:
        self.parameters = dict(parameters)
        self.linear = logistic_regression.RidgeLogistic(
            inputs, {name: parameters[name] for name in logistic_regression.DEFAULTS}, seed
        )
        self.trees = xgboost.BoostedTrees(inputs, {name: parameters[name] for name in xgboost.DEFAULTS}, seed)

    def fit(self, rows: TrainingRows) -> Self:
        """Fit both halves."""
        self.linear.fit(rows)
        self.trees.fit(rows)
        return self

    def raw_log_odds(self, inputs: pd.DataFrame) -> FloatArray:
        """The weighted mean of the halves' log-odds."""
        return self._mean(self.linear.raw_log_odds(inputs), self.trees.raw_log_odds(inputs))

    def contributions(self, inputs: pd.DataFrame) -> FloatArray:
        """The weighted mean of the halves' contributions, each exact."""
        return self._mean(self.linear.contributions(inputs), self.trees.contributions(inputs))

    def _mean(self, linear: FloatArray, trees: FloatArray) -> FloatArray:
        weight = self.parameters["tree_weight"]
        return np.asarray((1 - weight) * linear + weight * trees)


def search_space(trial: "optuna.Trial") -> dict[str, Any]:
    """Parameters worth trying."""
    return {
        **logistic_regression.search_space(trial),
        **xgboost.search_space(trial),
        "tree_weight": trial.suggest_float("tree_weight", 0.1, 0.9),
    }


ESTIMATOR = LogOddsBlend
PARTS = (logistic_regression.RidgeLogistic, xgboost.BoostedTrees, Encoder, SkewScaler)
