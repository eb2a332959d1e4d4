"""*My day* and the print sheet: plain pages beside the dashboard, without Dash's scripts.

A phone in a cellar has no network: a service worker keeps the page that was opened last, decisions wait in the browser
until they can be sent, and their keys keep each of them to one. Browsers allow service workers over HTTPS (and on
the machine itself) only; elsewhere the page works as long as it stays open.
"""

from collections.abc import Sequence
from datetime import date
from html import escape
from importlib.resources import files
from urllib.parse import urlencode

import pandas as pd
from dash import html
from dash.development.base_component import Component
from flask import Flask, Response, abort, request
from sqlalchemy import Connection

from food_inspections.domain.weeks import monday_of
from food_inspections.monitor.components.markup import attributes
from food_inspections.monitor.components.stops import citations_of, day_section
from food_inspections.monitor.queries import plan
from food_inspections.monitor.queries.reading import reading, records
from food_inspections.monitor.routing.flattening import to_html
from food_inspections.monitor.routing.page import Site
from food_inspections.monitor.serving.downloads import explaining
from food_inspections.monitor.serving.plan_files import week_of
from food_inspections.monitor.wording import formats

SCRIPTS = {"my_day.js": "text/javascript", "my_day.css": "text/css", "worker.js": "text/javascript"}

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Food Inspections</title>
<link rel="stylesheet" href="{base}my-day/my_day.css">
<script src="{base}my-day/my_day.js" defer></script>
</head>
<body class="{kind}">
{content}
</body>
</html>
"""


def register(server: Flask, site: Site) -> None:
    """Answer ``/my-day/``, its scripts, and ``/plan/WEEK/sheet``."""

    @server.get("/my-day/")
    @explaining
    def my_day() -> Response:
        with reading(site.settings) as connection:
            weeks = plan.weeks(connection)
            if not weeks:
                abort(404, "No week has a plan yet.")
            week = (
                week_of(request.args["week"])
                if "week" in request.args
                else _current(weeks, site.settings.calendar.today())
            )
            inspector = request.args.get("inspector", "")
            content = _choice(site, connection, week) if not inspector else _day(site, connection, week, inspector)
        return _page(site, f"{inspector or 'My day'}, {formats.week(week)}", "phone", content)

    @server.get("/my-day/<any('my_day.js', 'my_day.css', 'worker.js'):name>")
    def script(name: str) -> Response:
        content = (files("food_inspections.monitor") / "field" / name).read_bytes()
        return Response(content, mimetype=SCRIPTS[name], headers={"Cache-Control": "no-cache"})

    @server.get("/plan/<week>/sheet")
    @explaining
    def sheet(week: str) -> Response:
        monday = week_of(week)
        with reading(site.settings) as connection:
            lines = plan.lines(connection, monday, request.args.get("inspector", "").replace("\x00", ""))
            if lines.empty:
                abort(404, f"There is nothing to print for the week of {monday}.")
            content = [
                part
                for inspector in lines["inspector_now"].unique()
                for part in _of_inspector(connection, monday, inspector, can_decide=False)
            ]
        head = html.Header([html.Button("Print", type="button", className="button", **attributes({"data-print": "1"}))])
        return _page(site, f"Plan of {formats.week(monday)}", "sheet", [head, *content])


def _current(weeks: Sequence[date], today: date) -> date:
    """The week under way where it has a plan, else the newest one."""
    this_week = monday_of(today)
    return this_week if this_week in weeks else weeks[0]


def _choice(site: Site, connection: Connection, week: date) -> list[Component]:
    """Whose day it is."""
    days = plan.working_days(connection, week)
    if days.empty:
        abort(404, f"The week of {week} has no plan.")
    return [
        html.Header([html.H1("My day"), html.P(f"Whose? {formats.week(week)}.", className="facts")]),
        html.Nav(
            [
                html.A(name, href=f"{site.prefix}my-day/?{_query(week, name)}", className="button main")
                for name in days["inspector"].unique()
            ],
            className="choice",
        ),
    ]


def _day(site: Site, connection: Connection, week: date, inspector: str) -> list[Component]:
    head = html.Header(
        [
            html.H1([inspector, html.Small(formats.week(week))]),
            html.A("Somebody else", href=f"{site.prefix}my-day/?week={week}", className="quiet"),
            html.P("", id="network", role="status", className="facts"),
            html.Ul([], id="refused", role="alert"),
            html.Nav([], id="days"),
        ]
    )
    content = _of_inspector(connection, week, inspector, can_decide=True)
    facts = attributes({"data-week": week.isoformat(), "data-inspector": inspector, "data-base": site.prefix})
    return [html.Main([head, *content], **facts)]


def _of_inspector(connection: Connection, week: date, inspector: str, *, can_decide: bool) -> list[Component]:
    lines = plan.lines(connection, week, inspector)
    days = plan.working_days(connection, week)
    own = {row.day: row for row in records(days[days["inspector"] == inspector])}
    if lines.empty and not own:
        abort(404, f"Nobody called {inspector[:40]} is planned in the week of {week}.")
    cited = citations_of(plan.last_citations(connection, week, list(lines["establishment_id"])))
    sections = []
    for day in sorted({*own, *lines["day"]}):
        of_day: pd.DataFrame = lines[lines["day"] == day]
        sections.append(day_section(day, of_day, cited, own.get(day), can_decide=can_decide))
    return sections if can_decide else [html.H1([inspector, html.Small(formats.week(week))]), *sections]


def _query(week: date, inspector: str) -> str:
    return urlencode({"week": week.isoformat(), "inspector": inspector})


def _page(site: Site, title: str, kind: str, content: list[Component]) -> Response:
    page = _PAGE.format(title=escape(title), base=escape(site.prefix), kind=kind, content=to_html(content))
    return Response(page, mimetype="text/html", headers={"Cache-Control": "no-cache"})
