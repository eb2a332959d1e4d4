"""What the forecast was worth once the results of a week were in."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.bootstrap import Interval, intervals, mean_intervals
from food_inspections.domain.evaluation.metrics import METRICS, Scored, scored_from
from food_inspections.domain.evaluation.proportions import NORMAL, proportion
from food_inspections.domain.inputs import FloatArray, require_columns
from food_inspections.domain.visit_order import in_visit_order
from food_inspections.domain.weeks import monday_of

COLUMNS = ("source", "metric", "value", "lower", "upper", "row_count", "positives", "coverage")
PRECISION_AT_CAPACITY = "precision_at_capacity"
RESAMPLES = 200
_UNDEFINED = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Promise:
    """What validation lets one expect of a week.

    Attributes:
        values: Metrics with their intervals.
        scores: The champion's validation scores: inspection_date, score, label, outcome.
    """

    values: Mapping[str, Interval]
    scores: pd.DataFrame


def promised(validation: pd.DataFrame, seed: int = 0) -> Promise:
    """Judge validation week by week, as published weeks are judged later.

    Over eight weeks at once a visit can move by weeks, where a week's list moves it by days; and the more rows in a
    bin, the smaller the calibration error. Only the mean over single weeks is a promise that a week can keep.

    Args:
        validation: The champion's validation scores: inspection_date, score, label, outcome.
        seed: Seed of the resampling.
    """
    weeks = [
        scored_from(rows) for _, rows in validation.groupby(monday_of(pd.to_datetime(validation["inspection_date"])))
    ]
    return Promise(mean_intervals(weeks, resamples=RESAMPLES, seed=seed), validation)


def realised(
    visits: pd.DataFrame,
    *,
    queue: pd.DataFrame | None = None,
    predictions: pd.DataFrame | None = None,
    promise: Promise | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Judge what was published for a week by what was then found.

    Args:
        visits: The week's inspections: inspection_id, inspection_date, establishment_id, outcome; missing where it is
            not known, then a visit counts in the coverage and in no rate.
        queue: The first published queue of the week: establishment_id, score, label, is_on_list, is_random_draw.
        predictions: The week's predictions: inspection_id, score, label.
        promise: What validation promised of a week.
        seed: Seed of the resampling.

    Returns:
        Columns of monitoring.performance but for week and model_id, one row per source and metric, with 90% intervals,
        after Wilson for shares found and by the bootstrap for the rest.
        A value is NaN where it is not defined, e.g. the AUC without a positive.
        The queue is judged on the first visit to each establishment; its precision at capacity on those on the list,
        beside that of the validation visits whose score would have put them there.
    """
    require_columns(visits, ("inspection_id", "inspection_date", "establishment_id", "outcome"), "The table of visits")
    parts = []
    if queue is not None:
        judged = queue_outcomes(visits, queue)
        coverage = _share(int(visits["establishment_id"].isin(set(queue["establishment_id"])).sum()), len(visits))
        parts.append(_judged("queue", judged, coverage, seed))
        parts.append(_at_capacity("queue", judged[judged["is_on_list"]], coverage))
        parts += _estimates(judged, coverage, seed)
        drawn = judged[judged["is_random_draw"]]
        draws = queue.loc[queue["is_random_draw"], "establishment_id"]
        share = _share(int(draws.isin(set(visits["establishment_id"])).sum()), len(draws))
        parts.append(_judged("random_share", drawn, share, seed))
        parts.append(_at_capacity("random_share", drawn, share))
    if predictions is not None:
        scored = visits.merge(predictions[["inspection_id", "score", "label"]], on="inspection_id")
        parts.append(_judged("predictions", known_outcomes(scored), _share(len(scored), len(visits)), seed))
    if promise is not None:
        parts.append(_rows("validation", promise.values, promise.scores, float("nan")))
    if promise is not None and queue is not None:
        listed = promise.scores[promise.scores["score"] >= list_cut_off(queue)]
        parts.append(_at_capacity("validation", listed, float("nan")))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def estimated(judged: pd.DataFrame, seed: int = 0) -> dict[str, Interval]:
    """What the scores alone let one expect of every metric, before any outcome is known.

    Confidence-based estimation (as NannyML's CBPE): outcomes are drawn from the scores, again and again, and judged
    as real ones would be. It assumes that the scores are calibrated and that what ties them to outcomes has not
    changed; it sees a change of the places that are visited, and no change of what is found there. Realised values
    that leave the interval say that one of the two no longer holds.

    Args:
        judged: inspection_date, score and label of the visits.
        seed: Seed of the draws.

    Returns:
        Mean and 90% range of each metric over the draws on which it is defined, NaN where there are none.
    """
    generator = np.random.default_rng(seed)
    scored = scored_from(judged.assign(outcome=0))
    values: dict[str, list[float]] = {name: [] for name in METRICS}
    for _ in range(RESAMPLES):
        drawn = (generator.random(len(judged)) < scored.score).astype(np.int64)
        supposed = Scored(drawn, scored.score, scored.day, scored.label)
        for name, metric in METRICS.items():
            values[name].append(metric.function(supposed))
    return {name: _range(np.asarray(draws)) for name, draws in values.items()}


