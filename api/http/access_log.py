"""A line on standard output for every request, where it is asked for."""

import time

import click
from flask import Flask, Response, g, request

from food_inspections.serving.problems import REQUEST_ID_HEADER


def register(app: Flask) -> None:
    """Say of each request who asked what, what was answered, and in how many milliseconds."""

    @app.before_request
    def begin() -> None:
        g.begun_at = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        taken = (time.perf_counter() - g.get("begun_at", time.perf_counter())) * 1000
        line = (
            time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            request.remote_addr or "-",
            g.get("caller", "-"),
            request.method,
            request.full_path.rstrip("?").encode("unicode_escape").decode(),
            str(response.status_code),
            str(response.calculate_content_length() or 0),
            f"{taken:.1f} ms",
            response.headers.get(REQUEST_ID_HEADER, "-"),
        )
        click.echo(" ".join(line))
        return response
