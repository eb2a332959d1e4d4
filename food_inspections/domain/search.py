"""Search for a recipe's parameters with Optuna, judged on folds that lie after what was fitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation import METRICS, Scored, days
from food_inspections.domain.inputs import ModelInputs, outcomes
from food_inspections.domain.recipes.registry import Recipe
from food_inspections.domain.splits import before, require_enough, rolling_origins
from food_inspections.settings import Label

if TYPE_CHECKING:
    import optuna

FOLDS = 3
FOLD_WEEKS = 8
# The ranking is what parameters are chosen for; the calibration map is fitted afterwards.
METRIC = "roc_auc"


@dataclass(frozen=True)
class Search:
    """What a search found.

    Attributes:
        parameters: The best complete set.
        value: Mean AUC over the folds it reached.
        trials: Number of sets tried, the starting one included.
    """

    parameters: dict[str, Any]
    value: float
    trials: int


def search_parameters(
    rows: pd.DataFrame,
    recipe: Recipe,
    inputs: ModelInputs,
    label: Label,
    end: date,
    start_from: Mapping[str, Any],
    seed: int,
    trials: int,
    timeout_s: float | None = None,
) -> Search:
    """Try sets of parameters; each is fitted on the past of every fold and judged on the fold.

    The first trial takes the parameters it starts from, so the result is never worse than they
    are on the folds. With a time limit the number of trials, and so the result, depends on the machine.

    Args:
        rows: Inspections that may be used, all before ``end``.
        recipe: The recipe searched for.
        inputs: Columns taken.
        label: What to forecast.
        end: Monday on which the last fold ends.
        start_from: Complete parameters of the first trial.
        seed: Seed of the fits and of the search.
        trials: Sets of parameters to try, at least 1.
        timeout_s: Seconds after which no further trial starts.

    Raises:
        DataError: The history is too short for the folds.
    """
    import optuna  # noqa: PLC0415 - takes a second to import and most runs search nothing

    folds = _folds(rows, label, end)

    def objective(trial: "optuna.Trial") -> float:
        parameters = {**start_from, **recipe.search_space(trial)}
        trial.set_user_attr("parameters", parameters)
        return _mean_auc(folds, recipe, inputs, label, parameters, seed)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    best = dict(start_from)
    value = _mean_auc(folds, recipe, inputs, label, best, seed)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    if trials > 1:
        study.optimize(objective, n_trials=trials - 1, timeout=timeout_s)
        if study.best_value > value:
            best, value = study.best_trial.user_attrs["parameters"], study.best_value
    return Search(best, value, 1 + len(study.trials))


@dataclass(frozen=True)
class _Fold:
    origin: date
    past: pd.DataFrame
    ahead: pd.DataFrame


def _folds(rows: pd.DataFrame, label: Label, end: date) -> list[_Fold]:
    first_day = rows["inspection_date"].min().date()
    origins = rolling_origins(first_day - timedelta(days=first_day.weekday()), end, FOLDS, FOLD_WEEKS)
    folds = []
    for origin, stop in zip(origins, (*origins[1:], end), strict=True):
        past, ahead = before(rows, origin), before(rows, stop)
        ahead = ahead[ahead["inspection_date"] >= pd.Timestamp(origin)]
        require_enough(past, label, f"The history before the search fold of {origin}")
        folds.append(_Fold(origin, past, ahead))
    return folds


def _mean_auc(
    folds: list[_Fold],
    recipe: Recipe,
    inputs: ModelInputs,
    label: Label,
    parameters: Mapping[str, Any],
    seed: int,
) -> float:
    values = []
    for fold in folds:
        age_days = (np.datetime64(fold.origin, "D").astype(np.int64) - days(fold.past["inspection_date"])).astype(float)
        estimator = recipe.build(inputs, parameters, seed)
        estimator = estimator.fit(inputs.frame(fold.past), outcomes(fold.past, label), age_days)
        raw = estimator.raw_log_odds(inputs.frame(fold.ahead))
        day = days(fold.ahead["inspection_date"])
        values.append(METRICS[METRIC].function(Scored(outcomes(fold.ahead, label), raw, day)))
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else 0.5
