"""The plan as files: CSV, calendar, routes for satellite navigation, map."""

from collections.abc import Callable
from datetime import date

import pandas as pd
from flask import Flask, Response, abort, request

from food_inspections.domain.plan_exports import as_geojson, as_gpx, as_ics, as_rows
from food_inspections.domain.weeks import monday_of
from food_inspections.monitor.queries import plan
from food_inspections.monitor.queries.reading import reading
from food_inspections.monitor.routing.page import Site
from food_inspections.monitor.serving.downloads import as_csv, explaining

MEDIA_TYPES = {
    "csv": "text/csv",
    "ics": "text/calendar",
    "gpx": "application/gpx+xml",
    "geojson": "application/geo+json",
}


def register(server: Flask, site: Site) -> None:
    """Answer ``/plan/WEEK.KIND``, of one inspector where ``inspector=`` names one."""

    @server.get("/plan/<week>.<any(csv, ics, gpx, geojson):kind>")
    @explaining
    def plan_file(week: str, kind: str) -> Response:
        monday, inspector = week_of(week), request.args.get("inspector", "").replace("\x00", "")
        with reading(site.settings) as connection:
            lines = plan.lines(connection, monday, inspector)
            if lines.empty:
                of_whom = f" of {inspector}" if inspector else ""
                abort(404, f"There is no plan{of_whom} for the week of {monday}.")
            planned_at = plan.planned_at(connection, monday)["planned_at"]
        write: dict[str, Callable[[pd.DataFrame], str]] = {
            "csv": lambda rows: as_csv(as_rows(rows)),
            "ics": lambda rows: as_ics(rows, site.settings.calendar.time_zone, planned_at),
            "gpx": as_gpx,
            "geojson": as_geojson,
        }
        response = Response(write[kind](lines), mimetype=MEDIA_TYPES[kind])
        name = f"plan-{monday}{'-' + _plain(inspector) if inspector else ''}.{kind}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def week_of(text: str) -> date:
    """The Monday of the week that a part of the address names; 404 where it names none."""
    try:
        return monday_of(date.fromisoformat(text))
    except ValueError:
        abort(404, f"{text} is no week: name one of its days as YYYY-MM-DD.")


def _plain(name: str) -> str:
    """A name as part of a file's: letters, digits and dashes."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)[:60]
