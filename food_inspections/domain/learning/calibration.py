"""From a recipe's raw log-odds to a calibrated score, and from scores to a threshold.

The map is Platt's: a logistic curve with two numbers, slope and intercept. It is
strictly increasing, so the ranking and the AUC stay as they were; isotonic
regression ties whole ranges of scores and needs thousands of rows to be steady.
"""

from dataclasses import dataclass

import numpy as np

from food_inspections.domain.inputs import FloatArray, IntArray

# Weight of the belief that the raw log-odds need no stretching (slope 1), as the precision
# of a normal prior: decisive for 50 rows, of no account for 5,000.
SLOPE_PRECISION = 10.0
MINIMUM_SLOPE = 0.05
LARGEST_LOG_ODDS = 30.0


def sigmoid(log_odds: FloatArray) -> FloatArray:
    """Probabilities of log-odds, without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS))))


def log_odds_of(probability: FloatArray, margin: float = 1e-6) -> FloatArray:
    """Log-odds of probabilities, kept away from 0 and 1 by a margin."""
    inside = np.clip(probability, margin, 1.0 - margin)
    return np.asarray(np.log(inside / (1.0 - inside)))


@dataclass(frozen=True)
class Calibration:
    """calibrated log-odds = slope x raw log-odds + intercept."""

    slope: float = 1.0
    intercept: float = 0.0

    def log_odds(self, raw: FloatArray) -> FloatArray:
        """Calibrated log-odds."""
        return np.asarray(self.slope * raw + self.intercept)

    def score(self, raw: FloatArray) -> FloatArray:
        """Calibrated probabilities in [0, 1]."""
        return sigmoid(self.log_odds(raw))


def fit_calibration(raw: FloatArray, outcome: IntArray) -> Calibration:
    """Fit the map on scores of inspections the model has not seen.

    Args:
        raw: Log-odds by the recipe.
        outcome: What was found, both classes present.

    Returns:
        The most probable slope and intercept, found by Newton's method.
    """
    target = outcome.astype(np.float64)
    design = np.column_stack([raw, np.ones(len(raw))])
    base = float(log_odds_of(np.array([target.mean()]))[0])
    weights = np.array([1.0, base - float(np.mean(raw))])
    penalty = np.array([SLOPE_PRECISION, 1e-6])
    anchor = np.array([1.0, 0.0])
    for _ in range(50):
        probability = sigmoid(design @ weights)
        gradient = design.T @ (probability - target) + penalty * (weights - anchor)
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        # A full Newton step may overshoot where the curve is flat.
        weights = weights - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-9:
            break
    if weights[0] < MINIMUM_SLOPE:
        # The ranking did not hold on these rows: keep its direction, but promise little.
        raw_at_base = float(np.mean(raw))
        return Calibration(MINIMUM_SLOPE, base - MINIMUM_SLOPE * raw_at_base)
    return Calibration(float(weights[0]), float(weights[1]))


def best_threshold(scores: FloatArray) -> float:
    """The score from which on labelling 1 gives the highest F1 to be expected of calibrated scores.

    Expecting F1 from the scores rather than counting outcomes keeps the threshold
    steady on a few hundred rows. For calibrated scores the optimum is half of the
    best F1 (Lipton, Elkan & Naryanaswamy 2014), usually below the mean outcome's 0.5.
    """
    if not len(scores):
        return 0.5
    ordered = np.sort(scores)[::-1]
    found = np.cumsum(ordered)
    expected_f1 = 2.0 * found / (np.arange(1, len(ordered) + 1) + found[-1])
    return float(ordered[int(np.argmax(expected_f1))])
