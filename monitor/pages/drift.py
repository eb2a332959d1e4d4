"""Drift: whether the newest weeks still look like those the champion was validated on, and what was done about it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import controls, notices, panels
from food_inspections.monitor.components.markup import state_link
from food_inspections.monitor.components.spans import SPANS, since
from food_inspections.monitor.components.status import Status, badge
from food_inspections.monitor.figures import drift as figures
from food_inspections.monitor.pages import retraining
from food_inspections.monitor.queries import drift as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import ANSWERS, QUESTIONS, STATISTICS

STATUSES: dict[str, Status] = {"holds": "good", "changed": "bad", "cannot_tell": "unknown"}
CHARTED = {"score": ("Scores", "score"), "outcome": ("Outcomes", "outcome"), "ranking": ("Ranking", "outcome")}
ALARMS_SHOWN = 20


def _selection(request: Request, weeks: Sequence[date]) -> tuple[date, str]:
    return request.view.week("week", weeks, weeks[0]), request.view.choice("span", SPANS, "52")


def offered(request: Request) -> Sequence[Control] | Component:
    """The week and the span."""
    weeks = queries.weeks(request.connection)
    if not weeks:
        return notices.nothing_yet("drift reports", "drift_report")
    week, span = _selection(request, weeks)
    return [
        controls.week("week", "Week", weeks, week),
        Control("span", "Shown before it", "segments", span, "52", list(SPANS.items())),
    ]


def draw_week(request: Request) -> list[Component]:
    """The answers of the week, with the window they rest on and the way to the evidently report."""
    weeks = queries.weeks(request.connection)
    week, _ = _selection(request, weeks)
    found = queries.verdicts(request.connection, week)
    asked = request.view.missing_week("week", weeks)
    newest = queries.newest_report(request.connection)
    report = (
        html.A(
            f"Open evidently's pictures of {formats.week(newest[0])} ↗",
            href=request.site.href(f"/reports/drift/{newest[0]}"),
            className="button",
            target="_blank",
            rel="noopener",
        )
        if newest
        else html.P(
            "Evidently's pictures are made by the asset drift_page, for the newest complete week once there is enough "
            "to compare; there are none yet.",
            className="about",
        )
    )
    return [
        *([notices.asked_for_another_week(asked, f"the week of {formats.day(week)}")] if asked else []),
        panels.tiles(*[_tile(row) for row in records(found)]),
        html.Div([html.P(_window(next(records(found))), className="reading"), report], className="between"),
    ]


def _tile(row: Any) -> Component:
    value = formats.percent(row.value) if row.question == "features" else formats.decimal(row.value, 2)
    word = QUESTIONS[row.question]
    return panels.tile(word.title, value, row.statement, STATUSES[row.answer], ANSWERS[row.answer])


def _window(facts: Any) -> str:
    if facts.current_from is None or facts.reference_from is None:
        return "There is nothing to compare yet."
    return (
        f"{formats.whole(facts.current_rows)} inspections from {formats.day(facts.current_from)} to "
        f"{formats.day(facts.current_to)}, against {formats.whole(facts.reference_rows)} of the champion's validation "
        f"weeks, {formats.day(facts.reference_from)} to {formats.day(facts.reference_to)}. A change is more than "
        "the same numbers moved by themselves between earlier weeks as far apart: season, growth, chance."
    )


def draw_series(request: Request) -> Component:
    """Each question over time, with the weeks in which a model was asked for."""
    week, span = _selection(request, queries.weeks(request.connection))
    first = since(week, span)
    decided = queries.decisions(request.connection, request.settings.label, week, 500)
    retrained = [row.week for row in records(decided) if row.is_retraining and row.week >= first]
    charts = []
    for kind, (of, name) in CHARTED.items():
        rows = queries.series(request.connection, kind, name, first, week)
        if len(rows):
            title = STATISTICS[str(rows["statistic"].iloc[0])].title
            charts.append(_chart(f"drift-{kind}", f"{of}: {title}", rows, title, retrained, is_floor=kind == "ranking"))
    share = queries.moved_share(request.connection, first, week)
    if len(share):
        charts.append(
            _chart("drift-share", "Features: weight of those that moved", share, "Share of effects", retrained)
        )
    if not charts:
        return panels.panel("Over time", html.P("No week was far enough from a selection yet.", className="about"))
    return panels.panel(
        "Over time",
        html.Div(charts, className="thirds"),
        about="Dashed: each week's own bound. Diamonds lie beyond it. Dotted upright: weeks in which a new model was "
        "asked for. Weeks right after a new model have no answer.",
    )


def _chart(
    name: str, heading: str, rows: Any, title: str, retrained: Sequence[date], *, is_floor: bool = False
) -> Component:
    return html.Div(
        [
            html.H3(heading),
            panels.chart(
                name,
                figures.over_time(rows, title, retrained, is_floor=is_floor),
                f"{heading} by week; {int((rows['is_drifted'].eq(True)).sum())} of {len(rows)} weeks changed.",
                "short",
            ),
        ]
    )


def draw_features(request: Request) -> Component:
    """Features by the weight they carry, and one of them: then and now."""
    week, span = _selection(request, queries.weeks(request.connection))
    features = queries.features(request.connection, week)
    if features.empty:
        return panels.panel("Features", html.P("It is too early to say of this week.", className="about"))
    names = list(features["name"])
    chosen = request.view.choice("feature", set(names), names[0])
    shown = [*names[:15], *([chosen] if chosen not in names[:15] else [])]
    bins = queries.distribution(request.connection, week, chosen)
    series = queries.series(request.connection, "feature", chosen, since(week, span), week)
    links = [
        state_link(
            formats.words(name),
            request.view,
            focus=f"feature-{name}",
            className="chip" + (" chosen" if name == chosen else ""),
            named={"aria-current": "true" if name == chosen else "false"},
            feature=name,
        )
        for name in shown
    ]
    return html.Div(
        [
            panels.panel(
                "Features",
                html.Div(links, className="chips", id="feature-detail"),
                _features_table(features.head(15)),
                about=_moved(features),
            ),
            panels.panel(
                f"{formats.words(chosen)}, then and now",
                panels.chart(
                    "drift-distribution",
                    figures.then_and_now(bins),
                    f"Share of inspections by {chosen}: validation weeks and newest weeks.",
                ),
                html.H3("Distance over time"),
                panels.chart("drift-feature", figures.over_time(series, "Distance"), f"{chosen} by week.", "short"),
                about="Bars: the newest weeks. Line: the champion's validation weeks. Each bin holds about a tenth of "
                "the latter; the number under it is its upper edge.",
            ),
        ],
        className="halves",
    )


def _moved(features: Any) -> str:
    if features["is_drifted"].isna().any():
        return "Whether any moved further than by itself cannot be told: the history is too short. By what they carry."
    moved = int(features["is_drifted"].eq(True).sum())
    return (
        f"{moved} of {len(features)} moved further than by themselves, corrected for how many are looked at. Those "
        "that moved come first, then by the share of the model's effects they carry."
    )


def _features_table(features: Any) -> Component:
    return panels.table(
        ["Feature", "Carries", "Distance", "Bound", ""],
        [
            [
                formats.words(row.name),
                formats.percent(row.importance, 1),
                formats.decimal(row.value),
                formats.decimal(row.threshold),
                badge("watch", "Moved") if row.is_drifted else "",
            ]
            for row in records(features)
        ],
        numeric=(1, 2, 3),
        caption="Features by the weight they carry",
    )


def draw_alarms(request: Request) -> Component:
    """Alarms as history."""
    week, _ = _selection(request, queries.weeks(request.connection))
    rows = queries.alarms(request.connection, week, ALARMS_SHOWN)
    if rows.empty:
        return panels.panel(
            "Alarms so far", html.P("None: no question was ever answered with a change.", className="about")
        )
    return panels.panel(
        "Alarms so far",
        panels.table(
            ["From", "Until", "Weeks", "Question", "What was said first"],
            [
                [
                    formats.week(row.since),
                    formats.week(row.until),
                    formats.whole(row.weeks),
                    QUESTIONS[row.question].title,
                    row.statement,
                ]
                for row in records(rows)
            ],
            numeric=(2,),
            caption="Alarms so far",
            is_cards_on_phone=True,
        ),
        about="Weeks in a row with the same answer are one alarm: their windows overlap.",
    )


PAGE = Page(
    path="/drift",
    name="Drift",
    title="Drift",
    lead="Do the newest weeks still look like those the champion was tested on, and what was done about it?",
    controls=offered,
    regions=[
        Region("drift-week", frozenset({"week"}), draw_week),
        Region("drift-alarms", frozenset({"week"}), draw_alarms),
        Region("drift-series", frozenset({"week", "span"}), draw_series),
        Region("drift-features", frozenset({"week", "span", "feature"}), draw_features),
        Region("drift-decisions", frozenset({"week"}), retraining.draw_decisions),
        Region("drift-moves", frozenset({"week"}), retraining.draw_moves),
    ],
    has_charts=True,
)
