"""Plan: who visits whom on which day, what was decided on the way, and what came of it."""

import json
from collections.abc import Sequence
from datetime import date
from itertools import accumulate

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.monitor.components import city_map, controls, notices, pager, panels, plan_tables
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.figures import plan as figures
from food_inspections.monitor.figures.base import PALETTE
from food_inspections.monitor.queries import plan as queries
from food_inspections.monitor.routing.page import Control, Page, Region, Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import WHYS

KINDS = {"csv": "CSV", "ics": "Calendar (ICS)", "gpx": "GPX", "geojson": "GeoJSON"}
MOST_OUTCOMES = 400
PAGE_SIZE = 50
_KEYS = frozenset({"week", "inspector", "day"})
_WEEK = frozenset({"week"})


def offered(request: Request) -> Sequence[Control] | Component:
    """The week, whose visits, and of which day."""
    weeks = queries.weeks(request.connection)
    if not weeks:
        return notices.nothing_yet("plans", "inspection_plan")
    week = _week(request)
    names = _inspectors(request)
    days = _days(request)
    return [
        controls.week("week", "Week", weeks, week),
        Control(
            "inspector",
            "Inspector",
            "dropdown",
            request.view.choice("inspector", names, ""),
            "",
            [("", f"All {len(names)}"), *[(name, name) for name in names]],
        ),
        Control(
            "day",
            "Day",
            "segments",
            request.view.choice("day", days, ""),
            "",
            [("", "All"), *days.items()],
        ),
    ]


def _week(request: Request) -> date:
    weeks = queries.weeks(request.connection)
    return request.view.week("week", weeks, weeks[0])


def _working_days(request: Request) -> pd.DataFrame:
    return queries.working_days(request.connection, _week(request))


def _all_lines(request: Request) -> pd.DataFrame:
    return queries.lines(request.connection, _week(request))


def _inspectors(request: Request) -> list[str]:
    return sorted(set(_working_days(request)["inspector"]))


def _days(request: Request) -> dict[str, str]:
    return {day.isoformat(): f"{day:%a}" for day in sorted(set(_working_days(request)["day"]))}


def _lines(request: Request) -> pd.DataFrame:
    """The lines of the inspector and the day selected."""
    lines = _all_lines(request)
    inspector = request.view.choice("inspector", _inspectors(request), "")
    day = request.view.choice("day", _days(request), "")
    is_shown = (lines["inspector_now"] == inspector) | (inspector == "")
    return lines[is_shown & ((lines["day"].map(date.isoformat) == day) | (day == ""))]


def draw_summary(request: Request) -> list[Component | None]:
    """The week in numbers, and the files to take along."""
    week = _week(request)
    lines, days = _all_lines(request), _working_days(request)
    decided = lines["decision"].notna() & (lines["decision"] != "swapped")
    overridden = int(lines["is_override"].eq(True).sum())
    by_why = lines["why"].value_counts()
    whys = ", ".join(f"{count} {WHYS.get(str(why), str(why)).lower()}" for why, count in by_why.items())
    asked = request.view.missing_week("week", queries.weeks(request.connection))
    return [
        notices.asked_for_another_week(asked, f"the plan of {formats.week(week)}") if asked else None,
        panels.tiles(
            panels.tile("Visits", formats.whole(len(lines)), f"{whys}."),
            panels.tile(
                "Expected failures",
                formats.decimal(float(lines["expected_finding"].sum()), 1),
                "The sum of the scores.",
            ),
            panels.tile(
                "Kilometres",
                formats.whole(float(days["kilometres"].sum())),
                f"{formats.count(days['inspector'].nunique(), 'inspector')}, way back included.",
            ),
            panels.tile("Decided", f"{int(decided.sum())} of {len(lines)}", f"{overridden} against the plan."),
        ),
        html.P(
            [
                "The whole week as ",
                *[
                    html.A(label, href=request.site.href(f"/plan/{week}.{kind}"), className="button small")
                    for kind, label in KINDS.items()
                ],
                html.A(
                    "Print sheets",
                    href=request.site.href(f"/plan/{week}/sheet"),
                    target="_blank",
                    className="button small",
                ),
                html.A(
                    "My day", href=request.site.href(f"/my-day/?week={week}"), target="_blank", className="button small"
                ),
            ],
            className="files",
        ),
        _unserved(request),
    ]


def _unserved(request: Request) -> Component | None:
    causes = queries.causes(request.connection, _week(request))
    if causes.empty:
        return None
    likeliest = queries.unserved(request.connection, _week(request), plan_tables.MOST_UNSERVED)
    count = formats.count(int(causes["times"].sum()), "visit")
    return html.Details(
        [
            html.Summary(f"{count} that had to be planned and could not be"),
            plan_tables.unserved_table(causes, likeliest),
        ],
        className="numbers remark",
    )


def draw_map(request: Request) -> Component:
    """The routes on the map."""
    lines, days = _lines(request), _working_days(request)
    shown = days[days["inspector"].isin(set(lines["inspector_now"])) & days["day"].isin(set(lines["day"]))]
    without = int(lines["latitude"].isna().sum())
    colours = figures.colours(lines)
    is_told_apart = len(colours) <= len(PALETTE)
    legend = [
        city_map.key(name if is_told_apart else "", "colour", background=PALETTE[place])
        for name, place in list(colours.items())[: len(PALETTE)]
    ]
    return panels.panel(
        "Routes",
        *city_map.draw(
            figures.routes(lines, shown, city_map.under(request)),
            f"Map of the routes of {formats.count(len(colours), 'inspector')}. The table of visits lists every stop.",
            legend if is_told_apart else [html.Span(legend, hidden=True)],
        ),
        about="One line for each inspector and day; the square is where days begin. Select an inspector and a day to "
        "see the order." + (f" {formats.count(without, 'visit')} without a position." if without else ""),
    )


