"""XGBoost: boosted trees. Kept as the booster's own bytes, so that no pickled object is needed to load it."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import xgboost

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
    {
        "rounds": 200,
        "learning_rate": 0.06,
        "max_depth": 3,
        "min_child_weight": 30.0,
        "subsample": 0.7,
        "colsample_bytree": 0.3,
        "reg_lambda": 20.0,
        "half_life_days": HALF_LIFE_DAYS,
    }
)

FITTING_THREADS = 2
"""On a machine of one core as well: what is fitted there is the same."""

FEW_ROWS = 256
"""So many are scored by one thread: several take longer to begin than they save."""


class BoostedTrees:
    """Gradient-boosted trees on log-odds, always two threads: the sums of several depend on how many."""

    def __init__(self, inputs: ModelInputs, parameters: Mapping[str, Any], seed: int) -> None:
        self.inputs = inputs
        self.parameters = dict(parameters)
        self.seed = seed

    def fit(self, rows: TrainingRows) -> Self:
        """Grow the trees."""
        self.encoder_, self.booster_ = fitted_once(
            "xgboost", self.inputs, self.parameters, self.seed, rows, lambda: self._grow(rows)
        )
        return self

    def _grow(self, rows: TrainingRows) -> tuple[Encoder, bytes]:
        """The fitted encoder and the booster's own bytes."""
        fitted, encoded = fit_encoder(self.inputs, rows.inputs, is_scaled=False, dtype=np.float32)
        settings = {name: value for name, value in self.parameters.items() if name not in ("rounds", "half_life_days")}
        matrix = xgboost.DMatrix(
            encoded,
            label=rows.outcome,
            weight=recency_weights(rows.age_days, self.parameters["half_life_days"]),
            nthread=FITTING_THREADS,
        )
        booster = xgboost.train(
            {
                "objective": "binary:logistic",
                "tree_method": "hist",
                "max_bin": 64,
                "nthread": FITTING_THREADS,
                "seed": self.seed,
                **settings,
            },
            matrix,
            num_boost_round=self.parameters["rounds"],
        )
        return fitted, bytes(booster.save_raw("ubj"))

    def raw_log_odds(self, inputs: pd.DataFrame) -> FloatArray:
        """The margin of the trees."""
        return self._predict(inputs, output_margin=True)

    def contributions(self, inputs: pd.DataFrame) -> FloatArray:
        """Exact tree SHAP values (Lundberg et al. 2020), summed over the columns of each input."""
        values = self._predict(inputs, pred_contribs=True)
        return per_input(self.encoder_, self.inputs, values[:, :-1])

    def _predict(self, inputs: pd.DataFrame, **options: bool) -> FloatArray:
        # Rows are scored one by one, so that here the number of threads changes nothing.
        threads = 1 if len(inputs) <= FEW_ROWS else 0
        matrix = xgboost.DMatrix(encode(self.encoder_, inputs).astype(np.float32), nthread=threads or None)
        return np.asarray(_loaded(self.booster_, threads).predict(matrix, **options), dtype=np.float64)


@lru_cache(maxsize=8)
def _loaded(model: bytes, threads: int) -> xgboost.Booster:
    """The trees as they score, read once: for a single row that takes longer than to score it.

    Args:
        model: As ``save_raw`` wrote it.
        threads: Threads that score; 0 for as many as there are processors.
    """
    return xgboost.Booster({"nthread": threads}, model_file=bytearray(model))


def search_space(trial: "optuna.Trial") -> dict[str, Any]:
    """Parameters worth trying."""
    return {
        "rounds": trial.suggest_int("rounds", 100, 600, step=50),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.1, log=True),
        "max_depth": trial.suggest_int("max_depth", 2, 6),
        "min_child_weight": trial.suggest_float("min_child_weight", 2.0, 100.0, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.2, 1.0),
        "reg_lambda": trial.suggest_float("reg_lambda", 1.0, 100.0, log=True),
    }


ESTIMATOR = BoostedTrees
PARTS = (Encoder, SkewScaler)
