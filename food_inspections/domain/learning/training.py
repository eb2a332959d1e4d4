"""Fitting: a candidate judged on weeks it has not seen, and the winner refitted on everything before the cutoff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.baselines import baselines
from food_inspections.domain.evaluation.metrics import evaluate, scored_from
from food_inspections.domain.inputs import (
    FloatArray,
    ModelInputs,
    inputs_in,
    outcome_column,
    outcomes,
    with_known_outcome,
)
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.search import Search, search_parameters
from food_inspections.domain.learning.specification import Specification
from food_inspections.domain.learning.splits import (
    PART_WEEKS,
    Split,
    SplitDates,
    before,
    require_enough,
    rolling_folds,
    split,
)
from food_inspections.domain.recipes.registry import find_recipe
from food_inspections.settings import Label

__all__ = ["Candidate", "FittedModel", "fit_candidate", "out_of_fold", "refit", "validation_scores"]

# As many weeks as the map needs to be steady, in as few fits as leave none of them much out of date. The first fold
# begins where the candidates' calibration part does, so that what they were fitted on need not be fitted again.
OUT_OF_FOLD_FOLDS = 2
OUT_OF_FOLD_WEEKS = PART_WEEKS


@dataclass(frozen=True)
class Candidate:
    """A fitted recipe with what it was worth on the validation weeks.

    Attributes:
        model: Fitted on the fit part, calibrated on the part after it.
        dates: Where the parts begin.
        fit_rows, calibrate_rows, validate_rows: Inspections in each part.
        metrics: Validation metrics by name; ``None`` where not defined.
        baseline_metrics: The same for each baseline.
        validation_scores: One row per validation inspection: inspection_id, inspection_date,
            establishment_id, facility_type, zip, risk, score, label, outcome.
        search: What the search for parameters tried; ``None`` without one.
    """

    model: FittedModel
    dates: SplitDates
    fit_rows: int
    calibrate_rows: int
    validate_rows: int
    metrics: dict[str, float | None]
    baseline_metrics: dict[str, dict[str, float | None]]
    validation_scores: pd.DataFrame
    search: Search | None = None


def fit_candidate(
    features: pd.DataFrame,
    recipe: str,
    label: Label,
    cutoff: date,
    parameters: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    trials: int = 0,
    timeout_s: float | None = None,
    inputs: ModelInputs | None = None,
) -> Candidate:
    """Fit a recipe on the fit weeks, calibrate it on those after, judge it on the validation weeks.

    Args:
        features: Rows of data.inspection_features; rows on or after the cutoff are ignored.
        recipe: Name in the registry.
        label: What to forecast.
        cutoff: Monday on which the model is made.
        parameters: Values in place of the recipe's defaults.
        seed: Seed of everything drawn at random.
        trials: Sets of parameters a search over temporal folds of the fit part may try; 0 searches nothing.
        timeout_s: Seconds after which the search starts no further trial.
        inputs: Columns to take; the features that the rows hold by default.

    Raises:
        DataError: The history is too short, or a part has too few rows or one class.
        ModelError: Recipe or parameter unknown.
    """
    parts = split(with_known_outcome(features, label), label, cutoff)
    specification = _specification(recipe, label, parameters, seed, inputs or inputs_in(features))
    search = None
    if trials > 0:
        search = search_parameters(specification, parts.fit, parts.dates.calibrate_from, trials, timeout_s)
        specification = specification.with_parameters(search.parameters)
    estimator = specification.fit(parts.fit, parts.dates.calibrate_from)
    raw = specification.raw_log_odds(estimator, parts.calibrate)
    model = specification.calibrated(estimator, cutoff, raw, parts.calibrate)
    scores = validation_scores(model, parts.validate)
    return Candidate(
        model=model,
        dates=parts.dates,
        fit_rows=len(parts.fit),
        calibrate_rows=len(parts.calibrate),
        validate_rows=len(parts.validate),
        metrics=evaluate(scored_from(scores)),
        baseline_metrics=_baseline_metrics(parts, label),
        validation_scores=scores,
        search=search,
    )


def refit(
    features: pd.DataFrame,
    recipe: str,
    label: Label,
    cutoff: date,
    parameters: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    lag_days: int = 0,
    inputs: ModelInputs | None = None,
) -> FittedModel:
    """Fit a recipe on everything before the cutoff.

    Calibration map and threshold come from out-of-fold scores in time: twice in a row a
    fit on what came before scores the up to eight weeks after.

    Args:
        features: Rows of data.inspection_features; rows on or after the cutoff are ignored.
        recipe: Name in the registry.
        label: What to forecast.
        cutoff: Monday on which the model is made.
        parameters: Values in place of the recipe's defaults.
        seed: Seed of everything drawn at random.
        lag_days: Outcomes of the last so many days before the cutoff are not yet known.
        inputs: Columns to take; the features that the rows hold by default.

    Raises:
        DataError: Too few rows or one class before the first fold, or in all folds together.
        ModelError: Recipe or parameter unknown.
    """
    specification = _specification(recipe, label, parameters, seed, inputs or inputs_in(features))
    history = before(with_known_outcome(features, label), cutoff - timedelta(days=lag_days))
    raw, judged = out_of_fold(specification, history, cutoff)
    require_enough(judged, label, f"The out-of-fold part before {cutoff}")
    estimator = specification.fit(history, cutoff)
    return specification.calibrated(estimator, cutoff, raw, judged)


def out_of_fold(specification: Specification, history: pd.DataFrame, cutoff: date) -> tuple[FloatArray, pd.DataFrame]:
    """Raw log-odds of the last weeks, each by a fit on what came before its fold, with the rows scored."""
    raw, judged = [np.empty(0)], [history.iloc[:0]]
    for fold in rolling_folds(history, specification.label, cutoff, OUT_OF_FOLD_FOLDS, OUT_OF_FOLD_WEEKS):
        estimator = specification.fit(fold.past, fold.origin)
        raw.append(specification.raw_log_odds(estimator, fold.ahead))
        judged.append(fold.ahead)
    return np.concatenate(raw), pd.concat(judged, ignore_index=True)


def validation_scores(model: FittedModel, visits: pd.DataFrame) -> pd.DataFrame:
    """Scores, labels and outcomes of visits, in the columns of models.validation_scores but for model_id."""
    visits = with_known_outcome(visits, model.label)
    scores = model.score(visits)
    return _keyed(visits).assign(score=scores, label=model.labels(scores), outcome=outcomes(visits, model.label))


def reference_scores(judged: FittedModel, serving: FittedModel, visits: pd.DataFrame) -> pd.DataFrame:
    """What a serving model's scores are compared with later.

    The serving model has seen the validation weeks, so they are scored by the fit that
    has not. That fit's own calibration map rests on fewer rows, and a difference between
    two maps would look like drift, so the serving model's map is used.

    Args:
        judged: The fit that did not see the visits.
        serving: The same recipe refitted on everything before the cutoff.
        visits: Feature rows of the validation weeks.

    Returns:
        Columns of models.reference_scores but for model_id.
    """
    visits = with_known_outcome(visits, serving.label)
    scores = serving.calibration.score(judged.estimator.raw_log_odds(judged.inputs.frame(visits)))
    return _keyed(visits).assign(score=scores, label=serving.labels(scores), outcome=outcomes(visits, serving.label))


def _keyed(visits: pd.DataFrame) -> pd.DataFrame:
    return visits[["inspection_id", "inspection_date", "establishment_id", "facility_type", "zip", "risk"]]


def _specification(
    recipe: str,
    label: Label,
    parameters: Mapping[str, Any] | None,
    seed: int,
    inputs: ModelInputs,
) -> Specification:
    chosen = find_recipe(recipe)
    return Specification(chosen, inputs, label, chosen.parameters(parameters), seed)


def _baseline_metrics(parts: Split, label: Label) -> dict[str, dict[str, float | None]]:
    needed = ["establishment_id", "inspection_date", "inspection_id", outcome_column(label)]
    history = pd.concat([part[needed] for part in (parts.fit, parts.calibrate, parts.validate)], ignore_index=True)
    return {name: evaluate(scored) for name, scored in baselines(parts.validate, history, label).items()}
