"""Fairness: are kinds of establishment treated alike?"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import controls, notices, panels
from food_inspections.monitor.components.status import Status, badge
from food_inspections.monitor.figures import base
from food_inspections.monitor.figures import fairness as figures
from food_inspections.monitor.queries import fairness as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import city, formats
from food_inspections.monitor.wording.vocabulary import EVENNESS, RATE_COLUMNS, RATES

KINDS_BY_AREA = "facility_type_zip"
ATTRIBUTES = ("facility_type", "risk", "zip", KINDS_BY_AREA)
CUTS = {"flags": "All flags", "list": "The list"}
COMPARED = tuple(rate for rate in RATES if rate != "ppr")
"""Rates that are compared; a group's share of all flags goes by its size."""
TABLE_RATES = ("fpr", "fdr", "tpr", "fnr", "precision", "pprev")
STATUSES: dict[str, Status] = {"uneven": "watch", "cannot_tell": "unknown", "even": "good"}
GROUPS_SHOWN = 30
_GROUPS_OVER_TIME = len(base.PALETTE)


def _selection(request: Request, weeks: Sequence[date]) -> tuple[date, str, str, str]:
    week = request.view.week("week", weeks, weeks[0])
    attribute = request.view.choice("by", ATTRIBUTES, "facility_type")
    cut = request.view.choice("at", CUTS, "flags")
    return week, attribute, request.view.choice("metric", COMPARED, "fpr"), cut


def offered(request: Request) -> Sequence[Control] | Component:
    """The audit, what groups are made by, the rate compared, and at which cut-off."""
    weeks = queries.weeks(request.connection, request.settings.label)
    if not weeks:
        return notices.nothing_yet("audits", "bias_report")
    week, attribute, metric, cut = _selection(request, weeks)
    present = queries.attributes(request.connection, week)
    return [
        controls.week("week", "Audit of the model for", weeks, week),
        Control("at", "Audited", "segments", cut, "flags", list(CUTS.items())),
        Control(
            "by", "Groups", "segments", attribute, "facility_type",
            [(name, _title(request, name)) for name in ATTRIBUTES if name in present],
        ),
        Control("metric", "Rate", "dropdown", metric, "fpr", [(name, RATES[name].title) for name in COMPARED]),
    ]  # fmt: skip


def draw_audit(request: Request) -> list[Component]:
    """The verdicts, and the disparities of one rate: in words, as a chart and over time."""
    weeks = queries.weeks(request.connection, request.settings.label)
    week, attribute, metric, cut = _selection(request, weeks)
    rows = queries.disparities(request.connection, cut, week, attribute, metric)
    asked = request.view.missing_week("week", weeks)
    remark = [notices.asked_for_another_week(asked, f"the audit of {formats.day(week)}")] if asked else []
    if rows.empty:
        what = "No list is judged yet" if cut == "list" else f"No groups by {_title(request, attribute).lower()}"
        return [*remark, notices.notice("Not audited", f"{what}.")]
    word = RATES[metric]
    facts = next(records(rows))
    share = facts.reference_events / facts.reference_cases if facts.reference_cases else None
    reference = "" if attribute == KINDS_BY_AREA else f" {facts.reference_value}: {formats.percent(share, 1)}."
    parts: list[Component] = [
        *remark,
        panels.tiles(
            *[_verdict_tile(row) for row in records(queries.verdicts(request.connection, request.settings.label, week))]
        ),
        html.P(f"{_in_words(rows, metric)}{reference}", className="reading"),
    ]
    disparity = panels.panel(
        f"Disparity, {CUTS[cut].lower()} of {formats.week(facts.week)}",
        panels.chart(
            "fairness-disparity",
            figures.disparities(rows.head(GROUPS_SHOWN)),
            f"{word.title} of each group, in times that of {facts.reference_value}, with 90% intervals.",
            "free",
        ),
        about="Green band: tolerated, four fifths to five quarters. Lines: 90% intervals. Diamonds lie outside with "
        "all of theirs, full circles inside; hollow ones cannot tell. In brackets: inspections the rate is about.",
    )
    if attribute == KINDS_BY_AREA or cut == "list":
        return [*parts, disparity]
    series = queries.over_time(request.connection, attribute, metric, request.settings.label)
    groups = list(rows.head(_GROUPS_OVER_TIME)["attribute_value"])
    over_time = panels.panel(
        "Over time",
        panels.chart(
            "fairness-time",
            figures.over_time(series, groups),
            f"Disparity of the largest groups in every audit, {len(weeks)} in all.",
            "tall",
        ),
        about="The largest groups in every audit; one audit for every model selected. Diamonds, full and hollow "
        "circles as beside; groups with under ten cases in an audit are left out of it.",
    )
    return [*parts, html.Div([disparity, over_time], className="halves")]


