"""Tables of the plan: who carries how much, the lines with what was decided, what changed, what became of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from dash import html
from dash.development.base_component import Component

from food_inspections.domain.plan_exports import clock
from food_inspections.monitor.components import panels
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Site
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import DECISIONS, WHYS, why_planned

MOST_CHANGES = 20
"""Of each sort."""

MOST_UNSERVED = 40
CHANGES = {"new": "New", "dropped": "Dropped", "moved": "Moved"}


def load(site: Site, week: date, lines: pd.DataFrame, days: pd.DataFrame) -> Component:
    """Each inspector's week in visits, expected failures, kilometres and hours, and the ways to take it along."""
    held = lines.groupby("inspector_now")["expected_finding"].agg(["size", "sum"])
    hours = days.groupby("inspector", sort=True)[["minutes", "visit_minutes", "travel_minutes", "kilometres"]].sum()
    rows = []
    for inspector, there, visits, travel, kilometres in hours.itertuples(name=None):
        count, expected = held.loc[inspector] if inspector in held.index else (0, 0.0)
        used = visits + travel
        asked = urlencode({"inspector": inspector})
        day_of = urlencode({"week": week.isoformat(), "inspector": inspector})
        rows.append(
            [
                html.B(str(inspector)),
                formats.whole(count),
                formats.decimal(expected, 1),
                formats.whole(kilometres),
                html.Div(
                    [
                        html.Div(className="load-bar", style={"width": f"{min(100 * used / max(there, 1), 100):.0f}%"}),
                        html.Span(f"{used / 60:.1f} of {there / 60:.0f} h"),
                    ],
                    className="load",
                ),
                html.Span(
                    [
                        html.A("My day", href=site.href(f"/my-day/?{day_of}"), target="_blank"),
                        html.A("Sheet", href=site.href(f"/plan/{week}/sheet?{asked}"), target="_blank"),
                        *[
                            html.A(kind.upper(), href=site.href(f"/plan/{week}.{kind}?{asked}"))
                            for kind in ("csv", "ics", "gpx")
                        ],
                    ],
                    className="ways",
                ),
            ]
        )
    headings = ["Inspector", "Visits", "Expected failures", "km", "Hours", "Take it along"]
    return panels.table(headings, rows, numeric=(1, 2, 3), caption="Load per inspector", is_cards_on_phone=True)


def line_table(week: date, lines: pd.DataFrame, at_work: Mapping[date, Sequence[str]], csv_url: str) -> Component:
    """Lines of the plan with a button to decide on each; ``assets/plan.js`` has the rest.

    Args:
        week: The plan's.
        lines: Columns of ``api.plan_lines``.
        at_work: Who works on each day: they may take each other's visits.
        csv_url: Address of the whole week as a file.
    """
    rows = [
        [
            f"{line.day:%a} {clock(line.arrival_minute)}",
            line.inspector_now,
            html.Div([html.B(line.dba_name), html.Small(f"{line.address}, {line.zip}")], className="two-lines"),
            html.Div([html.Span(why_planned(line.why, line.days_overdue), className="tag"), html.Small(line.reason)]),
            formats.percent(line.expected_finding),
            _decided(line),
            html.Button(
                "Decide",
                type="button",
                className="button small",
                **attributes(
                    {
                        "data-line": line.establishment_id,
                        "data-name": line.dba_name,
                        "data-holder": line.inspector_now,
                        "data-day": line.day.isoformat(),
                        "aria-label": f"Decide on {line.dba_name}",
                    }
                ),
            ),
        ]
        for line in records(lines)
    ]
    headings = ["When", "Who", "Where", "Why", "Score", "Decided", ""]
    table = panels.table(headings, rows, numeric=(4,), caption="Visits", is_cards_on_phone=True, csv_url=csv_url)
    takers = {day.isoformat(): list(names) for day, names in at_work.items()}
    facts = {"data-plan": week.isoformat(), "data-inspectors": json.dumps(takers)}
    return html.Div([table], className="plan-lines", **attributes(facts))


def _decided(line: Any) -> Component | str:
    if line.decision not in DECISIONS:
        return formats.MISSING
    why = f": {line.decision_reason}" if isinstance(line.decision_reason, str) else ""
    swapped = f" from {line.inspector}" if line.decision == "swapped" else ""
    return html.Div(
        [html.B(DECISIONS[line.decision] + swapped), html.Small(f"{line.decided_by}{why}")], className="two-lines"
    )


