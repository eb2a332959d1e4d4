"""Performance: what the forecast was worth once the results were in, beside what was promised."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import controls, notices, panels
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.components.spans import SPANS, since
from food_inspections.monitor.components.status import PROMISE_STATUSES
from food_inspections.monitor.figures import performance as figures
from food_inspections.monitor.pages import list_worth
from food_inspections.monitor.pages.contest import draw_contest
from food_inspections.monitor.queries import performance as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import (
    ESTIMATED,
    HEADLINES,
    METRICS,
    PERCENTAGES,
    PROMISES,
    SOURCES,
    VALIDATION,
)

BESIDE = (VALIDATION, ESTIMATED)
RECENT_WEEKS = 8


def written(metric: str, value: float | None) -> str:
    """A metric's value in its unit."""
    if metric in PERCENTAGES:
        return formats.percent(value)
    return formats.decimal(value, 1) if metric == "days_earlier" else formats.decimal(value)


def _selection(request: Request, weeks: Sequence[date]) -> tuple[date, str, str]:
    return (
        request.view.week("week", weeks, weeks[0]),
        request.view.choice("span", SPANS, "52"),
        request.view.choice("source", SOURCES, "queue"),
    )


def offered(request: Request) -> Sequence[Control] | Component:
    """Which scores are judged, and over which weeks."""
    weeks = queries.weeks(request.connection)
    if not weeks:
        return notices.notice(
            "Nothing judged yet",
            "A published list is judged once the visits of its week are over and their results are in.",
            "Come back when the first published week is complete.",
        )
    week, span, source = _selection(request, weeks)
    return [
        Control(
            "source", "Judged", "segments", source, "queue", [(name, word.title) for name, word in SOURCES.items()]
        ),
        controls.week("week", "Until", weeks, week),
        Control("span", "Shown before it", "segments", span, "52", list(SPANS.items())),
    ]


def _series(request: Request) -> tuple[pd.DataFrame, str, date]:
    week, span, source = _selection(request, queries.weeks(request.connection))
    rows = queries.series(request.connection, since(week, span), week, (source, *BESIDE), HEADLINES)
    return rows, source, week


def draw_recent(request: Request) -> list[Component]:
    """The newest weeks in numbers, beside the promise."""
    weeks = queries.weeks(request.connection)
    week, _, source = _selection(request, weeks)
    asked = request.view.missing_week("week", weeks)
    found = queries.promises(request.connection, week, source)
    judged = max(found["weeks"], default=0)
    of_weeks = (
        f"Mean of the last {judged} judged weeks until {formats.week(week)}, weighted by visits."
        if judged > 1
        else f"The week of {formats.week(week)}."
    )
    covered = queries.coverage(request.connection, week, source, RECENT_WEEKS)
    held = "" if covered is None else f" It held a score for {formats.percent(covered)} of the visits."
    return [
        *([notices.asked_for_another_week(asked, f"until {formats.week(week)}")] if asked else []),
        panels.tiles(*[_metric_tile(row) for row in records(found)]),
        html.P(f"{of_weeks} Judged: {SOURCES[source].meaning}.{held}", className="reading"),
    ]


def _metric_tile(row: Any) -> Component:
    promise = f"Promised {written(row.metric, row.promise)}"
    # Without it a value beyond chance that is kept all the same would look like a mistake.
    margin = "" if formats.is_missing(row.margin) else f", {written(row.metric, row.margin)} may be missing"
    chance = "" if formats.is_missing(row.chance) else f", ±{written(row.metric, row.chance)} is chance"
    estimate = "" if formats.is_missing(row.estimate) else f" Estimated {written(row.metric, row.estimate)}."
    return panels.tile(
        METRICS[row.metric].title,
        written(row.metric, row.value),
        f"{promise}{margin}{chance}.{estimate} {formats.count(row.visits, 'visit')}.",
        PROMISE_STATUSES[row.answer],
        PROMISES[row.answer],
    )


