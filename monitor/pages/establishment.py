"""The drawer of the queue page: one establishment, why it stands where it stands, and what was found there."""

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import panels
from food_inspections.monitor.components.markup import attributes, state_link
from food_inspections.monitor.components.status import badge, result_badge
from food_inspections.monitor.queries import queue as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request
from food_inspections.monitor.wording import city, formats, violations
from food_inspections.settings import Settings

HISTORY_SHOWN = 60
# The newest visits stand open: what was found then is what the next one looks for first.
OPEN_VISITS = 2


def draw_establishment(request: Request, shown: queries.Publication, establishment_id: str) -> list[Component]:
    """Nothing where none is selected, and the drawer is closed."""
    if not establishment_id:
        return []
    rows = queries.establishment(request.connection, shown, establishment_id)
    if rows.empty:
        name, content = "Not in this queue", [_absent(shown, establishment_id)]
    else:
        row = rows.iloc[0]
        name = row["dba_name"]
        history = queries.history(request.connection, establishment_id, shown.week, HISTORY_SHOWN)
        ranks = queries.past_ranks(request.connection, establishment_id)
        content = [
            _head(row),
            _reasons(row),
            _history(history, request.settings),
            *([_past_ranks(ranks)] if len(ranks) > 1 else []),
        ]
    return [
        html.Section(
            [
                html.Div(
                    [
                        html.H2(name, tabIndex=-1, **attributes({"data-focus": f"establishment-{establishment_id}"})),
                        state_link(
                            "Close",
                            request.view,
                            establishment=None,
                            className="button small",
                            title="Close (Escape)",
                        ),
                    ],
                    className="drawer-head",
                ),
                *content,
            ],
            className="establishment",
            id="establishment",
            **attributes({"aria-label": f"Establishment {name}", "data-say": f"{name}: details are open."}),
        )
    ]


def _absent(shown: queries.Publication, establishment_id: str) -> Component:
    return html.P(f"{establishment_id} is not in the queue of {formats.week(shown.week)}: it was not in business then.")


def _head(row: "pd.Series[Any]") -> Component:
    marks = [
        badge("bad" if row["label"] else "good", "Flagged" if row["label"] else "Not flagged"),
        badge("watch", "Re-inspection open") if row["is_reinspection_open"] else None,
        badge("unknown", "Drawn at random") if row["is_random_draw"] else None,
    ]
    facts = {
        "Rank": formats.whole(row["rank"]),
        "Score": formats.percent(row["score"], 1),
        **_between(row),
        "Flagged from": formats.percent(row["threshold"], 1),
        "Since last visit": formats.count(int(row["days_since_last_visit"]), "day"),
    }
    return html.Div(
        [
            html.P(city.shown(row["address"], row["zip"])),
            html.P(city.shown(row["facility_type"], row["risk"], f"id {row['establishment_id']}")),
            html.P([mark for mark in marks if mark], className="marks"),
            html.Dl(
                [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts.items()], className="key-facts"
            ),
        ],
        className="establishment-head",
    )


def _between(row: "pd.Series[Any]") -> dict[str, str]:
    """Where nine of ten shares lie of places that score alike; nothing of weeks made before that was kept."""
    if formats.is_missing(row["score_low"]):
        return {}
    return {"Likely between": f"{formats.percent(row['score_low'])} and {formats.percent(row['score_high'])}"}


def _reasons(row: "pd.Series[Any]") -> Component:
    reasons = row["reasons"]
    if not reasons:
        return html.Div([html.H3("Why this score"), html.P("The model names no reason.", className="about")])
    points = [float(reason["points"]) for reason in reasons]
    widest = max(abs(amount) for amount in points) or 1
    return html.Div(
        [
            html.H3("Why this score"),
            html.P(
                "By how many percentage points each fact moves the chance to fail, from that of an average place.",
                className="about",
            ),
            html.Ul(
                [_reason(reason["text"], amount, widest) for reason, amount in zip(reasons, points, strict=True)],
                className="reasons",
            ),
        ]
    )


def _reason(text: str, points: float, widest: float) -> Component:
    amount = formats.signed(points, 1 if abs(points) < 1 else 0)
    return html.Li(
        [
            html.Span(text, className="reason-text"),
            html.Span(f"{amount} points", className="reason-points"),
            html.Span(
                html.Span(style={"width": f"{100 * abs(points) / widest:.0f}%"}),
                className="reason-bar",
                **attributes({"aria-hidden": "true"}),
            ),
        ],
        className="raises" if points > 0 else "lowers",
    )


def _history(history: pd.DataFrame, settings: Settings) -> Component:
    if history.empty:
        return html.Div([html.H3("Earlier visits"), html.P("No accepted week holds a visit.", className="about")])
    failed = int(history["is_failure"].sum())
    return html.Div(
        [
            html.H3("Earlier visits"),
            html.P(
                f"{formats.count(len(history), 'visit')}, {failed} failed."
                + (f" The newest {HISTORY_SHOWN} are shown." if len(history) == HISTORY_SHOWN else ""),
                className="about",
            ),
            html.Ol(
                [_visit(visit, settings, is_open=place < OPEN_VISITS) for place, visit in enumerate(records(history))],
                className="visits",
            ),
        ]
    )


def _visit(visit: Any, settings: Settings, is_open: bool) -> Component:
    found = list(violations.entries(visit.violations))
    line = [
        html.B(formats.day(visit.inspection_date)),
        result_badge(settings.city, visit.results, None if formats.is_missing(visit.is_failure) else visit.is_failure),
        html.Span(visit.inspection_type, className="visit-type"),
        html.Span(_found(visit, settings.profile.wording.points), className="visit-count"),
    ]
    if not found:
        return html.Li(html.Div(line, className="visit-line"))
    return html.Li(
        html.Details(
            [
                html.Summary(line, className="visit-line"),
                html.Ul(
                    [html.Li([html.Span(one.title), html.P(one.comment) if one.comment else None]) for one in found],
                    className="violations",
                ),
            ],
            open=is_open,
        )
    )


def _found(visit: Any, points: str) -> str:
    """Violations and points; nothing of what the city does not say."""
    count = (
        None if formats.is_missing(visit.violation_count) else formats.count(int(visit.violation_count), "violation")
    )
    return city.shown(count, None if formats.is_missing(visit.points) else f"{visit.points:g} {points}")


def _past_ranks(ranks: pd.DataFrame) -> Component:
    return html.Details(
        [
            html.Summary("Where earlier lists had it"),
            panels.table(
                ["Week", "Rank", "Score", ""],
                [
                    [
                        formats.week(row.week),
                        formats.whole(row.rank),
                        formats.percent(row.score, 1),
                        "on the list" if row.is_on_list else "",
                    ]
                    for row in records(ranks)
                ],
                numeric=(1, 2),
                caption="Earlier ranks",
            ),
        ],
        className="numbers",
    )