def _range(draws: FloatArray) -> Interval:
    known = draws[~np.isnan(draws)]
    if not len(known):
        return _UNDEFINED
    lower, upper = np.quantile(known, [0.05, 0.95])
    return Interval(float(known.mean()), float(lower), float(upper))


def _estimated_at_capacity(listed: pd.DataFrame) -> dict[str, Interval]:
    """The share of failures that the scores of a list expect, with the normal range of a sum of unequal chances."""
    if listed.empty:
        return {PRECISION_AT_CAPACITY: _UNDEFINED}
    score = listed["score"].to_numpy().astype(np.float64)
    half = NORMAL * float(np.sqrt((score * (1 - score)).sum())) / len(score)
    mean = float(score.mean())
    return {PRECISION_AT_CAPACITY: Interval(mean, max(0.0, mean - half), min(1.0, mean + half))}


def list_cut_off(queue: pd.DataFrame) -> float:
    """The lowest score that the ranking put on a list; NaN where it put none."""
    return float(queue.loc[queue["is_on_list"] & ~queue["is_random_draw"], "score"].min())


def _estimates(judged: pd.DataFrame, coverage: float, seed: int) -> list[pd.DataFrame]:
    """What the scores of the visits that took place let one expect, beside what was realised of the same visits."""
    values = estimated(judged, seed) if len(judged) else dict.fromkeys(METRICS, _UNDEFINED)
    listed = judged[judged["is_on_list"]]
    return [
        _rows("estimated", values, judged, coverage),
        _rows("estimated", _estimated_at_capacity(listed), listed, coverage),
    ]


def known_outcomes(visits: pd.DataFrame) -> pd.DataFrame:
    """Visits whose outcome is known, as 0 or 1: where no violations were published nobody knows of critical ones."""
    return visits.dropna(subset="outcome").astype({"outcome": "int64"})


def queue_outcomes(visits: pd.DataFrame, queue: pd.DataFrame) -> pd.DataFrame:
    """The queue's rows that were visited, with date and outcome of the first visit in the period that has one."""
    ordered = in_visit_order(known_outcomes(visits))
    first = ordered.drop_duplicates("establishment_id")[["establishment_id", "inspection_date", "outcome"]]
    columns = ["establishment_id", "score", "label", "is_on_list", "is_random_draw"]
    return queue[columns].merge(first, on="establishment_id")


def _judged(source: str, judged: pd.DataFrame, coverage: float, seed: int) -> pd.DataFrame:
    values = dict.fromkeys(METRICS, _UNDEFINED)
    if len(judged):
        values = intervals(scored_from(judged), resamples=RESAMPLES, seed=seed)
    return _rows(source, values, judged, coverage)


def _at_capacity(source: str, judged: pd.DataFrame, coverage: float) -> pd.DataFrame:
    """Share of positives."""
    share = proportion(int(judged["outcome"].sum()), len(judged))
    return _rows(source, {PRECISION_AT_CAPACITY: share}, judged, coverage)


def _rows(source: str, values: Mapping[str, Interval], judged: pd.DataFrame, coverage: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": source,
            "metric": list(values),
            "value": [interval.value for interval in values.values()],
            "lower": [interval.lower for interval in values.values()],
            "upper": [interval.upper for interval in values.values()],
            "row_count": len(judged),
            "positives": int(judged["outcome"].sum()),
            "coverage": coverage,
        }
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
