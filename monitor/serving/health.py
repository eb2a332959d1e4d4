"""Whether the dashboard is up, for whatever watches it."""

from flask import Flask, Response, jsonify
from sqlalchemy import text

from food_inspections.monitor.queries.reading import CANNOT_READ, reading, trouble_of
from food_inspections.settings import Settings


def register(server: Flask, settings: Settings) -> None:
    """Answer ``/health/live`` (the process is up) and ``/health/ready`` (the database answers)."""

    @server.get("/health/live")
    def live() -> Response:
        return jsonify(status="ok")

    @server.get("/health/ready")
    def ready() -> Response:
        try:
            with reading(settings) as connection:
                connection.execute(text("SELECT 1"))
        except CANNOT_READ as error:
            response = jsonify(status="unavailable", reason=trouble_of(error).title)
            response.status_code = 503
            return response
        return jsonify(status="ok")
