"""How good a forecast is within groups: among the visits of one inspector, of one area.

Pooled over a city, a forecast gains by knowing which inspectors are strict and which areas
they work in. Whoever plans one inspector's week gains nothing by that: what counts there is the
order among that inspector's own visits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.bootstrap import (
    DEFAULT_COVERAGE,
    DEFAULT_RESAMPLES,
    Interval,
    percentile_interval,
    resample,
)
from food_inspections.domain.evaluation.metrics import Scored, first_half, new_days, roc_auc
from food_inspections.domain.inputs import FloatArray, IntArray


def group_rows(groups: IntArray) -> list[IntArray]:
    """Positions of the rows of each group, in order of the groups."""
    order = np.argsort(groups, kind="stable")
    borders = np.flatnonzero(np.diff(groups[order])) + 1
    return list(np.split(order, borders)) if len(order) else []


def auc_within(scored: Scored, groups: IntArray) -> float:
    """Probability that a positive scores above a negative of its own group, ties counting half.

    Pairs across groups do not count, so a group counts by its pairs of a positive and a negative.
    """
    total, pairs = 0.0, 0
    for rows in group_rows(groups):
        part = scored.take(rows)
        positives = int(part.outcome.sum())
        of_group = positives * (len(rows) - positives)
        if of_group:
            total += roc_auc(part) * of_group
            pairs += of_group
    return total / pairs if pairs else float("nan")


def first_half_within(scored: Scored, groups: IntArray) -> float:
    """Share of the positives in the first half of their own group's visits when these go by score."""
    found, positives = 0.0, 0
    for rows in group_rows(groups):
        part = scored.take(rows)
        of_group = int(part.outcome.sum())
        if of_group:
            found += first_half(part) * of_group
            positives += of_group
    return found / positives if positives else float("nan")


def days_earlier_within(scored: Scored, groups: IntArray) -> float:
    """Mean days by which the positives are visited earlier when each group's visits go by score.

    A group's visits keep the group's own dates: nobody takes over another's work.
    """
    gained = np.zeros(len(scored.outcome))
    for rows in group_rows(groups):
        gained[rows] = scored.day[rows] - new_days(scored.score[rows], scored.day[rows])
    is_positive = scored.outcome == 1
    return float(gained[is_positive].mean()) if is_positive.any() else float("nan")


Within = Callable[[Scored, IntArray], float]
METRICS_WITHIN: Mapping[str, Within] = MappingProxyType(
    {"roc_auc": auc_within, "first_half": first_half_within, "days_earlier": days_earlier_within}
)


@dataclass(frozen=True)
class WithinGroups:
    """A forecast and its rivals, judged among the visits of the same group.

    Attributes:
        column: What makes the groups.
        visits: Visits judged: those whose group is known.
        unknown: Visits left out.
        groups: How many groups there are.
        values: Name -> metric -> value with its interval.
        leads: Rival -> metric -> the forecast's lead with its interval, paired.
        pooled_auc: The forecast's AUC over all visits judged, whatever their groups.
        group_auc: The same of the group's own rate on earlier days, and nothing else.
    """

    column: str
    visits: int
    unknown: int
    groups: int
    values: Mapping[str, Mapping[str, Interval]]
    leads: Mapping[str, Mapping[str, Interval]]
    pooled_auc: float
    group_auc: float


def judge_within(
    forecast: Scored,
    rivals: Mapping[str, Scored],
    groups: pd.Series,
    *,
    resamples: int = DEFAULT_RESAMPLES,
    coverage: float = DEFAULT_COVERAGE,
    seed: int = 0,
) -> WithinGroups:
    """Judge a forecast and its rivals within groups, all on the same resampled visits.

    Args:
        forecast: The forecast.
        rivals: Others by name, on the same visits in the same order.
        groups: Group of each visit; missing where it is not known.
        resamples: Number of resamples.
        coverage: Share of the resamples inside an interval.
        seed: Seed of the resampling.
    """
    codes, names = pd.factorize(groups, sort=True)
    known = np.flatnonzero(codes >= 0)
    of_visit = codes[known].astype(np.int64)
    judged = {"forecast": forecast.take(known), **{name: rival.take(known) for name, rival in rivals.items()}}
    values = {name: _all_metrics(scored, of_visit) for name, scored in judged.items()}
    rates = group_rates(of_visit, judged["forecast"].outcome, judged["forecast"].day)
    draws = [
        {name: _all_metrics(scored.take(rows), of_visit[rows]) for name, scored in judged.items()}
        for rows in resample(len(known), resamples, seed)
    ]

    def interval(name: str, metric: str) -> Interval:
        return percentile_interval(values[name][metric], [draw[name][metric] for draw in draws], coverage)

    def lead(rival: str, metric: str) -> Interval:
        differences = [draw["forecast"][metric] - draw[rival][metric] for draw in draws]
        return percentile_interval(values["forecast"][metric] - values[rival][metric], differences, coverage)

    return WithinGroups(
        column=str(groups.name),
        visits=len(known),
        unknown=len(codes) - len(known),
        groups=len(names),
        values={name: {metric: interval(name, metric) for metric in METRICS_WITHIN} for name in judged},
        leads={rival: {metric: lead(rival, metric) for metric in METRICS_WITHIN} for rival in rivals},
        pooled_auc=roc_auc(judged["forecast"]),
        group_auc=roc_auc(replace(judged["forecast"], score=rates, is_probability=False)),
    )


def _all_metrics(scored: Scored, groups: IntArray) -> dict[str, float]:
    return {name: metric(scored, groups) for name, metric in METRICS_WITHIN.items()}


def group_rates(groups: IntArray, outcome: IntArray, day: IntArray) -> FloatArray:
    """What is known of a visit by its group alone: the group's rate on earlier days.

    Args:
        groups: Group of each visit.
        outcome: What was found, 0 or 1.
        day: Day of each visit.

    Returns:
        Rates in [0, 1]; one visit at the rate of all of them is mixed into each.
    """
    visits = pd.DataFrame({"group": groups, "day": day, "outcome": outcome})
    by_day = visits.groupby(["group", "day"])["outcome"].agg(["sum", "size"])
    before = by_day.groupby(level="group").cumsum() - by_day
    rate = (before["sum"] + outcome.mean()) / (before["size"] + 1)
    return visits.join(rate.rename("rate"), on=["group", "day"])["rate"].to_numpy(dtype=np.float64)
