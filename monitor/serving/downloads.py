"""What leaves the dashboard as a file: the queue as CSV and the evidently report."""

import csv
import io
from collections.abc import Callable
from datetime import date
from functools import wraps

import pandas as pd
from flask import Flask, Response, abort, request

from food_inspections.errors import FoodInspectionsError
from food_inspections.monitor.pages import pipeline
from food_inspections.monitor.queries import drift, queue
from food_inspections.monitor.queries.reading import CANNOT_READ, reading, trouble_of
from food_inspections.monitor.routing.page import Request, Site
from food_inspections.monitor.routing.view import View
from food_inspections.storage.objects import ObjectStore

# The report is a page of somebody else's scripts: it runs in an origin of its own,
# can load nothing, send nothing, and reach nothing of the dashboard.
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

# The results of twenty-five years: more rows than these no spreadsheet opens.
MOST_CHECKS = 1_000_000

# A spreadsheet takes a cell that begins so for a formula, and names are typed by the public.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def register(server: Flask, site: Site) -> None:
    """Answer the addresses of the files."""

    @server.get("/queue.csv")
    @explaining
    def queue_csv() -> Response:
        view = View.of(request.query_string.decode("utf-8", "replace"))
        with reading(site.settings) as connection:
            publication = queue.publication(connection, view.text("week"))
            if publication is None:
                abort(404, "No queue is published yet.")
            has_points = "points" in site.settings.profile.provides
            filters, order = queue.Filters.of(view), queue.Order.of(view)
            rows = queue.all_rows(connection, publication, filters, order, with_points=has_points)
        response = Response(as_csv(rows), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="inspection-queue-{publication.week}.csv"'
        return response

    @server.get("/checks.csv")
    @explaining
    def checks_csv() -> Response:
        view = View.of(request.query_string.decode("utf-8", "replace"))
        with reading(site.settings) as connection:
            rows = pipeline.selected_checks(Request(site, connection, view), MOST_CHECKS).drop(columns="total")
        response = Response(as_csv(rows), mimetype="text/csv")
        response.headers["Content-Disposition"] = 'attachment; filename="check-results.csv"'
        return response

    @server.get("/reports/drift/<week>")
    @explaining
    def drift_report(week: str) -> Response:
        try:
            monday = date.fromisoformat(week)
        except ValueError:
            abort(404, f"{week} is no week: name its Monday as YYYY-MM-DD.")
        with reading(site.settings) as connection:
            newest = drift.newest_report(connection)
        if newest is None or newest[0] != monday:
            abort(404, f"There is no drift report for the week of {week}: it is kept for the newest week only.")
        page = ObjectStore.from_url(site.settings.object_store).get(newest[1])
        return Response(page, mimetype="text/html", headers={"Content-Security-Policy": REPORT_POLICY})


def as_csv(rows: pd.DataFrame) -> str:
    """Rows as CSV that is safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows.columns)
    writer.writerows([_cell(value) for value in row] for row in rows.itertuples(index=False, name=None))
    return text.getvalue()


def _cell(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def explaining(view: Callable[..., Response]) -> Callable[..., Response]:
    """Say in a line why there is no file."""

    @wraps(view)
    def explained(*args: str, **kwargs: str) -> Response:
        try:
            return view(*args, **kwargs)
        except CANNOT_READ as error:
            trouble = trouble_of(error)
            return Response(f"{trouble.title}. {trouble.advice}\n", status=503, mimetype="text/plain")
        except FoodInspectionsError as error:
            return Response(f"{error}\n", status=404, mimetype="text/plain")

    return explained
