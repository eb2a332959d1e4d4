"""How good a forecast is: every metric once, with the direction that is better.

Ties never depend on the order of rows. Where equal scores straddle a boundary,
a metric takes its expectation over all orders of the tied rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import FloatArray, IntArray, require_columns

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Scored:
    """Scored inspections whose outcome is known, as aligned arrays.

    Attributes:
        outcome: What was found, 0 or 1.
        score: Any number; higher means visited earlier.
        label: What was predicted, 0 or 1; ``None`` where there is no threshold.
        day: Days since 1970-01-01 of the visit.
        is_probability: Whether the scores claim to be probabilities.
    """

    outcome: IntArray
    score: FloatArray
    day: IntArray
    label: IntArray | None = None
    is_probability: bool = True

    def take(self, rows: IntArray) -> "Scored":
        """The rows at these positions, repeated where named twice."""
        label = None if self.label is None else self.label[rows]
        return Scored(self.outcome[rows], self.score[rows], self.day[rows], label, self.is_probability)


def scored_from(frame: pd.DataFrame) -> Scored:
    """Arrays from a frame with inspection_date, score, label and outcome."""
    require_columns(frame, ("inspection_date", "score", "label", "outcome"), "The table of scores")
    return Scored(
        outcome=frame["outcome"].to_numpy().astype(np.int64),
        score=frame["score"].to_numpy().astype(np.float64),
        day=days(frame["inspection_date"]),
        label=frame["label"].to_numpy().astype(np.int64),
    )


def days(dates: pd.Series) -> IntArray:
    """Whole days since 1970-01-01."""
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def roc_auc(scored: Scored) -> float:
    """Probability that a positive scores above a negative, ties counting half (Mann-Whitney)."""
    positives = int(scored.outcome.sum())
    negatives = len(scored.outcome) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    order = np.argsort(scored.score, kind="stable")
    starts, counts = _tie_groups(scored.score[order])
    mean_rank = starts + (counts + 1) / 2
    positives_in_group = np.add.reduceat(scored.outcome[order], starts)
    rank_sum = float((mean_rank * positives_in_group).sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def average_precision(scored: Scored) -> float:
    """Precision averaged over the recall gained at each score, from the highest down."""
    positives = int(scored.outcome.sum())
    if positives == 0:
        return float("nan")
    order = np.argsort(-scored.score, kind="stable")
    starts, counts = _tie_groups(scored.score[order])
    gained = np.add.reduceat(scored.outcome[order], starts)
    precision = np.cumsum(gained) / (starts + counts)
    return float((precision * gained).sum() / positives)


def brier_score(scored: Scored) -> float:
    """Mean squared distance of the probability from the outcome."""
    if not scored.is_probability or not len(scored.outcome):
        return float("nan")
    return float(np.mean((scored.score - scored.outcome) ** 2))


def calibration_error(scored: Scored) -> float:
    """Expected calibration error over ten bins of equal count."""
    if not scored.is_probability or not len(scored.outcome):
        return float("nan")
    # A bootstrap asks two thousand times: no table is made for it.
    sizes, mean_scores, shares_found = _calibration_bins(scored, CALIBRATION_BINS)
    return float((np.abs(mean_scores - shares_found) * sizes).sum() / sizes.sum())


def calibration_table(scored: Scored, bins: int = CALIBRATION_BINS) -> pd.DataFrame:
    """Mean score against the share found, in bins of equal count from the lowest scores up.

    Returns:
        One row per bin: bin, row_count, mean_score, share_found.
    """
    sizes, mean_scores, shares_found = _calibration_bins(scored, bins)
    return pd.DataFrame(
        {"bin": np.arange(len(sizes)), "row_count": sizes, "mean_score": mean_scores, "share_found": shares_found}
    )


def _calibration_bins(scored: Scored, bins: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Rows, mean score and share found of each bin that has rows."""
    order = np.argsort(scored.score, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    # Equal scores must not be told apart by the order they came in: each row of a
    # tie stands for the mean outcome of its tie.
    starts, counts = _tie_groups(scored.score[order])
    mean_outcome = np.empty(len(order))
    mean_outcome[order] = (
        np.repeat(np.add.reduceat(scored.outcome[order], starts) / counts, counts) if len(order) else 0
    )
    return (
        np.array([len(part) for part in parts], dtype=np.int64),
        np.array([scored.score[part].mean() for part in parts], dtype=np.float64),
        np.array([mean_outcome[part].mean() for part in parts], dtype=np.float64),
    )


def accuracy(scored: Scored) -> float:
    """Share of inspections labelled as they turned out."""
    if scored.label is None or not len(scored.outcome):
        return float("nan")
    return float(np.mean(scored.label == scored.outcome))


def precision(scored: Scored) -> float:
    """Share of the labelled that turned out so."""
    if scored.label is None or scored.label.sum() == 0:
        return float("nan")
    return float(scored.outcome[scored.label == 1].mean())


def recall(scored: Scored) -> float:
    """Share of the positives that were labelled."""
    if scored.label is None or scored.outcome.sum() == 0:
        return float("nan")
    return float(scored.label[scored.outcome == 1].mean())


def f1(scored: Scored) -> float:
    """Harmonic mean of precision and recall."""
    if scored.label is None or scored.outcome.sum() + scored.label.sum() == 0:
        return float("nan")
    hits = float((scored.label * scored.outcome).sum())
    return 2 * hits / float(scored.label.sum() + scored.outcome.sum())


def first_half(scored: Scored) -> float:
    """Share of the positives found in the first half of the visits when these go by score."""
    positives = int(scored.outcome.sum())
    if positives == 0:
        return float("nan")
    return float((share_in_first_half(scored.score) * scored.outcome).sum() / positives)


def days_earlier(scored: Scored) -> float:
    """Mean days by which the positives are visited earlier when the period's visits go by score.

    The visits, sorted by score, get the period's real dates in order; averaged
    over the positives is the real date minus the new one.
    """
    positives = scored.outcome == 1
    if not positives.any():
        return float("nan")
    return float((scored.day - new_days(scored.score, scored.day))[positives].mean())


def share_in_first_half(score: FloatArray) -> FloatArray:
    """Per row, the chance to be in the first half when visits go by score: 0 or 1 but for ties at the middle."""
    order = np.argsort(-score, kind="stable")
    starts, counts = _tie_groups(score[order])
    share = np.clip((len(score) / 2 - starts) / counts, 0.0, 1.0)
    result = np.empty(len(score))
    result[order] = np.repeat(share, counts)
    return result


def new_days(score: FloatArray, day: IntArray) -> FloatArray:
    """The day each visit gets when visits go by score: the period's days in order, ties sharing their mean."""
    order = np.argsort(-score, kind="stable")
    starts, counts = _tie_groups(score[order])
    mean_day = np.add.reduceat(np.sort(day), starts) / counts if len(day) else np.empty(0)
    result = np.empty(len(score))
    result[order] = np.repeat(mean_day, counts)
    return result


def _tie_groups(ordered: FloatArray) -> tuple[IntArray, IntArray]:
    """Starts and sizes of the runs of equal values."""
    if not len(ordered):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))).astype(np.int64)
    return starts, np.diff(np.append(starts, len(ordered))).astype(np.int64)


@dataclass(frozen=True)
class Metric:
    """A metric with the direction that is better."""

    name: str
    function: Callable[[Scored], float]
    direction: Literal["higher", "lower"]
    title: str

    @property
    def sign(self) -> int:
        """1 where higher is better, -1 where lower is."""
        return 1 if self.direction == "higher" else -1


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", roc_auc, "higher", "AUC"),
        Metric("average_precision", average_precision, "higher", "Average precision"),
        Metric("brier_score", brier_score, "lower", "Brier score"),
        Metric("calibration_error", calibration_error, "lower", "Expected calibration error"),
        Metric("accuracy", accuracy, "higher", "Accuracy"),
        Metric("precision", precision, "higher", "Precision"),
        Metric("recall", recall, "higher", "Recall"),
        Metric("f1", f1, "higher", "F1"),
        Metric("first_half", first_half, "higher", "Found in the first half"),
        Metric("days_earlier", days_earlier, "higher", "Days earlier"),
    )
}


def evaluate(scored: Scored) -> dict[str, float | None]:
    """Every metric by name; ``None`` where it is not defined, e.g. the AUC of one class."""
    values = {name: metric.function(scored) for name, metric in METRICS.items()}
    return {name: None if np.isnan(value) else value for name, value in values.items()}
