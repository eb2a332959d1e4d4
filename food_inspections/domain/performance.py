"""What the forecast was worth once the results of a week were in."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from food_inspections.domain.bootstrap import Interval, intervals
from food_inspections.domain.evaluation import METRICS, Scored, scored_from
from food_inspections.domain.inputs import require_columns

COLUMNS = ("source", "metric", "value", "lower", "upper", "row_count", "positives", "coverage")
PRECISION_AT_CAPACITY = "precision_at_capacity"
RESAMPLES = 200


def realised(
    visits: pd.DataFrame,
    *,
    queue: pd.DataFrame | None = None,
    predictions: pd.DataFrame | None = None,
    validation: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Judge what was published for a week by what was then found.

    Args:
        visits: The week's inspections: inspection_id, inspection_date, establishment_id, outcome.
        queue: The first published queue of the week: establishment_id, score, label, is_on_list, is_random_draw.
        predictions: The week's predictions: inspection_id, score, label.
        validation: The champion's validation scores (inspection_date, score, label, outcome): what was promised.
        seed: Seed of the resampling.

    Returns:
        Columns of monitoring.performance but for week and model_id, one row per source and metric, with 90%
        bootstrap intervals. A value is NaN where it is not defined, e.g. the AUC without a positive.
        The queue is judged on the first visit to each establishment.
    """
    require_columns(visits, ("inspection_id", "inspection_date", "establishment_id", "outcome"), "The table of visits")
    parts = []
    if queue is not None:
        judged = queue_outcomes(visits, queue)
        coverage = _share(int(visits["establishment_id"].isin(set(queue["establishment_id"])).sum()), len(visits))
        at_capacity = _rate(judged.loc[judged["is_on_list"], "outcome"], seed)
        parts.append(_rows("queue", judged, coverage, seed, {PRECISION_AT_CAPACITY: at_capacity}))
        drawn = judged[judged["is_random_draw"]]
        at_capacity = _rate(drawn["outcome"], seed)
        extra = {PRECISION_AT_CAPACITY: at_capacity}
        parts.append(_rows("random_share", drawn, _share(len(drawn), len(visits)), seed, extra))
    if predictions is not None:
        scored = visits.merge(predictions[["inspection_id", "score", "label"]], on="inspection_id")
        parts.append(_rows("predictions", scored, _share(len(scored), len(visits)), seed, {}))
    if validation is not None:
        parts.append(_rows("validation", validation, float("nan"), seed, {}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def queue_outcomes(visits: pd.DataFrame, queue: pd.DataFrame) -> pd.DataFrame:
    """The queue's rows that were visited, with date and outcome of the first visit in the period."""
    ordered = visits.sort_values(["inspection_date", "inspection_id"], kind="stable")
    first = ordered.drop_duplicates("establishment_id")[["establishment_id", "inspection_date", "outcome"]]
    columns = ["establishment_id", "score", "label", "is_on_list", "is_random_draw"]
    return queue[columns].merge(first, on="establishment_id")


def _rows(source: str, judged: pd.DataFrame, coverage: float, seed: int, extra: Mapping[str, Interval]) -> pd.DataFrame:
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    values = dict.fromkeys(METRICS, nothing)
    if len(judged):
        values = intervals(scored_from(judged), resamples=RESAMPLES, seed=seed)
    values.update(extra)
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


def _rate(outcome: pd.Series, seed: int) -> Interval:
    """Share of positives; as an accuracy of labelling everything 1, so that one bootstrap serves all."""
    if outcome.empty:
        return Interval(float("nan"), float("nan"), float("nan"))
    found = outcome.to_numpy().astype(np.int64)
    ones = np.ones(len(found), dtype=np.int64)
    scored = Scored(found, ones.astype(np.float64), ones, ones)
    return intervals(scored, ("accuracy",), resamples=RESAMPLES, seed=seed)["accuracy"]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