def draw_metrics(request: Request) -> list[Component]:
    """Every metric by week with its interval."""
    series, source, _ = _series(request)
    if series[series["source"] == source]["value"].notna().sum() == 0:
        return [
            notices.notice(
                f"No results of {SOURCES[source].title.lower()} yet",
                f"Judged is {SOURCES[source].meaning}. None of these weeks has any.",
                "Select another source or a longer span.",
            )
        ]
    by_metric = dict(list(series.groupby("metric")))
    panels_of_metrics = [
        panels.panel(
            METRICS[metric].title,
            panels.chart(
                f"performance-{metric}",
                figures.metric_over_time(by_metric[metric], metric),
                f"{METRICS[metric].title} by week with 90% intervals, beside the promise.",
                "short",
            ),
            about=f"{METRICS[metric].meaning[:1].upper()}{METRICS[metric].meaning[1:]}.",
        )
        for metric in HEADLINES
        if metric in by_metric
    ]
    coverage = series[series["source"] == source].drop_duplicates("week")
    panels_of_metrics.append(
        panels.panel(
            "Coverage",
            panels.chart(
                "performance-coverage",
                figures.coverage_over_time(coverage),
                "Share of each week's visits that the source held a score for.",
                "short",
            ),
            about="Share of the week's visits that the source held a score for. What is not covered is not judged.",
        )
    )
    return [
        html.Div(
            [
                html.Span("Week", className="key key-week"),
                html.Span("90% interval", className="key key-band"),
                html.Span("Mean of 8 weeks", className="key key-mean"),
                html.Span("Promise at validation", className="key key-promise"),
                html.Span("Dotted: estimated from the scores alone"),
            ],
            className="legend",
            **attributes({"aria-hidden": "true"}),
        ),
        html.Div(panels_of_metrics, className="thirds"),
        _numbers(series, source),
    ]


def _numbers(series: pd.DataFrame, source: str) -> Component:
    newest = series["week"].drop_duplicates().tail(RECENT_WEEKS)
    rows = series[(series["source"] == source) & series["week"].isin(newest)]
    rows = rows.sort_values(["week", "metric"], ascending=[False, True])
    return panels.numbers(
        ["Week", "Metric", "Value", "Lower", "Upper", "Visits", "Failures", "Coverage"],
        [
            [
                formats.day(row.week),
                METRICS[row.metric].title if row.metric in METRICS else row.metric,
                written(row.metric, row.value),
                written(row.metric, row.lower),
                written(row.metric, row.upper),
                formats.whole(row.row_count),
                formats.whole(row.positives),
                formats.percent(row.coverage),
            ]
            for row in records(rows)
        ],
        numeric=(2, 3, 4, 5, 6, 7),
    )


def draw_calibration(request: Request) -> Component:
    """Whether three places in ten with a score of 30% really fail."""
    week, span, _ = _selection(request, queries.weeks(request.connection))
    # A year is plenty for ten bins, and all history would answer for models long gone.
    first = max(since(week, span), since(week, "52"))
    bins = queries.calibration(request.connection, first, week, request.settings.label)
    if bins.empty:
        return panels.panel("Calibration", html.P("No prediction has met its result yet.", className="about"))
    return panels.panel(
        "Calibration",
        html.Div(
            [
                panels.chart(
                    "performance-calibration",
                    figures.calibration(bins),
                    "Mean score against the share found, in ten bins; on the diagonal the forecast means what it says.",
                ),
                panels.table(
                    ["Scores", "Mean score", "Found", "Visits"],
                    [
                        [
                            formats.span(f"{10 * row.bin}", f"{10 * row.bin + 10}%"),
                            formats.percent(row.mean_score, 1),
                            formats.percent(row.share_found, 1),
                            formats.whole(row.row_count),
                        ]
                        for row in records(bins)
                    ],
                    numeric=(1, 2, 3),
                    caption="Calibration in bins",
                ),
            ],
            className="halves",
        ),
        about=f"Visits from {formats.day(first)} on, each scored as of its own morning. On "
        "the dashed line, of ten places with a score of 30% three fail. Whiskers: 90% intervals.",
    )


PAGE = Page(
    path="/performance",
    name="Performance",
    title="Performance",
    lead="As results arrive: was the list worth following, and did it keep what validation promised?",
    controls=offered,
    regions=[
        Region("performance-recent", frozenset({"week", "source"}), draw_recent),
        Region("performance-lists", frozenset(), list_worth.draw),
        Region("performance-metrics", frozenset({"week", "span", "source"}), draw_metrics),
        Region("performance-calibration", frozenset({"week", "span"}), draw_calibration),
        Region("performance-contest", frozenset({"week"}), draw_contest),
    ],
    has_charts=True,
)
