"""Which model serves: a rule over one tidy table of what the contenders were worth.

The champion takes part by its recipe and stored parameters, fitted again on the fit
weeks like any candidate. It stays unless a challenger is better by the margin.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import METRICS
from food_inspections.domain.inputs import require_columns
from food_inspections.errors import DataError

__all__ = ["METRICS", "Winner", "contender_rows", "select"]


@dataclass(frozen=True)
class Winner:
    """The outcome of a selection.

    Attributes:
        model_id: The contender that won.
        recipe: Its recipe.
        metric: Name of the metric decided by.
        value: What the winner reached.
        reason: Why, in words.
        metrics: model_id -> metric -> value, of every contender.
    """

    model_id: str
    recipe: str
    metric: str
    value: float
    reason: str
    metrics: dict[str, dict[str, float | None]]


def contender_rows(model_id: str, recipe: str, metrics: dict[str, float | None]) -> pd.DataFrame:
    """One contender's rows of the table :func:`select` takes."""
    return pd.DataFrame(
        {
            "model_id": model_id,
            "recipe": recipe,
            "metric": list(metrics),
            "value": pd.Series(list(metrics.values()), dtype="float64"),
        }
    )


def select(contenders: pd.DataFrame, metric: str, margin: float, champion: str | None = None) -> Winner:
    """Choose the model that serves.

    Args:
        contenders: Tidy table with model_id, recipe, metric, value; all judged on the same inspections.
        metric: Name of the metric to decide by; its direction lies in METRICS.
        margin: By how much a challenger must be better than the champion, in units of the metric.
        champion: model_id under which the champion takes part; ``None`` where nobody reigns.

    Raises:
        DataError: The metric is unknown, or no contender has a value for it.
    """
    if metric not in METRICS:
        raise DataError(f"There is no metric {metric!r} to select by: choose one of {', '.join(METRICS)}.")
    require_columns(contenders, ("model_id", "recipe", "metric", "value"), "The table of contenders")
    ranked = _ranking(contenders, metric)
    if champion is not None and champion not in set(contenders["model_id"]):
        raise DataError(f"The champion {champion} is not among the contenders: fit it again on the same weeks.")
    best = ranked.iloc[0]
    winner, reason = best, _best_reason(ranked, metric)
    if champion is not None:
        winner, reason = _against_champion(ranked, metric, margin, champion)
    return Winner(
        model_id=str(winner["model_id"]),
        recipe=str(winner["recipe"]),
        metric=metric,
        value=float(winner["value"]),
        reason=reason,
        metrics=_all_metrics(contenders),
    )


def _ranking(contenders: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Contenders with a value, the best first, ties in the order of recipe and model_id."""
    judged = contenders[(contenders["metric"] == metric) & contenders["value"].notna()]
    if judged.empty:
        names = ", ".join(sorted(set(contenders["model_id"])))
        raise DataError(f"No contender has a value for {metric}: {names or 'there are no contenders'}.")
    order = judged.assign(loss=-METRICS[metric].sign * judged["value"])
    return order.sort_values(["loss", "recipe", "model_id"], kind="stable").reset_index(drop=True)


def _best_reason(ranked: pd.DataFrame, metric: str) -> str:
    best = ranked.iloc[0]
    reason = f"{best['recipe']} has the best {metric}, {best['value']:.4f}"
    if len(ranked) == 1:
        return f"{reason}; it was the only contender."
    second = ranked.iloc[1]
    if second["value"] == best["value"]:
        return f"{reason}, as has {second['recipe']}; the tie is broken by name."
    return f"{reason}; next is {second['recipe']} with {second['value']:.4f}."


def _against_champion(ranked: pd.DataFrame, metric: str, margin: float, champion: str) -> tuple[pd.Series, str]:
    rows = ranked[ranked["model_id"] == champion]
    challengers = ranked[ranked["model_id"] != champion]
    if rows.empty:
        return ranked.iloc[0], f"{_best_reason(ranked, metric)} The champion has no value for {metric}."
    reigning = rows.iloc[0]
    stays = f"the champion {reigning['recipe']} stays with {metric} {reigning['value']:.4f}"
    if challengers.empty:
        return reigning, f"{stays[0].upper()}{stays[1:]}: it has no challenger."
    best = challengers.iloc[0]
    lead = METRICS[metric].sign * (best["value"] - reigning["value"])
    gap = f"the best challenger {best['recipe']} has {best['value']:.4f}, a lead of {lead:+.4f}"
    # Differences of stored decimals carry rounding errors that must not decide.
    if lead > margin or (margin > 0 and np.isclose(lead, margin, rtol=0, atol=1e-12)):
        return best, (
            f"{best['recipe']} replaces the champion {reigning['recipe']}: {metric} {best['value']:.4f} against "
            f"{reigning['value']:.4f}, a lead of {lead:+.4f} where {margin:g} is asked."
        )
    return reigning, f"{stays[0].upper()}{stays[1:]}: {gap} where {margin:g} is asked."


def _all_metrics(contenders: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    result: dict[str, dict[str, float | None]] = {}
    rows: Sequence[tuple[str, str, float]] = list(
        contenders[["model_id", "metric", "value"]].itertuples(index=False, name=None)
    )
    for model_id, name, value in rows:
        result.setdefault(model_id, {})[name] = None if pd.isna(value) else float(value)
    return result