def draw_load(request: Request) -> Component:
    """Who carries how much."""
    week, lines, days = _week(request), _all_lines(request), _working_days(request)
    return panels.panel("Load per inspector", plan_tables.load(request.site, week, lines, days))


def draw_service(request: Request) -> Component:
    """How soon failures are found by area and kind, planned and without the program."""
    week = _week(request)
    service = queries.service(request.connection, week)
    about = "" if len(service) else "What the plan means for areas is not on record."
    content = plan_tables.service(service, queries.floor_cost(request.connection, week)) if len(service) else []
    return panels.panel("Fair to areas", *content, about=about)


def draw_capacity(request: Request) -> Component:
    """What so many visits would find: the first of the ranking."""
    week = _week(request)
    planned = len(_all_lines(request))
    found = list(accumulate(queries.expected_findings(request.connection, week, max(4 * planned, 60))))
    if not found:
        return panels.panel("How many visits?", html.P("No queue is published for this week.", className="about"))
    most = len(found)
    start = min(max(planned, 1), most)
    facts = {"data-findings": json.dumps([round(number, 2) for number in found])}
    slider = (
        f'<input type="range" min="1" max="{most}" value="{start}" aria-label="Visits a week">'
        f"<output>{_sentence(start, found[start - 1])}</output>"
    )
    return panels.panel(
        "How many visits?",
        html.Div(className="capacity", **attributes(facts | {"data-html": slider})),
        about="What the first so many of the ranking find on average. The "
        f"{formats.count(planned, 'visit')} of this plan find about "
        f"{formats.whole(float(_all_lines(request)['expected_finding'].sum()))}: it also holds what must be visited "
        "and what the areas are owed.",
    )


def _sentence(visits: int, found: float) -> str:
    return f"{formats.count(visits, 'visit')} find about {formats.count(round(found), 'failure')}"


def draw_lines(request: Request) -> list[Component]:
    """The visits in order, a page at a time, with what was decided."""
    week, lines, days = _week(request), _lines(request), _working_days(request)
    pages = max(-(-len(lines) // PAGE_SIZE), 1)
    number = request.view.number("page", 1, maximum=pages)
    shown = lines.iloc[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    at_work = {day: sorted(days.loc[days["day"] == day, "inspector"]) for day in sorted(set(days["day"]))}
    whole = request.site.href(f"/plan/{week}.csv")
    about = (
        "Deciding takes a writer's key, which this tab keeps until it is closed. Nothing decided is changed: the last "
        "decision on a visit counts."
    )
    said = f"{formats.count(len(lines), 'visit')}, page {number} of {pages}."
    return [
        panels.panel(
            "Visits",
            html.P(said, className="count", **attributes({"data-say": said})) if pages > 1 else None,
            plan_tables.line_table(week, shown, at_work, whole),
            pager.draw(request.view, number, pages),
            about=about,
        )
    ]


def draw_changes(request: Request) -> Component:
    """What changed since last week."""
    changes = queries.changes(request.connection, _week(request))
    if changes.empty:
        return panels.panel(
            "Since last week", html.P("There is no earlier plan, or nothing changed.", className="about")
        )
    counts = changes["change"].value_counts()
    said = ", ".join(f"{counts.get(change, 0)} {word.lower()}" for change, word in plan_tables.CHANGES.items())
    return panels.panel(
        "Since last week",
        html.Details([html.Summary(said), plan_tables.change_table(changes)], className="numbers"),
        about="Dropped: planned last week, not visited since and no longer planned. Moved: with another inspector or "
        "on another weekday. "
        f"Shown are the {plan_tables.MOST_CHANGES} of each that are likeliest to fail.",
    )


def draw_outcomes(request: Request) -> Component:
    """What became of the list and the plan, as far as the city has published it."""
    week = _week(request)
    outcomes = queries.outcomes(request.connection, week)
    found = "is_failure" if request.settings.label == "fail" else "is_critical"
    listed = outcomes[outcomes["is_on_list"]]
    in_week = listed["is_in_week"].eq(True)
    if not outcomes["visited_on"].notna().any():
        about = "No visit since the Monday is published yet: what was found appears here with the next pulls."
        return panels.panel("What became of it", html.P(about, className="about"))
    positives = int(listed.loc[in_week, found].eq(True).sum())
    said = (
        f"Of {formats.count(len(listed), 'place')} on the list {int(in_week.sum())} were visited within the week, and "
        f"{positives} of these visits found what is forecast."
    )
    return panels.panel(
        "What became of it",
        html.Details(
            [html.Summary("Place by place"), plan_tables.outcome_table(outcomes.head(MOST_OUTCOMES), found)],
            className="numbers",
        ),
        about=said,
    )


PAGE = Page(
    path="/plan",
    name="Plan",
    title="The week's plan",
    lead="Who visits whom, on which day and in which order; what was decided, and what came of it.",
    controls=offered,
    regions=[
        Region("plan-summary", _WEEK, draw_summary),
        Region("plan-map", _KEYS, draw_map, needs="coordinates"),
        Region("plan-load", _WEEK, draw_load),
        Region("plan-service", _WEEK, draw_service),
        # What is folded or short stands before the long table: nobody scrolls past three hundred visits for it.
        Region("plan-changes", _WEEK, draw_changes),
        Region("plan-outcomes", _WEEK, draw_outcomes),
        Region("plan-capacity", _WEEK, draw_capacity),
        Region("plan-lines", _KEYS | {"page"}, draw_lines),
    ],
    resets=["page"],
    class_name="plan-page",
    group="work",
)
