"""Fairness: are kinds of establishment treated alike?"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import controls, notices, panels
from food_inspections.monitor.components.status import badge
from food_inspections.monitor.figures import base
from food_inspections.monitor.figures import fairness as figures
from food_inspections.monitor.queries import fairness as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import city, formats
from food_inspections.monitor.wording.vocabulary import RATE_COLUMNS, RATES

ATTRIBUTES = ("facility_type", "risk", "area", "zip")
TABLE_RATES = ("fpr", "fdr", "tpr", "fnr", "precision", "pprev")
_GROUPS_OVER_TIME = len(base.PALETTE)


def _selection(request: Request, weeks: Sequence[date]) -> tuple[date, str, str]:
    week = request.view.week("week", weeks, weeks[0])
    attribute = request.view.choice("by", ATTRIBUTES, "facility_type")
    return week, attribute, request.view.choice("metric", RATES, "fpr")


def offered(request: Request) -> Sequence[Control] | Component:
    """The audit, what groups are made by, and the rate compared."""
    weeks = queries.weeks(request.connection, request.settings.label)
    if not weeks:
        return notices.nothing_yet("audits", "bias_report")
    week, attribute, metric = _selection(request, weeks)
    present = queries.attributes(request.connection, week)
    return [
        controls.week("week", "Audit of the model for", weeks, week),
        Control(
            "by", "Groups", "segments", attribute, "facility_type",
            [(name, city.title_of(request.settings, name)) for name in ATTRIBUTES if name in present],
        ),
        Control("metric", "Rate", "dropdown", metric, "fpr", [(name, word.title) for name, word in RATES.items()]),
    ]  # fmt: skip


def draw_audit(request: Request) -> list[Component]:
    """Disparities of one rate, in words, as a chart and over time."""
    weeks = queries.weeks(request.connection, request.settings.label)
    week, attribute, metric = _selection(request, weeks)
    report = queries.report(request.connection, week, attribute)
    asked = request.view.missing_week("week", weeks)
    if report.empty:
        return [
            notices.notice(
                "Not audited", f"This audit has no groups by {city.title_of(request.settings, attribute).lower()}."
            )
        ]
    reference = str(report["reference_value"].iloc[0])
    others = report[report["attribute_value"] != reference]
    parity = others[f"is_{metric}_parity"]
    unfair = others[parity.map(_is_unfair).astype(bool)]
    judged = int(parity.notna().sum())
    rate = report.loc[report["attribute_value"] == reference, RATE_COLUMNS[metric]]
    word = RATES[metric]
    series = queries.over_time(request.connection, attribute, metric, request.settings.label)
    groups = list(others.head(_GROUPS_OVER_TIME)["attribute_value"])
    return [
        *([notices.asked_for_another_week(asked, f"the audit of {formats.day(week)}")] if asked else []),
        panels.tiles(
            panels.tile(
                "Groups outside the tolerance",
                f"{len(unfair)} of {judged}",
                f"{word.title} outside 0.8 to 1.25 times the reference's.",
                "watch" if len(unfair) else "good",
                "Uneven" if len(unfair) else "Even",
            ),
            panels.tile(
                f"Reference: {reference}",
                formats.percent(rate.iloc[0] if len(rate) else None, 1),
                f"{word.title}: {word.meaning}.",
            ),
            _extreme_tile(others, f"{metric}_disparity"),
        ),
        html.P(_in_words(unfair, metric, reference), className="reading"),
        html.Div(
            [
                panels.panel(
                    "Disparity",
                    panels.chart(
                        "fairness-disparity",
                        figures.disparities(others, f"{metric}_disparity", f"is_{metric}_parity"),
                        f"{word.title} of each group, in times that of {reference}.",
                        "free",
                    ),
                    about="Green band: tolerated, four fifths to five quarters. Diamonds lie outside. Hollow "
                    f"marks: under {figures.SMALL_GROUP} inspections, so mostly chance.",
                ),
                panels.panel(
                    "Over time",
                    panels.chart(
                        "fairness-time",
                        figures.over_time(series, groups),
                        f"Disparity of the largest groups in every audit, {len(weeks)} in all.",
                        "tall",
                    ),
                    about="The largest groups in every audit; one audit for every model selected.",
                ),
            ],
            className="halves",
        ),
    ]


def _extreme_tile(others: pd.DataFrame, disparity: str) -> Component:
    known = others[others[disparity].notna() & (others["group_size"] >= figures.SMALL_GROUP)]
    if known.empty:
        return panels.tile("Furthest from the reference", formats.MISSING, "No other group is large enough to say.")
    distance = known[disparity].clip(lower=0.01).map(lambda value: max(value, 1 / value))
    row = known.iloc[int(distance.argmax())]
    return panels.tile(
        "Furthest from the reference",
        f"{formats.decimal(row[disparity], 2)}{formats.TIMES}",
        f"{row['attribute_value']}, {formats.whole(row['group_size'])} inspections. Groups under "
        f"{figures.SMALL_GROUP} are left out.",
    )


def _in_words(unfair: pd.DataFrame, metric: str, reference: str) -> str:
    if unfair.empty:
        return f"No group's {RATES[metric].title.lower()} is far from that of {reference}."
    row = unfair.iloc[0]
    largest = ", the largest group outside," if len(unfair) > 1 else ""
    small = int((unfair["group_size"] < figures.SMALL_GROUP).sum())
    few = f"under {figures.SMALL_GROUP} inspections, so this may be chance. "
    remark = f"It has {few}" if len(unfair) == 1 else f"{small} of the {len(unfair)} groups outside have {few}"
    return (
        f"{RATES[metric].title} means: {RATES[metric].meaning}. For {row['attribute_value']}{largest} "
        f"it is {formats.decimal(row[f'{metric}_disparity'], 2)} times that of {reference}. "
        f"{remark if small else ''}A difference can have honest causes; it is shown so that somebody asks."
    )


def draw_table(request: Request) -> Component:
    """Every group with its rates."""
    week, attribute, _ = _selection(request, queries.weeks(request.connection, request.settings.label))
    report = queries.report(request.connection, week, attribute)
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
        about="Rates on the model's validation weeks. Marked: outside the tolerance. In first half: "
        "share of the group among the first half of the visits. Days earlier: by how much its visits move forward.",
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
        Region("fairness-audit", frozenset({"week", "by", "metric"}), draw_audit),
        Region("fairness-table", frozenset({"week", "by"}), draw_table),
    ],
)
