"""Search for a recipe's parameters with Optuna, judged on folds that lie after what was fitted."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import METRICS, Scored, days
from food_inspections.domain.inputs import outcomes
from food_inspections.domain.learning.specification import Specification
from food_inspections.domain.learning.splits import Fold, rolling_folds

if TYPE_CHECKING:
    import optuna

# The ranking is what parameters are chosen for; the calibration map is fitted afterwards.
METRIC = "roc_auc"


@dataclass(frozen=True)
class Search:
    """What a search found.

    Attributes:
        parameters: The best complete set.
        value: Mean AUC over the folds it reached.
        values: Mean AUC of every set tried, in order, the starting one first.
    """

    parameters: dict[str, Any]
    value: float
    values: tuple[float, ...]


def search_parameters(
    specification: Specification, rows: pd.DataFrame, end: date, trials: int, timeout_s: float | None = None
) -> Search:
    """Try sets of parameters; each is fitted on the past of every fold and judged on the fold.

    The first set is the specification's own, so the result is never worse on the folds. With a
    time limit the number of trials, and so the result, depends on the machine.

    Args:
        specification: What to fit, and the parameters to start from.
        rows: Inspections that may be used, all before ``end``, in visit order.
        end: Monday on which the last fold ends.
        trials: Sets of parameters to try, at least 1.
        timeout_s: Seconds after which no further trial starts.

    Raises:
        DataError: The history is too short for the folds.
    """
    import optuna  # noqa: PLC0415 - takes a second to import and most runs search nothing

    folds = rolling_folds(rows, specification.label, end)

    def objective(trial: "optuna.Trial") -> float:
        tried = specification.with_parameters(specification.recipe.search_space(trial))
        trial.set_user_attr("parameters", dict(tried.parameters))
        return _mean_auc(tried, folds)

    parameters, value = dict(specification.parameters), _mean_auc(specification, folds)
    if trials <= 1:
        return Search(parameters, value, (value,))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=specification.seed))
    study.optimize(objective, n_trials=trials - 1, timeout=timeout_s)
    values = (value, *(trial.values[0] for trial in study.trials))
    if study.best_value <= value:
        return Search(parameters, value, values)
    return Search(study.best_trial.user_attrs["parameters"], study.best_value, values)


def _mean_auc(specification: Specification, folds: list[Fold]) -> float:
    values = []
    for fold in folds:
        raw = specification.raw_log_odds(specification.fit(fold.past, fold.origin), fold.ahead)
        scored = Scored(outcomes(fold.ahead, specification.label), raw, days(fold.ahead["inspection_date"]))
        values.append(METRICS[METRIC].function(scored))
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else 0.5
