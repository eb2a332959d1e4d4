"""Scores: does the newest week's distribution still look like the one at validation?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import controls, notices, panels
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.figures import scores as figures
from food_inspections.monitor.judgement import distances
from food_inspections.monitor.queries import drift as drift_queries
from food_inspections.monitor.queries import overview as overview_queries
from food_inspections.monitor.queries import scores as queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import formats

VALIDATION = "validation"
ALL = "all"


@dataclass(frozen=True)
class Selection:
    """What is compared: a week with a reference, and for which kind of establishment."""

    week: date
    against: date | None
    kind: str

    @property
    def names(self) -> tuple[str, str]:
        """What reference and current are called in legends."""
        reference = "validation" if self.against is None else f"week of {formats.day(self.against)}"
        return reference, f"week of {formats.day(self.week)}"


def select(request: Request, weeks: Sequence[date]) -> Selection:
    """The selection of an address."""
    week = request.view.week("week", weeks, weeks[0])
    against = request.view.choice("against", {VALIDATION, *[other.isoformat() for other in weeks]}, VALIDATION)
    return Selection(
        week,
        None if against == VALIDATION else date.fromisoformat(against),
        request.view.choice("type", queries.facility_types(request.connection, week), ALL),
    )


def offered(request: Request) -> Sequence[Control] | Component:
    """Two weeks and the kind of establishment."""
    weeks = queries.weeks(request.connection)
    if not weeks:
        return notices.nothing_yet("score distributions", "score_distributions")
    selection = select(request, weeks)
    options = controls.week_options(weeks)
    kinds = queries.facility_types(request.connection, selection.week)
    return [
        controls.week("week", "Predictions of", weeks, selection.week),
        Control(
            "against",
            "Compared with",
            "dropdown",
            selection.against.isoformat() if selection.against else VALIDATION,
            VALIDATION,
            [(VALIDATION, "Validation weeks"), *options],
        ),
        Control(
            "type",
            "Kind of establishment",
            "dropdown",
            selection.kind,
            ALL,
            [(kind, "All kinds" if kind == ALL else kind) for kind in kinds],
        ),
    ]


def _frames(request: Request, selection: Selection, kinds: Sequence[str] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    current = queries.histograms(request.connection, selection.week, "predictions", kinds)
    if selection.against is None:
        return queries.histograms(request.connection, selection.week, "validation", kinds), current
    return queries.histograms(request.connection, selection.against, "predictions", kinds), current


@dataclass(frozen=True)
class Comparison:
    """Two histograms in numbers."""

    psi: float
    ks: float
    groups: int
    reference_count: int
    current_count: int

    @classmethod
    def of(cls, reference: pd.DataFrame, current: pd.DataFrame) -> "Comparison":
        """Compare bins of one kind of establishment."""
        expected, seen = reference["count"].to_numpy(np.float64), current["count"].to_numpy(np.float64)
        merged = distances.merge_to_deciles(expected, seen)
        return cls(
            distances.population_stability_index(*merged),
            distances.kolmogorov_smirnov(expected, seen),
            len(merged[0]),
            int(expected.sum()),
            int(seen.sum()),
        )

    @property
    def chance(self) -> float:
        """PSI to be expected of two samples of the same scores: one less than groups, over each size."""
        if not self.reference_count or not self.current_count:
            return float("nan")
        return (self.groups - 1) * (1 / self.reference_count + 1 / self.current_count)

    @property
    def is_large(self) -> bool:
        """Whether chance alone stays below what is worth a look."""
        return not formats.is_missing(self.chance) and self.chance < distances.STABLE_BELOW


def draw_main(request: Request) -> list[Component]:
    """The two curves of the selection, with their distances in words."""
    weeks = queries.weeks(request.connection)
    selection = select(request, weeks)
    reference, current = _frames(request, selection, [selection.kind])
    asked = request.view.missing_week("week", weeks)
    remark = notices.asked_for_another_week(asked, selection.names[1]) if asked else None
    if not reference["count"].sum() or not current["count"].sum():
        of = "" if selection.kind == ALL else f" of {selection.kind}"
        said = f"There are no scores{of} in the {selection.names[1]}, or in what it is compared with."
        return [
            *([remark] if remark else []),
            notices.notice("Nothing to compare", said, "Select another."),
            html.P(_answer(request, selection), className="reading"),
        ]
    comparison = Comparison.of(reference, current)
    champion = overview_queries.champion(request.connection, selection.week, request.settings.label)
    threshold = None if champion.empty else float(champion["threshold"].iloc[0])
    kind = "all kinds of establishment" if selection.kind == ALL else selection.kind
    return [
        *([remark] if remark else []),
        panels.tiles(
            panels.tile(
                "Population stability index",
                formats.decimal(comparison.psi),
                f"Over {comparison.groups} groups of like size. By chance alone about "
                f"{formats.decimal(comparison.chance)}.",
            ),
            panels.tile(
                "Kolmogorov-Smirnov distance",
                formats.decimal(comparison.ks),
                "The widest gap between the two cumulative curves, out of 1.",
            ),
            panels.tile("Inspections", formats.whole(comparison.current_count), f"In the {selection.names[1]}."),
            panels.tile(
                "Reference",
                formats.whole(comparison.reference_count),
                f"Inspections: {selection.names[0]}{' weeks of the champion' if selection.against is None else ''}.",
            ),
        ),
        html.P([_in_words(comparison, selection), *_answer(request, selection)], className="reading"),
        html.Div(
            [
                panels.panel(
                    "Histogram",
                    panels.chart(
                        "scores-histogram",
                        figures.histogram(reference, current, selection.names, threshold),
                        f"Share of inspections by score for {kind}: {selection.names[0]} and {selection.names[1]}.",
                    ),
                    _numbers(reference, current, selection),
                    about="Each bar is the share of inspections whose score fell in that range.",
                ),
                panels.panel(
                    "Cumulative",
                    panels.chart(
                        "scores-cumulative",
                        figures.cumulative(reference, current, selection.names),
                        f"Share of inspections scoring below each score; the widest gap is {comparison.ks:.3f}.",
                    ),
                    about="How many inspections score below a value. A curve further right means higher scores.",
                ),
            ],
            className="halves",
        ),
    ]


def draw_kinds(request: Request) -> Component:
    """Every kind of establishment, in small and in numbers."""
    weeks = queries.weeks(request.connection)
    selection = select(request, weeks)
    reference, current = _frames(request, selection)
    kinds = [kind for kind in queries.facility_types(request.connection, selection.week) if kind != ALL]
    comparisons = {
        kind: Comparison.of(_of(reference, kind), _of(current, kind))
        for kind in kinds
        if not _of(reference, kind).empty and not _of(current, kind).empty
    }
    # A histogram of a handful says nothing; the table below has every kind.
    drawn = [kind for kind in comparisons if comparisons[kind].is_large][:12]
    rows = [
        [
            html.A(kind, href=request.view.search(type=kind), **attributes({"data-state": ""})),
            formats.whole(comparison.reference_count),
            formats.whole(comparison.current_count),
            formats.decimal(comparison.psi),
            formats.decimal(comparison.chance),
            formats.decimal(comparison.ks),
        ]
        for kind, comparison in comparisons.items()
    ]
    return panels.panel(
        "By kind of establishment",
        panels.chart(
            "scores-kinds",
            figures.by_facility_type(reference, current, selection.names, drawn),
            "Small histograms of the scores by kind of establishment.",
            "free broad",
        )
        if drawn
        else html.P("No kind of establishment has enough scores in both to be drawn.", className="about"),
        panels.table(
            ["Kind", "Reference", "Week", "PSI", "By chance", "KS"],
            rows,
            numeric=(1, 2, 3, 4, 5),
            caption="Distances by kind of establishment",
        ),
        about=f"Bars: {selection.names[1]}. Line: {selection.names[0]}. The number after the name counts the week's "
        "inspections. Where few took place, a distance is mostly chance.",
    )


def _of(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    return frame[frame["facility_type"] == kind]


def _in_words(comparison: Comparison, selection: Selection) -> str:
    """What the distance means, without a verdict of its own."""
    reference, current = selection.names
    chance = formats.decimal(comparison.chance, 2)
    if not comparison.is_large:
        return (
            f"Too few inspections to say: two samples this small of the very same scores differ by a PSI of about "
            f"{chance}. "
        )
    return (
        f"The {current} alone against {reference}: PSI {formats.decimal(comparison.psi, 2)}, where chance alone makes "
        f"about {chance} and the season its share. "
    )


def _answer(request: Request, selection: Selection) -> list[Component | str]:
    """The one verdict on scores, of the drift report, with its window."""
    found = drift_queries.verdicts(request.connection, selection.week)
    for row in records(found[found["question"] == "scores"]):
        days = "" if row.current_from is None else f"{formats.day(row.current_from)} to {formats.day(row.current_to)}"
        window = f" ({days})" if days else ""
        link = html.A("Drift", href=request.site.href(f"/drift?week={selection.week}"))
        return [
            f"Whether scores have changed is answered over up to four weeks{window} on ",
            link,
            f": {row.statement}",
        ]
    return []


def _numbers(reference: pd.DataFrame, current: pd.DataFrame, selection: Selection) -> Component:
    joined = current.merge(reference[["bin", "count", "share"]], on="bin", suffixes=("", "_reference"))
    return panels.numbers(
        ["Score", f"Count, {selection.names[1]}", "Share", f"Count, {selection.names[0]}", "Share"],
        [
            [
                formats.span(formats.percent(row.bin_lower, 1), formats.percent(row.bin_upper, 1)),
                formats.whole(row.count_week),
                formats.percent(row.share, 2),
                formats.whole(row.count_reference),
                formats.percent(row.share_reference, 2),
            ]
            for row in records(joined.rename(columns={"count": "count_week"}))
        ],
        numeric=(1, 2, 3, 4),
    )


PAGE = Page(
    path="/scores",
    name="Scores",
    title="Scores",
    lead="Does the model score the newest inspections as it scored those it was tested on?",
    controls=offered,
    regions=[
        Region("scores-main", frozenset({"week", "against", "type"}), draw_main),
        Region("scores-kinds", frozenset({"week", "against"}), draw_kinds),
    ],
    has_charts=True,
)
