"""The part of the queue page about one establishment."""

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import panels
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.components.queue_table import RESULTS
from food_inspections.monitor.components.status import badge
from food_inspections.monitor.figures import establishment as figures
from food_inspections.monitor.queries import queue as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request
from food_inspections.monitor.wording import formats

HISTORY_SHOWN = 60


def draw_establishment(request: Request, shown: queries.Publication, establishment_id: str) -> list[Component]:
    """Why an establishment stands where it stands, and what was found there before."""
    if not establishment_id:
        return [
            html.Div(
                html.P("Select a name in the table or a point on the map to see its history and its reasons."),
                className="hint panel",
                id="establishment",
            )
        ]
    rows = queries.establishment(request.connection, shown, establishment_id)
    if rows.empty:
        return [
            html.Div(
                [
                    html.H2("Not in this queue"),
                    html.P(
                        f"{establishment_id} is not in the queue of {formats.week(shown.week)}: "
                        "it was not in business then."
                    ),
                    html.A("Close", href=request.view.search(establishment=None), **attributes({"data-state": ""})),
                ],
                className="hint panel",
                id="establishment",
            )
        ]
    row = rows.iloc[0]
    history = queries.history(request.connection, establishment_id, shown.week, HISTORY_SHOWN)
    ranks = queries.past_ranks(request.connection, establishment_id)
    return [
        html.Section(
            [
                _head(request, row),
                html.Div([_reasons(row), _history(history)], className="halves"),
                _past_ranks(ranks) if len(ranks) > 1 else None,
            ],
            className="panel establishment",
            id="establishment",
            **attributes({"aria-label": f"Establishment {row['dba_name']}"}),
        )
    ]


def _head(request: Request, row: pd.Series) -> Component:
    marks = [
        badge("bad" if row["label"] else "good", "Flagged" if row["label"] else "Not flagged"),
        badge("watch", "Re-inspection open") if row["is_reinspection_open"] else None,
        badge("unknown", "Drawn at random") if row["is_random_draw"] else None,
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.H2(row["dba_name"]),
                    html.P(
                        f"{row['address']}, {row['zip']} · {row['facility_type']} · {row['risk']} · licence or id "
                        f"{row['establishment_id']}"
                    ),
                    html.P([mark for mark in marks if mark], className="marks"),
                ]
            ),
            html.Dl(
                [
                    html.Div([html.Dt("Rank"), html.Dd(formats.whole(row["rank"]))]),
                    html.Div([html.Dt("Score"), html.Dd(formats.percent(row["score"], 1))]),
                    html.Div([html.Dt("Flagged from"), html.Dd(formats.percent(row["threshold"], 1))]),
                    html.Div(
                        [html.Dt("Since last visit"), html.Dd(formats.count(int(row["days_since_last_visit"]), "day"))]
                    ),
                ],
                className="key-facts",
            ),
            html.A(
                "Close",
                href=request.view.search(establishment=None),
                className="button small corner",
                **attributes({"data-state": ""}),
            ),
        ],
        className="establishment-head",
    )


def _reasons(row: pd.Series) -> Component:
    reasons = row["reasons"]
    content: list[Component] = [
        panels.chart(
            "establishment-reasons",
            figures.reasons_waterfall(float(row["score"]), reasons),
            "; ".join(
                f"{reason['text']} {'raises' if reason['effect'] > 0 else 'lowers'} the score" for reason in reasons
            ),
            "free",
        )
    ]
    if not reasons:
        content = [html.P("The model names no reason for this score.", className="about")]
    return html.Div(
        [
            html.H3("Why this score"),
            html.P(
                "From where an average place with all weaker reasons would stand, each of the strongest moves the "
                "chance up (orange) or down (blue).",
                className="about",
            ),
            *content,
        ]
    )


def _history(history: pd.DataFrame) -> Component:
    if history.empty:
        return html.Div([html.H3("Earlier visits"), html.P("No accepted week holds a visit.", className="about")])
    failed = int((history["results"] == "Fail").sum())
    return html.Div(
        [
            html.H3("Earlier visits"),
            html.P(
                f"{formats.count(len(history), 'visit')}, {failed} failed."
                + (f" The newest {HISTORY_SHOWN} are shown." if len(history) == HISTORY_SHOWN else ""),
                className="about",
            ),
            panels.chart(
                "establishment-history",
                figures.visits_over_time(history),
                "Earlier visits by day, result and number of violations.",
                "short",
            ),
            panels.table(
                ["Day", "Visit", "Result", "Critical", "Serious", "Minor"],
                [
                    [
                        formats.day(visit.inspection_date),
                        visit.inspection_type,
                        badge(RESULTS.get(visit.results, "unknown"), visit.results),
                        formats.whole(visit.critical_violations),
                        formats.whole(visit.serious_violations),
                        formats.whole(visit.minor_violations),
                    ]
                    for visit in records(history)
                ],
                numeric=(3, 4, 5),
                caption="Earlier visits",
            ),
        ]
    )


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
