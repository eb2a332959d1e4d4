"""What is to be fitted: a recipe with its parameters, for a label, on certain inputs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import days
from food_inspections.domain.inputs import FloatArray, ModelInputs, outcomes, require_columns
from food_inspections.domain.learning.bounds import uncertainty
from food_inspections.domain.learning.calibration import best_threshold, fit_calibration
from food_inspections.domain.learning.model import Estimator, FittedModel, TrainingRows
from food_inspections.domain.recipes.registry import Recipe
from food_inspections.settings import Label

SERIOUS_COLUMN = "serious_found"


@dataclass(frozen=True)
class Specification:
    """Everything a fit depends on but the rows and the cutoff."""

    recipe: Recipe
    inputs: ModelInputs
    label: Label
    parameters: Mapping[str, Any]
    seed: int

    def with_parameters(self, parameters: Mapping[str, Any]) -> Self:
        """The same with other values in place of these parameters."""
        return replace(self, parameters={**self.parameters, **parameters})

    def fit(self, rows: pd.DataFrame, cutoff: date) -> Estimator:
        """The recipe fitted on rows in visit order; their age is counted from the cutoff."""
        estimator = self.recipe.build(self.inputs, self.parameters, self.seed)
        require_columns(rows, (SERIOUS_COLUMN,), "The table of features")
        training_rows = TrainingRows(
            inputs=self.inputs.frame(rows),
            outcome=outcomes(rows, self.label),
            age_days=(np.datetime64(cutoff, "D").astype(np.int64) - days(rows["inspection_date"])).astype(np.float64),
            serious=rows[SERIOUS_COLUMN].to_numpy(dtype=np.float64, na_value=np.nan),
        )
        return estimator.fit(training_rows)

    def raw_log_odds(self, estimator: Estimator, rows: pd.DataFrame) -> FloatArray:
        """The estimator's log-odds before calibration."""
        return estimator.raw_log_odds(self.inputs.frame(rows))

    def calibrated(self, estimator: Estimator, cutoff: date, raw: FloatArray, judged: pd.DataFrame) -> FittedModel:
        """The model, its map and threshold taken from log-odds of inspections no fit had seen."""
        outcome = outcomes(judged, self.label)
        calibration = fit_calibration(raw, outcome)
        return FittedModel(
            recipe=self.recipe.name,
            label=self.label,
            cutoff=cutoff,
            inputs=self.inputs,
            parameters=dict(self.parameters),
            seed=self.seed,
            estimator=estimator,
            calibration=calibration,
            threshold=best_threshold(calibration.score(raw)),
            uncertainty=uncertainty(calibration, raw, outcome, judged["inspection_date"]),
        )