def _title(request: Request, attribute: str) -> str:
    return "Kinds by area" if attribute == KINDS_BY_AREA else city.title_of(request.settings, attribute)


def _verdict_tile(row: Any) -> Component:
    title = {
        "flags": f"Flags of the model for {formats.week(row.week)}",
        "list": f"The list of {formats.week(row.week)}",
    }[row.cut]
    counted = f"{row.uneven} uneven, {row.even} even, {row.cannot_tell} open"
    return panels.tile(title, counted, row.statement, STATUSES[row.answer], EVENNESS[row.answer])


def _in_words(rows: pd.DataFrame, metric: str) -> str:
    counts = rows["answer"].value_counts()
    even, uneven, unknown = (int(counts.get(answer, 0)) for answer in ("even", "uneven", "cannot_tell"))
    said = (
        f"{RATES[metric].title} means: {RATES[metric].meaning}. Of {len(rows)} groups {even} are even, {uneven} "
        f"uneven; of {unknown} the cases are too few to tell."
    )
    outside = rows[rows["answer"] == "uneven"]
    if outside.empty:
        return said
    row = outside.iloc[0]
    return (
        f"{said} For {row['attribute_value']} it is {formats.decimal(row['disparity'], 2)} times the reference's "
        f"({formats.decimal(row['lower'], 2)} to {formats.decimal(row['upper'], 2)}). A difference can have honest "
        "causes; it is shown so that somebody asks."
    )


def draw_table(request: Request) -> Component:
    """Every group with its rates."""
    week, attribute, *_ = _selection(request, queries.weeks(request.connection, request.settings.label))
    report = queries.report(request.connection, week, attribute)
    if report.empty:
        return html.Div()
    rows = [
        [
            row.attribute_value + (" (reference)" if row.attribute_value == row.reference_value else ""),
            formats.whole(row.group_size),
            formats.whole(row.group_positives),
            *[_rate_cell(row, rate) for rate in TABLE_RATES],
            formats.percent(row.queue_share),
            formats.signed(row.mean_days_earlier),
        ]
        for row in records(report)
    ]
    return panels.panel(
        "All groups",
        panels.table(
            [
                "Group",
                "Inspections",
                "Failed",
                *[RATES[rate].title for rate in TABLE_RATES],
                "In first half",
                "Days earlier",
            ],
            rows,
            numeric=tuple(range(1, 5 + len(TABLE_RATES))),
            caption="Rates of every group",
        ),
        about="Rates on the model's validation weeks. Marked: outside the tolerance with the whole interval. In first "
        "half: share of the group among the first half of the visits. Days earlier: how much its visits move forward.",
    )


def _is_unfair(parity: Any) -> bool:
    """Outside the tolerance; a parity that could not be computed is null, and no accusation."""
    return bool(pd.notna(parity)) and not parity


def _rate_cell(row: Any, rate: str) -> Component | str:
    value = formats.percent(getattr(row, RATE_COLUMNS[rate]), 1)
    return badge("watch", value) if _is_unfair(getattr(row, f"is_{rate}_parity")) else value


PAGE = Page(
    path="/fairness",
    name="Fairness",
    title="Fairness",
    lead="Is one kind of establishment flagged in vain, or missed, more often than another?",
    controls=offered,
    regions=[
        Region("fairness-audit", frozenset({"week", "by", "metric", "at"}), draw_audit),
        Region("fairness-table", frozenset({"week", "by"}), draw_table),
    ],
    has_charts=True,
)
