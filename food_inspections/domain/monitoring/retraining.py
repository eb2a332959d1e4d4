"""Whether a model still holds: by how much its inputs moved, and the rules that ask for a new one.

The table of moves is for people. As a trigger it is noise: on real weeks some input is
over the line almost always. What decides compares the newest four complete weeks that the
model itself has scored with its validation weeks, each number with a bound that knows by
how much such numbers move where nothing has happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import Scored, roc_auc
from food_inspections.domain.inputs import FloatArray, IntArray, require_columns
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.monitoring.drift import categorical_distance, numeric_distance, score_psi

MOVE_LIMIT_PERCENT = 15.0
STATISTICS = ("mean", "standard_deviation", "median", "upper_quartile")
WEEKS_NEEDED = 4
COOL_DOWN_WEEKS = 4
IMPORTANT_FEATURES = 10
MOVED_FEATURES = 3
AUC_DEVIATIONS = 3.0
OUTCOME_DEVIATIONS = 4.0
OUTCOME_SHARE = 0.15
"""Both have to be exceeded: in a large city any difference is significant, in a small one any is large."""

CALENDAR = ("season_sin", "season_cos", "visit_days_of_code")
"""Inputs that move with the calendar by themselves: they are held still when scores are compared."""

SCORE = "steady_score"
HISTORY_WEEKS = 104
YOUNG_WEEKS = 26
"""The first half year of a history: its features still fill up, and move more than they ever will again."""
FEWEST_PAIRS = 10
BOUND_QUANTILE = 0.98
BOUND_MARGIN = 1.1


def moves(reference: pd.DataFrame, current: pd.DataFrame, numeric: Sequence[str]) -> pd.DataFrame:
    """By how much each number's mean, deviation, median and upper quartile moved.

    Args:
        reference: Feature rows of the champion's validation weeks.
        current: Feature rows of the newest weeks.
        numeric: Columns of numbers.

    Returns:
        Columns of monitoring.moves but for week; none where either side has no inspections.
        A change of over 15% of the reference is marked; where that is 0 any change is.
    """
    columns = ["feature", "statistic", "reference", "current", "change_percent", "is_over"]
    if reference.empty or current.empty:
        return pd.DataFrame(columns=columns)
    before, after = (_summary(frame[list(numeric)]) for frame in (reference, current))
    rows = []
    for name in numeric:
        for place, statistic in enumerate(STATISTICS):
            was, now = float(before[name][place]), float(after[name][place])
            change = 100 * (now - was) / abs(was) if was else None
            is_over = abs(change) > MOVE_LIMIT_PERCENT if change is not None else now != was
            rows.append((name, statistic, was, now, change, is_over))
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"change_percent": "float64"})


def _summary(frame: pd.DataFrame) -> dict[str, FloatArray]:
    values = frame.to_numpy(dtype=np.float64)
    stacked = np.stack(
        [values.mean(axis=0), values.std(axis=0), np.median(values, axis=0), np.quantile(values, 0.75, axis=0)]
    )
    return {name: stacked[:, place] for place, name in enumerate(frame.columns)}


MEASURED = ("value", "bound")
OUTCOME = ("found", "promised", "deviations")
"""Names of the numbers in the record of a week."""


@dataclass(frozen=True)
class Watch:
    """What the rules look at, for one week and one model.

    Attributes:
        weeks: Complete weeks the model has scored, four at most.
        rows: Their inspections.
        score_psi: Population stability index of the scores, and the value it may reach.
        auc: Realised AUC, and the lowest value that agrees with the promised one; ``None`` where not defined.
        outcome: Positives found, and how many the scores promised.
        features: The most important features: how far each moved, and how far it moves by itself
            (``None`` where the history is too short to say).
    """

    weeks: int
    rows: int
    score_psi: tuple[float, float] | None = None
    auc: tuple[float, float] | None = None
    outcome: tuple[int, float, float] | None = None
    features: Mapping[str, tuple[float, float | None]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the record of the week."""
        return {
            "weeks": self.weeks,
            "rows": self.rows,
            "score_psi": _named(self.score_psi, MEASURED),
            "auc": _named(self.auc, MEASURED),
            "outcome": _named(self.outcome, OUTCOME),
            "features": {name: {"value": value, "bound": bound} for name, (value, bound) in self.features.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Watch":
        """Back from the record, whose keys come in any order: PostgreSQL sorts them."""

        def values(name: str, names: tuple[str, ...]) -> Any:
            return None if kept[name] is None else tuple(kept[name][each] for each in names)

        return cls(
            kept["weeks"],
            kept["rows"],
            values("score_psi", MEASURED),
            values("auc", MEASURED),
            values("outcome", OUTCOME),
            {name: (each["value"], each["bound"]) for name, each in kept["features"].items()},
        )


def _named(values: tuple[float, ...] | None, names: tuple[str, ...]) -> dict[str, float] | None:
    return None if values is None else dict(zip(names, values, strict=True))


def important_features(ranked: Sequence[str]) -> list[str]:
    """The features that are watched, from all of a model's inputs, the strongest first."""
    return [name for name in ranked if name not in CALENDAR][:IMPORTANT_FEATURES]


def with_steady_scores(model: FittedModel, reference: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with the score each would have in the season of the reference.

    Args:
        model: The model that scores.
        reference: Feature rows of its validation weeks.
        frame: Feature rows.
    """
    held = {name: float(reference[name].median()) for name in CALENDAR if name in model.inputs.numeric}
    return frame.assign(**{SCORE: model.score(frame.assign(**held))})


def own_movements(history: pd.DataFrame, important: Sequence[str], numeric: Sequence[str]) -> pd.DataFrame:
    """How far scores and features moved in the past, where nothing had happened.

    Args:
        history: inspection_date, steady_score and features of all inspections before the model's cutoff.
        important: The features that are watched.
        numeric: Those of the model's inputs that are numbers.

    Returns:
        One row for every eight weeks of the history and four later ones: ``blocks_apart`` (four
        weeks each) and the distance of the scores and of each feature.
    """
    columns = ["blocks_apart", SCORE, *important]
    if history.empty:
        return pd.DataFrame(columns=columns)
    first, last = history["inspection_date"].min(), history["inspection_date"].max()
    grown = history[history["inspection_date"] >= first + pd.Timedelta(weeks=YOUNG_WEEKS)]
    number = (last - grown["inspection_date"]).dt.days // (7 * WEEKS_NEEDED)
    is_recent = number < HISTORY_WEEKS // WEEKS_NEEDED
    blocks = {int(key): rows for key, rows in grown[is_recent].groupby(number[is_recent])}
    rows = []
    for start in sorted(blocks, reverse=True):
        if start + 1 in blocks:
            before = pd.concat([blocks[start + 1], blocks[start]])
            rows += [
                (start - later, *_distances(before, blocks[later], important, numeric))
                for later in blocks
                if later < start
            ]
    return pd.DataFrame(rows, columns=columns)


def _distances(
    before: pd.DataFrame, after: pd.DataFrame, important: Sequence[str], numeric: Sequence[str]
) -> list[float]:
    """Of the scores, then of each feature."""
    features = [
        (numeric_distance if name in numeric else categorical_distance)(before[name], after[name]) for name in important
    ]
    return [score_psi(before[SCORE], after[SCORE])[0], *features]


def watch(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    movements: pd.DataFrame,
    important: Sequence[str],
    numeric: Sequence[str],
) -> Watch:
    """Measure what the rules look at.

    Args:
        reference: The model's validation inspections: inspection_date, score, outcome, steady_score, the features.
        current: The same of the newest complete weeks that the model has scored.
        movements: As :func:`own_movements` gives them.
        important: The features that are watched.
        numeric: Those of the model's inputs that are numbers.
    """
    for frame, what in ((reference, "The reference"), (current, "The current table")):
        require_columns(frame, ("inspection_date", "score", "outcome", SCORE, *important), what)
    weeks = int(current["inspection_date"].dt.to_period("W-SUN").nunique())
    if reference.empty or current.empty:
        return Watch(weeks, len(current))
    lag_weeks = (current["inspection_date"].max() - reference["inspection_date"].max()).days // 7
    alike = movements[movements["blocks_apart"] <= max(2, -(-lag_weeks // WEEKS_NEEDED))]
    _, threshold = score_psi(reference[SCORE], current[SCORE])
    psi, *distances = _distances(reference, current, important, numeric)
    return Watch(
        weeks=weeks,
        rows=len(current),
        score_psi=(psi, max(threshold, _bound(alike[SCORE]) or 0.0)),
        auc=_auc(reference, current),
        outcome=_outcome(current),
        features={name: (distance, _bound(alike[name])) for name, distance in zip(important, distances, strict=True)},
    )


def _bound(distances: pd.Series) -> float | None:
    """How far something moves by itself: what 98% of the past pairs, not further apart, reach, and a tenth more."""
    if len(distances) < FEWEST_PAIRS:
        return None
    return BOUND_MARGIN * float(np.quantile(distances.to_numpy(dtype=np.float64), BOUND_QUANTILE))


def _outcome(current: pd.DataFrame) -> tuple[int, float, float]:
    """Positives found and promised, and their difference in standard deviations."""
    current = current[current["outcome"].notna()]
    score = current["score"].to_numpy()
    found, promised = int(current["outcome"].sum()), float(score.sum())
    deviation = float(np.sqrt((score * (1 - score)).sum()))
    return found, promised, (found - promised) / deviation if deviation else 0.0


def _auc(reference: pd.DataFrame, current: pd.DataFrame) -> tuple[float, float] | None:
    """The AUC now, and three standard errors of the difference below the promised one."""
    known = [frame[frame["outcome"].notna()] for frame in (reference, current)]
    sides = [(frame["outcome"].to_numpy().astype(np.int64), frame["score"].to_numpy()) for frame in known]
    if any(outcome.size == 0 or outcome.min() == outcome.max() for outcome, _ in sides):
        return None
    (promised, error), (now, error_now) = (_auc_with_error(outcome, score) for outcome, score in sides)
    return now, promised - AUC_DEVIATIONS * float(np.hypot(error, error_now))


def _auc_with_error(outcome: IntArray, score: FloatArray) -> tuple[float, float]:
    """AUC and its standard error (Hanley and McNeil 1982)."""
    auc = roc_auc(Scored(outcome, score, np.zeros(len(outcome), dtype=np.int64)))
    positives, negatives = int(outcome.sum()), int(len(outcome) - outcome.sum())
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (first - auc**2) + (negatives - 1) * (second - auc**2)
    return auc, float(np.sqrt(variance / (positives * negatives)))


@dataclass(frozen=True)
class RetrainingDecision:
    """Whether to retrain, by which rule, on which numbers, and why in words."""

    is_retraining: bool
    rule: str
    values: dict[str, Any]
    reason: str


def decide(seen: Watch, week: date, model_from: date, last_retraining: date | None = None) -> RetrainingDecision:
    """Decide on a new model.

    Args:
        seen: What was measured for the week.
        week: Monday of the newest complete week.
        model_from: First week of the model's decision.
        last_retraining: Week of the last decision to retrain; none for never.
    """
    values = seen.as_json()
    if seen.weeks < WEEKS_NEEDED:
        reason = f"the model of {model_from} has scored {seen.weeks} complete weeks, {WEEKS_NEEDED} are needed"
        return RetrainingDecision(False, "too_early", values, reason)
    newest = max(model_from, last_retraining or model_from)
    if week < newest + timedelta(weeks=COOL_DOWN_WEEKS - 1):
        reason = f"the last retraining was decided for {newest}, less than {COOL_DOWN_WEEKS} weeks ago"
        return RetrainingDecision(False, "cool_down", values, reason)
    rule, reason = _alarm(seen)
    return RetrainingDecision(rule != "none", rule, values, reason)


def _alarm(seen: Watch) -> tuple[str, str]:
    if seen.score_psi is not None and seen.score_psi[0] >= seen.score_psi[1]:
        return "score_drift", f"PSI of the scores {seen.score_psi[0]:.3f}, bound {seen.score_psi[1]:.3f}"
    if seen.auc is not None and seen.auc[0] < seen.auc[1]:
        return "performance", f"AUC of the last weeks {seen.auc[0]:.3f}, at least {seen.auc[1]:.3f} was promised"
    if seen.outcome is not None:
        found, promised, deviations = seen.outcome
        if abs(deviations) >= OUTCOME_DEVIATIONS and abs(found - promised) > OUTCOME_SHARE * promised:
            return (
                "outcome_drift",
                f"{found} positives among {seen.rows} inspections, the scores promised {promised:.0f}",
            )
    moved = [name for name, (value, bound) in seen.features.items() if bound is not None and value > bound]
    if len(moved) >= MOVED_FEATURES:
        return "feature_drift", f"{len(moved)} of {len(seen.features)} important features moved: {', '.join(moved)}"
    unknown = "" if all(bound is not None for _, bound in seen.features.values()) else "; features: too little history"
    return "none", f"scores, AUC and features are within their bounds{unknown}"