def service(rows: pd.DataFrame, floor_cost: float | None) -> list[Component]:
    """Whether any part of the city is served later than without the program, and what it costs that none is.

    Args:
        rows: Columns of ``data.plan_service``.
        floor_cost: Expected failures that the floor costs, where that is on record.
    """
    areas, kinds = (rows[rows["attribute"] == attribute] for attribute in ("area", "kind"))
    whole, below = rows[rows["attribute"] == "all"].iloc[0], int((~areas["is_kept"].astype(bool)).sum())
    said = [
        f"A failure is found after {formats.whole(whole['planned_days'])} days on average, after "
        f"{formats.whole(whole['usual_days'])} if as many visits are dealt as in the year before.",
        f"{below or 'None'} of {formats.count(len(areas), 'area')} {'is' if below < 2 else 'are'} below the floor, "
        f"{formats.percent(areas['floor'].iloc[0])} of what would usually be found there.",
        f"The floor costs {formats.decimal(floor_cost, 1)} expected failures." if floor_cost is not None else "",
    ]
    return [
        html.P(" ".join(filter(None, said))),
        html.Details([html.Summary("By area"), _service_table(areas, "Area")], className="numbers"),
        html.Details([html.Summary("By kind"), _service_table(kinds, "Kind")], className="numbers"),
    ]


def _service_table(service: pd.DataFrame, what: str) -> Component:
    """Days until a failure is found, planned and by business as usual; who gains least comes first."""
    service = service.assign(gain=service["usual_days"] - service["planned_days"]).sort_values("gain")
    rows = [
        [
            row.value,
            formats.whole(row.places),
            formats.whole(row.planned_visits),
            formats.decimal(row.usual_visits, 1),
            formats.whole(row.planned_days),
            formats.whole(row.usual_days),
            formats.signed(row.gain, 0) + ("" if row.is_kept else ", below its floor"),
        ]
        for row in records(service)
    ]
    headings = [what, "Places", "Visits", "Usual visits", "Days until found", "Usual days", "Earlier by"]
    return panels.table(headings, rows, numeric=(1, 2, 3, 4, 5, 6), caption=f"How soon failures are found, by {what}")


def unserved_table(causes: pd.DataFrame, likeliest: pd.DataFrame) -> Component:
    """Why visits that had to be planned were not: how many for each cause, and the likeliest failures among them."""
    rows = [[row.dba_name, row.address, WHYS.get(row.why, row.why), row.cause] for row in records(likeliest)]
    words = [
        f"{row.times:,} x {WHYS.get(row.why, row.why)}: {row.cause}" for row in records(causes.head(MOST_UNSERVED))
    ]
    return html.Div(
        [
            html.Ul([html.Li(each) for each in words]),
            html.P(f"The {len(rows)} of them that are likeliest to fail:")
            if len(rows) < causes["times"].sum()
            else None,
            panels.table(["Place", "Address", "Why", "Cause"], rows, caption="Not planned"),
        ]
    )


def change_table(changes: pd.DataFrame) -> Component:
    """New, dropped and moved places, of each the likeliest failures."""
    shown = changes.groupby("change", sort=False).head(MOST_CHANGES)
    rows = [
        [
            CHANGES[row.change],
            row.dba_name,
            row.before or formats.MISSING,
            row.now or formats.MISSING,
            formats.percent(row.expected_finding),
        ]
        for row in records(shown)
    ]
    return panels.table(["", "Place", "Last week", "This week", "Score"], rows, numeric=(4,), caption="Changes")


def outcome_table(outcomes: pd.DataFrame, found: str) -> Component:
    """What became of each place, by rank.

    Args:
        outcomes: Columns of ``api.list_outcomes``.
        found: Column that says whether the visit found what is forecast.
    """
    rows = [
        [
            formats.whole(row.rank),
            row.dba_name,
            formats.percent(row.score),
            DECISIONS.get(row.decision, formats.MISSING),
            formats.day(row.visited_on) if row.visited_on is not None else formats.MISSING,
            _found(row, found),
        ]
        for row in records(outcomes)
    ]
    headings = ["Rank", "Place", "Score", "Decided", "Visited", "What became of it"]
    return panels.table(headings, rows, numeric=(0, 2), caption="Outcomes")


def _found(row: Any, found: str) -> str:
    if row.visited_on is None:
        unvisited = (
            f"Not visited, {row.days_unvisited:,.0f} days by now" if not pd.isna(row.days_unvisited) else "Not visited"
        )
        is_overdue = not pd.isna(row.days_overdue) and row.days_overdue > 0
        return f"{unvisited}, overdue by {row.days_overdue:,.0f}" if is_overdue else unvisited
    late = "" if row.is_in_week else ", after the week"
    return f"{row.result}{' (found)' if getattr(row, found) else ''}{late}"
