"""The backtest's report in Markdown: what was asked, what came out, beside the baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tabulate import tabulate

from food_inspections.domain import plots
from food_inspections.domain.evaluation.backtest import Backtest
from food_inspections.domain.evaluation.baselines import BASELINE_TITLES, HEURISTICS
from food_inspections.domain.evaluation.bootstrap import DEFAULT_RESAMPLES, Interval, intervals, leads
from food_inspections.domain.evaluation.metrics import (
    METRICS,
    Scored,
    calibration_error,
    calibration_table,
    first_half,
    roc_auc,
    scored_from,
)
from food_inspections.domain.evaluation.queue_backtest import QueueBacktest
from food_inspections.domain.evaluation.within import METRICS_WITHIN, WithinGroups
from food_inspections.domain.learning.explanations import importance
from food_inspections.domain.recipes.registry import find_recipe

COMPARED = ("roc_auc", "average_precision", "brier_score", "first_half", "days_earlier")
# The resampling of scores that are right on average finds errors all the same: the interval of a
# calibration error lies above the error itself and would mislead.
WITHOUT_INTERVAL = ("calibration_error",)
TITLES_WITHIN = {"net": "Forecast net of who inspects", **BASELINE_TITLES}
SMALLEST_GROUP = 30
TOP_INPUTS = 15


@dataclass(frozen=True)
class Report:
    """A report and the files it shows.

    Attributes:
        markdown: The text.
        files: Name -> content of the plots it shows.
    """

    markdown: str
    files: Mapping[str, bytes]


def write_report(
    backtest: Backtest,
    queue: QueueBacktest | None = None,
    lags: Mapping[int, Backtest] | None = None,
    within: Sequence[WithinGroups] = (),
    resamples: int = DEFAULT_RESAMPLES,
) -> Report:
    """Put the tables and plots of a backtest together.

    Args:
        backtest: The backtest.
        queue: The queue's own backtest of the same period.
        lags: The same backtest with inspections known later, by days.
        within: The same forecast judged within groups.
        resamples: Resamples of the bootstrap.
    """
    scored = backtest.scored
    sections = [
        _head(backtest),
        _headline(scored, backtest.baselines, resamples),
        _results(scored, backtest.baselines, resamples),
        _leads(scored, backtest.baselines, resamples),
        *map(_within, within),
        _by_cutoff(backtest),
        _calibration(scored),
        _by_facility_type(backtest.judged),
        _queue(queue),
        _lags(backtest, lags or {}),
        _inputs(backtest),
        _meaning(),
    ]
    return Report("\n\n".join(section for section in sections if section) + "\n", _files(backtest))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is right-aligned."""
    right = ["right"] * (len(headings) - 1)
    return tabulate(rows, headings, tablefmt="pipe", colalign=["left", *right], disable_numparse=True)


def _head(backtest: Backtest) -> str:
    plan, judged = backtest.plan, backtest.judged
    recipe = find_recipe(plan.recipe)
    early = ", or earlier while what is known of the last year doubles," if plan.is_eager else ""
    late = f" Inspections become known {plan.lag_days} days late." if plan.lag_days else ""
    return (
        f"# Backtest: label `{plan.label}`, {plan.first_day} to {plan.last_day}\n\n"
        f"{len(judged):,} visits, {int(judged['outcome'].sum()):,} of them with the label true "
        f"({judged['outcome'].mean():.1%}), scored by {recipe.title} (`{recipe.name}`), fitted anew every "
        f"{plan.refit_weeks} weeks{early} on everything before its cutoff. "
        f"Features of a visit know the days before it.{late}"
    )


def best_heuristic(baselines: Mapping[str, Scored]) -> str:
    """The heuristic of one line with the highest AUC on the visits judged, a choice in its favour."""
    return max((name for name in HEURISTICS if name in baselines), key=lambda name: (roc_auc(baselines[name]), name))


def _headline(scored: Scored, baselines: Mapping[str, Scored], resamples: int) -> str:
    best = best_heuristic(baselines)
    lead = leads(scored, {best: baselines[best]}, ("roc_auc", "days_earlier"), resamples=resamples)[best]
    return (
        f"**Lead over the best heuristic of one line** ({BASELINE_TITLES[best].lower()}): AUC "
        f"{_with_interval(lead['roc_auc'], 'roc_auc', '+')}, days earlier "
        f"{_with_interval(lead['days_earlier'], 'days_earlier', '+')}."
    )


