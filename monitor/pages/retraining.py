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
from food_inspections.monitor.wording.vocabulary import MOVE_STATISTICS, RULES

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
    parts = [
        html.Span([f"{formats.words(name)} ", html.B(_number(value))], className="fact")
        for name, value in values.items()
        if value is not None and value != {}
    ]
    return html.Span(parts, className="facts")


def _number(value: Any) -> str:
    """What a rule looked at, e.g. ``0.12, bound 0.20``; of many features only how many moved."""
    if isinstance(value, Mapping):
        if all(isinstance(each, Mapping) for each in value.values()):
            moved = sum(_is_over(each) for each in value.values())
            return f"{moved} of {len(value)} moved"
        first, *others = value.items()
        return ", ".join(
            [_number(first[1]), *[f"{formats.words(name).lower()} {_number(each)}" for name, each in others]]
        )
    if isinstance(value, float):
        return formats.decimal(value, 2)
    return formats.whole(value) if isinstance(value, int) else str(value)


def _is_over(each: Mapping[str, Any]) -> bool:
    value, bound = each.get("value"), each.get("bound")
    return value is not None and bound is not None and value > bound


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
                    badge("watch", f"{over} over the line") if over else badge("good", "None"),
                ]
            ),
            html.P(
                "By how much each feature's mean, deviation, median and upper quartile moved since validation. "
                "In almost every week something is over the line, so nobody is woken by it; it tells where to look.",
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
                        badge("watch", "Over") if row.is_over else "",
                    ]
                    for row in records(rows)
                ],
                numeric=(2, 3, 4),
                caption="Moves of the features",
            ),
        ],
        className="panel folded",
    )
