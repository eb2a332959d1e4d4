"""The parts of the drift page on retraining: what was decided and why, and how far features moved."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import panels
from food_inspections.monitor.components.status import badge
from food_inspections.monitor.queries import drift as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import ANSWERS, MOVE_STATISTICS, QUESTIONS, RULES

DECISIONS_SHOWN = 12


def _week(request: Request) -> date:
    weeks = queries.weeks(request.connection)
    return request.view.week("week", weeks, weeks[0])


def draw_decisions(request: Request) -> Component:
    """When retraining was decided and why."""
    week = _week(request)
    rows = queries.decisions(request.connection, request.settings.label, week, DECISIONS_SHOWN)
    if rows.empty:
        return panels.panel(
            "When retraining was decided",
            html.P(
                "It has not been considered yet: the schedule looks at it from Tuesday to Saturday.", className="about"
            ),
        )
    return panels.panel(
        "When retraining was decided",
        panels.table(
            ["Week", "Decision", "Rule", "Why", "What it looked at"],
            [
                [
                    formats.day(row.week),
                    badge("watch", "Retrain") if row.is_retraining else badge("good", "Keep"),
                    RULES.get(row.rule, formats.words(row.rule)),
                    row.reason,
                    _values(row.values),
                ]
                for row in records(rows)
            ],
            caption="Decisions to retrain",
        ),
        about=f"The last {DECISIONS_SHOWN} times a new model was asked for, and the last times it was not.",
    )


def _values(values: Mapping[str, Any]) -> Component:
    """What was looked at: the answers of the drift report, or the numbers of another rule."""
    verdicts: Mapping[str, Any] = values.get("verdicts", {})
    parts = [
        html.Span([f"{QUESTIONS[question].title} ", html.B(_answer(verdict))], className="fact")
        for question, verdict in verdicts.items()
    ]
    parts += [
        html.Span([f"{formats.words(name)} ", html.B(_number(value))], className="fact")
        for name, value in values.items()
        if name != "verdicts" and value is not None
    ]
    return html.Span(parts, className="facts")


def _answer(verdict: Mapping[str, Any]) -> str:
    """``changed, 0.23 (0.20)``: the answer, the number and its bound."""
    answer = ANSWERS[verdict["answer"]].lower()
    if verdict["value"] is None or verdict["bound"] is None:
        return answer
    return f"{answer}, {_number(verdict['value'])} ({_number(verdict['bound'])})"


def _number(value: Any) -> str:
    if isinstance(value, float):
        return formats.decimal(value, 2)
    return formats.whole(value) if isinstance(value, int) else str(value)


def draw_moves(request: Request) -> Component | list[Component]:
    """The table of moved means, deviations and quartiles."""
    week = _week(request)
    rows = queries.moves(request.connection, week)
    if rows.empty:
        return []
    over = int(rows["is_over"].sum())
    return html.Details(
        [
            html.Summary(
                [
                    html.Span("Moves of the features"),
                    html.Span(f" {over} over 15%", className="about"),
                ]
            ),
            html.P(
                "By how much each feature's mean, deviation, median and upper quartile moved since validation. "
                "No verdict: in almost every week some number is over 15%, by season and growth. It tells where to "
                "look once a question above is answered with a change.",
                className="about",
            ),
            panels.table(
                ["Feature", "Statistic", "At validation", "Now", "Change", ""],
                [
                    [
                        formats.words(row.feature),
                        MOVE_STATISTICS.get(row.statistic, row.statistic),
                        formats.decimal(row.reference),
                        formats.decimal(row.current),
                        formats.signed(row.change_percent) + "%"
                        if row.change_percent == row.change_percent
                        else formats.MISSING,
                        "over 15%" if row.is_over else "",
                    ]
                    for row in records(rows)
                ],
                numeric=(2, 3, 4),
                caption="Moves of the features",
            ),
        ],
        className="panel folded",
    )
