"""Plots as PNG bytes: for asset metadata, the backtest's report and the object store.

Figures are made without pyplot: it keeps global state and looks for a screen.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from food_inspections.domain.evaluation.metrics import Scored, calibration_table
from food_inspections.domain.inputs import FloatArray
from food_inspections.domain.learning.explanations import effects, importance, relative_values, thinned
from food_inspections.domain.learning.model import FittedModel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE = "#2a6f97"
RED = "#c44536"
GREY = "#8d99ae"
BEESWARM_ROWS = 1_000


def calibration_curve(scored: Scored, title: str = "Calibration") -> bytes:
    """Share found against mean score, in ten bins of equal count."""
    table = calibration_table(scored)
    figure, axes = _figure(title, (5, 4.5))
    limit = float(max(table[["mean_score", "share_found"]].max().max(), 0.05)) * 1.08 if len(table) else 1.0
    axes.plot([0, limit], [0, limit], color=GREY, linewidth=1, linestyle="--", label="as promised")
    axes.plot(table["mean_score"], table["share_found"], color=BLUE, marker="o", label="as found")
    axes.set(xlabel="mean score of the bin", ylabel="share found", xlim=(0, limit), ylim=(0, limit))
    axes.legend(frameon=False)
    return _png(figure)


def score_histogram(scored: Scored, threshold: float | None = None, title: str = "Scores") -> bytes:
    """Scores of what was found and what was not, as shares of each."""
    figure, axes = _figure(title, (6, 4))
    bins = np.linspace(0, 1, 41).tolist()
    for outcome, color, label in ((0, BLUE, "not found"), (1, RED, "found")):
        chosen = scored.score[scored.outcome == outcome]
        if len(chosen):
            weights = np.full(len(chosen), 1 / len(chosen))
            axes.hist(chosen, bins=bins, weights=weights, color=color, alpha=0.5, label=f"{label} ({len(chosen)})")
    if threshold is not None:
        axes.axvline(threshold, color=GREY, linewidth=1, linestyle="--", label=f"threshold {threshold:.3f}")
    axes.set(xlabel="score", ylabel="share of inspections", xlim=(0, 1))
    axes.legend(frameon=False)
    return _png(figure)


def score_counts(scores: FloatArray, threshold: float, title: str = "Scores") -> bytes:
    """Scores whose outcome is not known, counted in bins of 0.025."""
    figure, axes = _figure(title, (6, 4))
    axes.hist(scores, bins=np.linspace(0, 1, 41).tolist(), color=BLUE)
    axes.axvline(threshold, color=RED, linewidth=1, linestyle="--", label="threshold")
    axes.set(xlabel="score", ylabel="count", xlim=(0, 1))
    axes.legend(frameon=False)
    return _png(figure)


def importance_bars(table: pd.DataFrame, top: int = 20, title: str = "What the model looks at") -> bytes:
    """The strongest inputs of a table by :func:`explanations.importance`."""
    shown = table.head(top).iloc[::-1]
    figure, axes = _figure(title, (7, 0.3 * max(4, len(shown)) + 1))
    axes.barh(shown["feature"], shown["mean_effect_size"], color=BLUE)
    axes.set(xlabel="mean size of the effect (log-odds)")
    return _png(figure)


def importance_plot(model: FittedModel, features: pd.DataFrame, top: int = 20) -> bytes:
    """Bars of the strongest inputs of a model over some rows."""
    return importance_bars(importance(model, features), top, f"What {model.recipe} looks at ({model.label})")


def beeswarm(model: FittedModel, features: pd.DataFrame, top: int = 15) -> bytes:
    """One dot per inspection and input: how far to the right it moved the score, coloured by the input's value."""
    rows = thinned(features, BEESWARM_ROWS)
    names = importance(model, rows)["feature"].head(top).tolist()
    table, ranks = effects(model, rows), relative_values(model, rows)
    figure, axes = _figure(f"Effects in {model.recipe} ({model.label})", (8, 0.35 * max(4, len(names)) + 1.2))
    positions = {name: position for position, name in enumerate(model.feature_columns)}
    for height, name in enumerate(reversed(names)):
        values = table[name].to_numpy()
        shift = _spread(values)
        dots = axes.scatter(
            values, height + shift, c=ranks[:, positions[name]], cmap="coolwarm", s=5, vmin=0, vmax=1, linewidths=0
        )
    if names:
        bar = figure.colorbar(dots, ax=axes, ticks=[0, 1])
        bar.ax.set_yticklabels(["low", "high"])
        bar.set_label("value of the input")
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set(xlabel="effect on the log-odds")
    return _png(figure)


def found_over_time(forecasts: dict[str, Scored], title: str = "Found as the work goes on") -> bytes:
    """Share of the positives found against the share of the visits done, per order of visits."""
    figure, axes = _figure(title, (6, 4.5))
    for number, (name, scored) in enumerate(forecasts.items()):
        order = np.argsort(-scored.score, kind="stable")
        done = np.arange(1, len(order) + 1) / max(1, len(order))
        found = np.cumsum(scored.outcome[order]) / max(1, int(scored.outcome.sum()))
        axes.plot(done, found, label=name, linewidth=2 if number == 0 else 1.2)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    axes.axvline(0.5, color=GREY, linewidth=0.8)
    axes.set(xlabel="share of the visits done", ylabel="share found", xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)
    return _png(figure)


def _spread(values: FloatArray) -> FloatArray:
    """Heights within ±0.4 that keep dots of similar value apart: wider where there are more of them."""
    if len(values) < 2 or float(np.ptp(values)) == 0:
        return np.zeros(len(values))
    bins = np.clip(((values - values.min()) / np.ptp(values) * 60).astype(np.int64), 0, 60)
    counts = np.bincount(bins, minlength=61)
    order = np.argsort(bins, kind="stable")
    within = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    heights = np.empty(len(values))
    # Alternating sides of the middle line, from the inside out.
    heights[order] = np.where(within % 2 == 0, within // 2, -(within // 2) - 1)
    return np.asarray(heights / (counts.max() / 2) * 0.4)


def _figure(title: str, size: Sequence[float]) -> tuple["Figure", "Axes"]:
    # Takes a second to import, and most steps draw nothing.
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(size[0], size[1]), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=11)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _png(figure: "Figure") -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
