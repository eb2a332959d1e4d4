"""Drift: how far the newest weeks lie from what the champion was validated on, and what was decided."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import controls, notices, panels
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.components.spans import SPANS, since
from food_inspections.monitor.components.status import Status
from food_inspections.monitor.figures import drift as figures
from food_inspections.monitor.judgement import distances
from food_inspections.monitor.pages import retraining
from food_inspections.monitor.queries import drift as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import RELATIVE, STATISTICS

SCORE_KINDS = {"score": "Scores", "outcome": "Outcomes"}


def _selection(request: Request, weeks: Sequence[date]) -> tuple[date, str]:
    return request.view.week("week", weeks, weeks[0]), request.view.choice("span", SPANS, "52")


def offered(request: Request) -> Sequence[Control] | Component:
    """The week, the span, and the statistic features are ranked by."""
    weeks = queries.weeks(request.connection)
    if not weeks:
        return notices.nothing_yet("drift reports", "drift_report")
    week, span = _selection(request, weeks)
    statistics = _feature_statistics(queries.of_week(request.connection, week))
    return [
        controls.week("week", "Week", weeks, week),
        Control("span", "Shown before it", "segments", span, "52", list(SPANS.items())),
        Control(
            "statistic",
            "Features ranked by",
            "dropdown",
            _statistic(request, statistics),
            statistics[0] if statistics else "",
            [(name, STATISTICS[name].title if name in STATISTICS else name) for name in statistics],
        ),
    ]


def _feature_statistics(week: pd.DataFrame) -> list[str]:
    present = set(week.loc[week["kind"] == "feature", "statistic"])
    if present:
        present.add(RELATIVE)
    return [name for name in STATISTICS if name in present] + sorted(present - set(STATISTICS))


def _statistic(request: Request, statistics: Sequence[str]) -> str:
    return request.view.choice("statistic", statistics, statistics[0]) if statistics else ""


def _measured(statistics: pd.DataFrame, statistic: str) -> pd.DataFrame:
    if statistic == RELATIVE:
        return distances.times_the_threshold(statistics)
    return statistics[statistics["statistic"] == statistic]


def draw_week(request: Request) -> list[Component]:
    """The week in numbers, with the way to the evidently report."""
    weeks = queries.weeks(request.connection)
    week, _ = _selection(request, weeks)
    rows = queries.of_week(request.connection, week)
    asked = request.view.missing_week("week", weeks)
    features = rows[rows["kind"] == "feature"]
    drifted = features.loc[features["is_drifted"], "name"].nunique()
    looked_at = features["name"].nunique()
    share: Status = "good" if not drifted else "watch"
    facts = next(records(rows))
    newest = queries.newest_report(request.connection)
    report = (
        html.A(
            f"Open the evidently report of {formats.week(newest[0])} ↗",
            href=request.site.href(f"/reports/drift/{newest[0]}"),
            className="button",
            target="_blank",
            rel="noopener",
        )
        if newest
        else html.P(
            "The evidently report is written with the newest complete week; there is none yet.", className="about"
        )
    )
    return [
        *([notices.asked_for_another_week(asked, f"the week of {formats.day(week)}")] if asked else []),
        panels.tiles(
            *[
                _statistic_tile(row)
                for kind in SCORE_KINDS
                for statistic in STATISTICS
                for row in records(rows[(rows["kind"] == kind) & (rows["statistic"] == statistic)])
            ],
            panels.tile(
                "Features over the threshold",
                f"{drifted} of {looked_at}",
                "By any statistic.",
                share,
                "Watch" if drifted else "Holds",
            ),
        ),
        html.Div(
            [
                html.P(
                    f"{formats.whole(facts.current_rows)} inspections from {formats.day(facts.current_from)} to "
                    f"{formats.day(facts.current_to)}, against {formats.whole(facts.reference_rows)} of the champion's "
                    f"validation weeks, {formats.day(facts.reference_from)} to {formats.day(facts.reference_to)}.",
                    className="reading",
                ),
                report,
            ],
            className="between",
        ),
    ]


def _statistic_tile(row: Any) -> Component:
    of = SCORE_KINDS[row.kind]
    title = STATISTICS[row.statistic].title if row.statistic in STATISTICS else row.statistic
    meaning = STATISTICS[row.statistic].meaning if row.statistic in STATISTICS else ""
    status: Status = "good" if not row.is_drifted else "bad" if row.kind == "score" else "watch"
    return panels.tile(
        f"{of}: {title}",
        formats.decimal(row.value),
        f"{meaning[:1].upper() + meaning[1:]}. Threshold {row.threshold:.3g}.",
        status,
        "Drifted" if row.is_drifted else "Holds",
    )


def draw_series(request: Request) -> Component:
    """Score and outcome drift over time, with the weeks in which a model was asked for."""
    week, span = _selection(request, queries.weeks(request.connection))
    first = since(week, span)
    decided = queries.decisions(request.connection, request.settings.label, week, 500)
    retrained = [row.week for row in records(decided) if row.is_retraining and row.week >= first]
    charts = []
    for kind, of in SCORE_KINDS.items():
        series = queries.series(request.connection, kind, None, first, week)
        for statistic in [name for name in STATISTICS if name in set(series["statistic"])]:
            rows = series[series["statistic"] == statistic]
            charts.append(
                html.Div(
                    [
                        html.H3(f"{of}: {STATISTICS[statistic].title}"),
                        panels.chart(
                            f"drift-{kind}-{statistic}",
                            figures.over_time(rows, STATISTICS[statistic].title, retrained),
                            f"{of}, {STATISTICS[statistic].title} by week; {int(rows['is_drifted'].sum())} of "
                            f"{len(rows)} weeks over the threshold.",
                            "short",
                        ),
                    ]
                )
            )
    return panels.panel(
        "Scores and outcomes over time",
        html.Div(charts, className="thirds"),
        about="Diamonds lie over the threshold. Dotted lines: weeks in which a new model was asked for.",
    )


def draw_features(request: Request) -> Component:
    """Features ranked by drift, and one of them over time."""
    week, span = _selection(request, queries.weeks(request.connection))
    rows = queries.of_week(request.connection, week)
    features = rows[rows["kind"] == "feature"]
    statistics = _feature_statistics(rows)
    if not statistics:
        return panels.panel("Features", html.P("This report looks at no features.", className="about"))
    statistic = _statistic(request, statistics)
    ranked = _measured(features, statistic).sort_values(["value", "name"], ascending=[False, True])
    chosen = request.view.choice("feature", set(ranked["name"]), ranked["name"].iloc[0])
    series = _measured(queries.series(request.connection, "feature", chosen, since(week, span), week), statistic)
    shares = queries.share_drifted(request.connection, since(week, span), week)
    title = STATISTICS[statistic].title if statistic in STATISTICS else statistic
    names = [
        html.A(
            formats.words(name),
            href=request.view.search(feature=name),
            className="chip" + (" chosen" if name == chosen else ""),
            **attributes({"data-state": "feature-detail", "aria-current": "true" if name == chosen else "false"}),
        )
        for name in ranked["name"]
    ]
    return html.Div(
        [
            panels.panel(
                "Features, most drifted first",
                panels.chart(
                    "drift-features",
                    figures.ranked_features(ranked, title),
                    f"Features by {title}; {ranked['name'].iloc[0]} leads.",
                    "free",
                ),
                about=f"{title}: {STATISTICS[statistic].meaning if statistic in STATISTICS else ''}. "
                "Orange bars lie over their threshold, the upright stroke.",
            ),
            html.Div(
                [
                    panels.panel(
                        f"{formats.words(chosen)} over time",
                        html.Div(names, className="chips", id="feature-detail"),
                        panels.chart(
                            "drift-feature",
                            figures.over_time(series, title),
                            f"{chosen} by week.",
                            "short",
                        ),
                    ),
                    panels.panel(
                        "How many features at once",
                        panels.chart(
                            "drift-share",
                            figures.share_drifted(shares),
                            "Features over the threshold by week.",
                            "short",
                        ),
                        about="One feature over its line is ordinary; many in the same week are not.",
                    ),
                ],
                className="stack",
            ),
        ],
        className="halves",
    )


PAGE = Page(
    path="/drift",
    name="Drift",
    title="Drift",
    lead="Do the newest weeks still look like those the champion was tested on, and what was done about it?",
    controls=offered,
    regions=[
        Region("drift-week", frozenset({"week"}), draw_week),
        Region("drift-series", frozenset({"week", "span"}), draw_series),
        Region("drift-features", frozenset({"week", "span", "statistic", "feature"}), draw_features),
        Region("drift-decisions", frozenset({"week"}), retraining.draw_decisions),
        Region("drift-moves", frozenset({"week"}), retraining.draw_moves),
    ],
)