def _within(within: WithinGroups) -> str:
    names = tuple(within.leads)
    rows = [
        [title, *(_with_interval(within.values[name][metric], metric) for metric in METRICS_WITHIN)]
        for name, title in {"forecast": "Forecast", **{name: TITLES_WITHIN[name] for name in names}}.items()
    ]
    ahead = [
        [TITLES_WITHIN[name], *(_with_interval(within.leads[name][metric], metric, "+") for metric in METRICS_WITHIN)]
        for name in names
    ]
    titles = [METRICS[name].title for name in METRICS_WITHIN]
    return (
        f"## Within {within.column}\n\n{table(['', *titles], rows)}\n\n{table(['Lead over', *titles], ahead)}\n\n"
        f"{within.visits:,} visits in {within.groups:,} groups; {within.unknown:,} visits without one are left out. "
        "Only visits of the same group are compared, and each keeps its group's own dates: what the forecast knows "
        f"beyond telling the groups apart. The group's own rate on earlier days of the period, and nothing else, has "
        f"a pooled AUC of {_number(within.group_auc)}; the forecast {_number(within.pooled_auc)}."
    )


def _results(scored: Scored, baselines: Mapping[str, Scored], resamples: int) -> str:
    columns = {"Forecast": scored, **{BASELINE_TITLES[name]: each for name, each in baselines.items()}}
    found = {title: intervals(each, resamples=resamples) for title, each in columns.items()}
    rows = [
        [metric.title, *(_with_interval(found[title][name], name) for title in columns)]
        for name, metric in METRICS.items()
    ]
    note = f"With 90% bootstrap intervals ({resamples} resamples). A dash stands where a metric is not defined."
    picture = "![Found as the work goes on](found.png)"
    return f"## Results\n\n{table(['Metric', *columns], rows)}\n\n{note}\n\n{picture}"


def _leads(scored: Scored, baselines: Mapping[str, Scored], resamples: int) -> str:
    found = leads(scored, dict(baselines), COMPARED, resamples=resamples)
    rows = [
        [BASELINE_TITLES[name], *(_with_interval(found[name][metric], metric, sign="+") for metric in COMPARED)]
        for name in baselines
    ]
    headings = ["Lead over", *(METRICS[name].title for name in COMPARED)]
    return (
        f"## Lead over the baselines\n\n{table(headings, rows)}\n\n"
        "Paired: the same visits are resampled for both. Positive means the forecast is better; "
        "an interval above 0 means it is so beyond chance."
    )


def _by_cutoff(backtest: Backtest) -> str:
    rows = []
    for cutoff, part in backtest.judged.groupby("model_cutoff", sort=True):
        model = backtest.models[pd.Timestamp(str(cutoff)).date()]
        scored = scored_from(part)
        rows.append(
            [
                f"{pd.Timestamp(str(cutoff)):%Y-%m-%d}",
                f"{len(part):,}",
                f"{part['outcome'].mean():.1%}",
                f"{part['score'].mean():.1%}",
                _number(roc_auc(scored)),
                _number(model.threshold),
            ]
        )
    headings = ["Cutoff", "Visits", "Found", "Mean score", "AUC", "Threshold"]
    return f"## By cutoff\n\n{table(headings, rows)}"


def _calibration(scored: Scored) -> str:
    rows = [
        [str(number), f"{row['row_count']:,}", f"{row['mean_score']:.1%}", f"{row['share_found']:.1%}"]
        for number, row in enumerate(calibration_table(scored).to_dict("records"), start=1)
    ]
    return (
        f"## Calibration\n\n{table(['Tenth', 'Visits', 'Mean score', 'Found'], rows)}\n\n"
        f"Expected calibration error: {calibration_error(scored):.4f}.\n\n"
        "![Calibration](calibration.png)\n\n![Scores](scores.png)"
    )


def _by_facility_type(judged: pd.DataFrame) -> str:
    rows = []
    sizes = judged["facility_type"].value_counts()
    for name in sorted(sizes.index, key=lambda kind: (-sizes[kind], kind)):
        part = judged[judged["facility_type"] == name]
        if len(part) < SMALLEST_GROUP:
            continue
        scored = scored_from(part)
        rows.append(
            [
                str(name),
                f"{len(part):,}",
                f"{part['outcome'].mean():.1%}",
                f"{part['score'].mean():.1%}",
                f"{part['label'].mean():.1%}",
                _number(roc_auc(scored)),
                _share(first_half(scored)),
            ]
        )
    headings = ["Facility type", "Visits", "Found", "Mean score", "Labelled 1", "AUC", "Found in the first half"]
    return f"## By facility type\n\n{table(headings, rows)}\n\nTypes with under {SMALLEST_GROUP} visits are left out."


