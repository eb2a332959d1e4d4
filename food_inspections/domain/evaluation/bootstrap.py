"""Intervals by resampling inspections: of one forecast, and of the lead of one over another.

Efron & Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from food_inspections.domain.evaluation.metrics import METRICS, Scored
from food_inspections.domain.inputs import IntArray

DEFAULT_RESAMPLES = 500
DEFAULT_COVERAGE = 0.90


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its interval; all NaN where the metric is not defined."""

    value: float
    lower: float
    upper: float


def resample(row_count: int, resamples: int, seed: int) -> Iterator[IntArray]:
    """Positions of as many rows drawn with replacement, again and again."""
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        yield generator.integers(0, row_count, row_count)


def percentile_interval(value: float, draws: Sequence[float], coverage: float = DEFAULT_COVERAGE) -> Interval:
    """The value with the percentiles of its draws; draws on which it is not defined do not count."""
    defined = np.asarray([draw for draw in draws if not np.isnan(draw)])
    if np.isnan(value) or not len(defined):
        return Interval(value, float("nan"), float("nan"))
    tail = (1 - coverage) / 2
    lower, upper = np.quantile(defined, [tail, 1 - tail])
    return Interval(value, float(lower), float(upper))


def intervals(
    scored: Scored,
    metrics: Sequence[str] = tuple(METRICS),
    *,
    resamples: int = DEFAULT_RESAMPLES,
    coverage: float = DEFAULT_COVERAGE,
    seed: int = 0,
) -> dict[str, Interval]:
    """Each metric with its interval."""
    draws: dict[str, list[float]] = {name: [] for name in metrics}
    for rows in resample(len(scored.outcome), resamples, seed):
        sample = scored.take(rows)
        for name in metrics:
            draws[name].append(METRICS[name].function(sample))
    return {name: percentile_interval(METRICS[name].function(scored), draws[name], coverage) for name in metrics}


def mean_intervals(
    parts: Sequence[Scored],
    metrics: Sequence[str] = tuple(METRICS),
    *,
    resamples: int = DEFAULT_RESAMPLES,
    coverage: float = DEFAULT_COVERAGE,
    seed: int = 0,
) -> dict[str, Interval]:
    """Each metric's mean over parts, weighted by their rows, with its interval; each part is resampled by itself.

    Args:
        parts: The same forecast on one period after the other, none of them empty.
        metrics: Names of the metrics.
        resamples: Number of resamples.
        coverage: Share of the resamples inside the interval.
        seed: Seed of the resampling.

    Returns:
        The means; a part on which a metric is not defined does not count for it.
    """
    draws: dict[str, list[float]] = {name: [] for name in metrics}
    rows_of = [resample(len(part.outcome), resamples, seed + place) for place, part in enumerate(parts)]
    for rows in zip(*rows_of, strict=True):
        samples = [part.take(taken) for part, taken in zip(parts, rows, strict=True)]
        for name in metrics:
            draws[name].append(_mean(samples, name))
    return {name: percentile_interval(_mean(parts, name), draws[name], coverage) for name in metrics}


def _mean(parts: Sequence[Scored], metric: str) -> float:
    values = np.asarray([METRICS[metric].function(part) for part in parts])
    weights = np.asarray([len(part.outcome) for part in parts], dtype=np.float64)
    is_defined = ~np.isnan(values)
    return float(np.average(values[is_defined], weights=weights[is_defined])) if is_defined.any() else float("nan")


def leads(
    scored: Scored,
    rivals: dict[str, Scored],
    metrics: Sequence[str],
    *,
    resamples: int = DEFAULT_RESAMPLES,
    coverage: float = DEFAULT_COVERAGE,
    seed: int = 0,
) -> dict[str, dict[str, Interval]]:
    """By how much a forecast is better than each rival, on the same inspections resampled together.

    Args:
        scored: The forecast.
        rivals: Others by name; the rows must be the same inspections in the same order.
        metrics: Names of the metrics compared.
        resamples: Number of resamples.
        coverage: Share of the resamples inside the interval.
        seed: Seed of the resampling.

    Returns:
        rival -> metric -> interval of the lead; positive means better, whichever the metric's direction.
    """
    draws: dict[tuple[str, str], list[float]] = {(rival, name): [] for rival in rivals for name in metrics}
    for rows in resample(len(scored.outcome), resamples, seed):
        sample = scored.take(rows)
        values = {name: METRICS[name].function(sample) for name in metrics}
        for rival, other in rivals.items():
            other_sample = other.take(rows)
            for name in metrics:
                lead = METRICS[name].sign * (values[name] - METRICS[name].function(other_sample))
                draws[rival, name].append(lead)
    return {
        rival: {
            name: percentile_interval(
                METRICS[name].sign * (METRICS[name].function(scored) - METRICS[name].function(other)),
                draws[rival, name],
                coverage,
            )
            for name in metrics
        }
        for rival, other in rivals.items()
    }
