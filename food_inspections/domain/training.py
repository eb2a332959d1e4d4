"""Fitting: a candidate judged on weeks it has not seen, and the winner refitted on everything before the cutoff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.domain.baselines import baselines
from food_inspections.domain.calibration import best_threshold, fit_calibration
from food_inspections.domain.evaluation import days, evaluate, scored_from
from food_inspections.domain.inputs import FloatArray, IntArray, ModelInputs, outcomes, registered_inputs
from food_inspections.domain.model import Estimator, FittedModel
from food_inspections.domain.recipes.registry import Recipe, find_recipe
from food_inspections.domain.search import Search, search_parameters
from food_inspections.domain.splits import Split, SplitDates, before, require_enough, rolling_origins, split
from food_inspections.settings import Label

OUT_OF_FOLD_FOLDS = 3
OUT_OF_FOLD_WEEKS = 8


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
        inputs: Columns to take; those of the feature registry by default.

    Raises:
        DataError: The history is too short, or a part has too few rows or one class.
        ModelError: Recipe or parameter unknown.
    """
    chosen, inputs = find_recipe(recipe), inputs or registered_inputs()
    parts = split(features, label, cutoff)
    values = chosen.parameters(parameters)
    search = None
    if trials > 0:
        search = search_parameters(
            parts.fit, chosen, inputs, label, parts.dates.calibrate_from, values, seed, trials, timeout_s
        )
        values = search.parameters
    estimator = fit_estimator(parts.fit, chosen, inputs, label, parts.dates.calibrate_from, values, seed)
    model = _calibrated(
        chosen.name, label, cutoff, inputs, values, seed, estimator,
        estimator.raw_log_odds(inputs.frame(parts.calibrate)), outcomes(parts.calibrate, label),
    )  # fmt: skip
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
    seed: int = 0,
    lag_days: int = 0,
    inputs: ModelInputs | None = None,
) -> FittedModel:
    """Fit a recipe on everything before the cutoff.

    Calibration map and threshold come from out-of-fold scores in time: up to three
    times in a row a fit on what came before scores the up to eight weeks after.

    Args:
        features: Rows of data.inspection_features; rows on or after the cutoff are ignored.
        recipe: Name in the registry.
        label: What to forecast.
        cutoff: Monday on which the model is made.
        parameters: Values in place of the recipe's defaults.
        seed: Seed of everything drawn at random.
        lag_days: Outcomes of the last so many days before the cutoff are not yet known.
        inputs: Columns to take; those of the feature registry by default.

    Raises:
        DataError: Too few rows or one class before the first fold, or in all folds together.
        ModelError: Recipe or parameter unknown.
    """
    chosen, inputs = find_recipe(recipe), inputs or registered_inputs()
    values = chosen.parameters(parameters)
    history = before(features, cutoff - timedelta(days=lag_days))
    raw, judged = out_of_fold(history, chosen, inputs, label, cutoff, values, seed)
    require_enough(judged, label, f"The out-of-fold part before {cutoff}")
    estimator = fit_estimator(history, chosen, inputs, label, cutoff, values, seed)
    return _calibrated(chosen.name, label, cutoff, inputs, values, seed, estimator, raw, outcomes(judged, label))


def out_of_fold(
    history: pd.DataFrame,
    recipe: Recipe,
    inputs: ModelInputs,
    label: Label,
    cutoff: date,
    parameters: Mapping[str, Any],
    seed: int,
    folds: int = OUT_OF_FOLD_FOLDS,
    fold_weeks: int = OUT_OF_FOLD_WEEKS,
) -> tuple[FloatArray, pd.DataFrame]:
    """Raw log-odds of the last weeks, each by a fit on what came before its fold, with the rows scored."""
    first_day = history["inspection_date"].iloc[0].date()
    monday = first_day - timedelta(days=first_day.weekday())
    origins = rolling_origins(monday, cutoff, folds, fold_weeks)
    raw, judged = [], []
    for origin, end in zip(origins, (*origins[1:], cutoff), strict=True):
        past = before(history, origin)
        ahead = history[
            (history["inspection_date"] >= pd.Timestamp(origin)) & (history["inspection_date"] < pd.Timestamp(end))
        ]
        if ahead.empty:
            continue
        require_enough(past, label, f"The history before the fold of {origin}")
        estimator = fit_estimator(past, recipe, inputs, label, origin, parameters, seed)
        raw.append(estimator.raw_log_odds(inputs.frame(ahead)))
        judged.append(ahead)
    if not judged:
        return np.empty(0), history.iloc[:0]
    return np.concatenate(raw), pd.concat(judged, ignore_index=True)


def fit_estimator(
    rows: pd.DataFrame,
    recipe: Recipe,
    inputs: ModelInputs,
    label: Label,
    cutoff: date,
    parameters: Mapping[str, Any],
    seed: int,
) -> Estimator:
    """A recipe fitted on rows in visit order; their age is counted from the cutoff."""
    age_days = (np.datetime64(cutoff, "D").astype(np.int64) - days(rows["inspection_date"])).astype(np.float64)
    return recipe.build(inputs, parameters, seed).fit(inputs.frame(rows), outcomes(rows, label), age_days)


def validation_scores(model: FittedModel, visits: pd.DataFrame) -> pd.DataFrame:
    """Scores, labels and outcomes of visits, in the columns of models.validation_scores but for model_id."""
    scores = model.score(visits)
    keys = ["inspection_id", "inspection_date", "establishment_id", "facility_type", "zip", "risk"]
    return visits[keys].assign(score=scores, label=model.labels(scores), outcome=outcomes(visits, model.label))


def _calibrated(
    recipe: str,
    label: Label,
    cutoff: date,
    inputs: ModelInputs,
    parameters: Mapping[str, Any],
    seed: int,
    estimator: Estimator,
    raw: FloatArray,
    outcome: IntArray,
) -> FittedModel:
    calibration = fit_calibration(raw, outcome)
    threshold = best_threshold(calibration.score(raw))
    return FittedModel(recipe, label, cutoff, inputs, dict(parameters), seed, estimator, calibration, threshold)


def _baseline_metrics(parts: Split, label: Label) -> dict[str, dict[str, float | None]]:
    history = pd.concat([parts.fit, parts.calibrate, parts.validate], ignore_index=True)
    return {name: evaluate(scored) for name, scored in baselines(parts.validate, history, label).items()}