def _queue(queue: QueueBacktest | None) -> str:
    if queue is None or queue.judged.empty:
        return ""
    rows = []
    for title, is_first_look in (("All visits", False), (f"Type {queue.first_look_type} only", True)):
        as_of_monday, morning = (
            queue.scored(is_first_look=is_first_look),
            queue.morning_scored(is_first_look=is_first_look),
        )
        if not len(as_of_monday.outcome):
            continue
        rows.append(
            [
                title,
                f"{len(as_of_monday.outcome):,}",
                f"{as_of_monday.outcome.mean():.1%}",
                _number(roc_auc(as_of_monday)),
                _number(roc_auc(morning)),
                _share(first_half(as_of_monday)),
                _number(calibration_error(as_of_monday)),
            ]
        )
    headings = ["Judged on", "Visits", "Found", "AUC of the queue", "AUC of the morning", "First half", "Calibration"]
    weeks = queue.weeks
    text = (
        f"{len(weeks)} queues of {weeks['establishments'].median():,.0f} establishments (median), each judged on the "
        f"first visit to an establishment in its week; they held {queue.coverage:.1%} of the "
        f"{weeks['visits'].sum():,} visits (the rest went to places never visited in the three years before). "
        "Of the visited establishments that stood on a list as long as the week's capacity, "
        f"{_share(queue.precision_on_list())} had the label true. "
        '"Of the morning" is what the same visits were given with everything known that day.'
    )
    return f"## The queue as of each Monday\n\n{table(headings, rows)}\n\n{text}"


def _lags(backtest: Backtest, lags: Mapping[int, Backtest]) -> str:
    if not lags:
        return ""
    names = ("roc_auc", "average_precision", "first_half", "days_earlier", "calibration_error")
    rows = [
        [f"{lag_days} days", *(_value(METRICS[name].function(each.scored), name) for name in names)]
        for lag_days, each in sorted({backtest.plan.lag_days: backtest, **lags}.items())
    ]
    return (
        f"## Late publication\n\n{table(['Known after', *(METRICS[name].title for name in names)], rows)}\n\n"
        "What was inspected in the last so many days is known neither to the features nor to the fits."
    )


def _inputs(backtest: Backtest) -> str:
    model = backtest.models[max(backtest.models)]
    found = importance(model, backtest.features).head(TOP_INPUTS)
    rows = [
        [f"`{row['feature']}`", f"{row['mean_effect_size']:.3f}", f"{row['share']:.1%}"]
        for row in found.to_dict("records")
    ]
    return (
        f"## What the last model looks at\n\n{table(['Input', 'Mean size of effect (log-odds)', 'Share'], rows)}\n\n"
        "![Effects](beeswarm.png)"
    )


def _meaning() -> str:
    return """## What the words mean

- `predictions.csv` holds `score`, the estimated probability, and `label`, which is 1 where the score reaches the
  threshold of the model that gave it. `judged.csv` adds what was found (`outcome`), where, the model's cutoff,
  `score_low` and `score_high`: between them lie nine of ten shares of places that score alike, and `net_score`: the
  score with an average inspector, without what was lately found in the area.
- *Found in the first half*: share of the positives among the first half of the visits when these go by score.
- *Days earlier*: the visits sorted by score get the period's real dates in that order; averaged over the positives
  is the real date minus the new one.
- *Expected calibration error*: mean distance of mean score and share found over ten bins of equal count.
- The threshold is the score with the highest F1 to be expected of calibrated scores.
- *Order of reality* visits in the order it was done; *base rate* gives everyone the rate before the period; the
  *establishment's own past rate* is its share of earlier visits with the label true, smoothed by one visit at the
  base rate. *Its last result* visits first whose last visit had the label true; *most overdue first* whoever was not
  visited for longest, places never visited before all others. Equal scores count with the mean over all their
  orders."""


def _files(backtest: Backtest) -> dict[str, bytes]:
    scored, model = backtest.scored, backtest.models[max(backtest.models)]
    orders = {"Forecast": scored, **{BASELINE_TITLES[name]: each for name, each in backtest.baselines.items()}}
    orders.pop(BASELINE_TITLES["base_rate"], None)
    return {
        "found.png": plots.found_over_time(orders),
        "calibration.png": plots.calibration_curve(scored),
        "scores.png": plots.score_histogram(scored),
        "beeswarm.png": plots.beeswarm(model, backtest.features),
    }


def _with_interval(interval: Interval, metric: str, sign: str = "") -> str:
    if np.isnan(interval.value):
        return "-"
    value = _value(interval.value, metric, sign)
    if metric in WITHOUT_INTERVAL or np.isnan(interval.lower):
        return value
    return f"{value} ({_value(interval.lower, metric, sign)} to {_value(interval.upper, metric, sign)})"


def _value(value: float, metric: str, sign: str = "") -> str:
    if np.isnan(value):
        return "-"
    if metric == "days_earlier":
        return f"{value:{sign}.2f}"
    if metric == "first_half":
        return f"{value:{sign}.1%}"
    return f"{value:{sign}.4f}"


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.1%}"
