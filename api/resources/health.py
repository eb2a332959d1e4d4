"""Whether the API is up, whether it can answer, and its metrics."""

from datetime import date
from typing import Any

from flask import Response, current_app
from flask.views import MethodView
from sqlalchemy import Connection, RowMapping

from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, settings
from food_inspections.api.http.errors import unavailable
from food_inspections.api.http.metrics import metrics_response
from food_inspections.api.queries import models as queries
from food_inspections.api.schemas.health import LiveSchema, ReadySchema
from food_inspections.domain.weeks import monday_of

blueprint = Blueprint("health", __name__, url_prefix=PREFIX, description="Probes and metrics of the API itself.")

_NO_STORE = {"Cache-Control": "no-store"}


def live() -> tuple[dict[str, Any], int, dict[str, str]]:
    """The answer to whether the process is up; asks nothing of anybody."""
    return {"status": "live"}, 200, _NO_STORE


def ready() -> tuple[dict[str, Any], int, dict[str, str]]:
    """The answer to whether database and model in use are there.

    Raises:
        ApiError: No model is in use; a database that is away raises as everywhere.
    """
    label = settings().label

    def look(connection: Connection) -> tuple[date, RowMapping | None]:
        week = queries.newest_week(connection, label, monday_of(settings().calendar.today()))
        return week, queries.champion(connection, week, label)

    week, decision = database().read(look)
    if decision is None:
        raise unavailable("no_champion", f"No model is in use in the week of {week}: train first.")
    return {"status": "ready", "database": "reachable", "champion": decision["model_id"]}, 200, _NO_STORE


@blueprint.route("/health/live")
class Live(MethodView):
    """Liveness."""

    @blueprint.response(200, LiveSchema, description="The process answers.")
    def get(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Whether the process is up; stays so while the database is away."""
        return live()


@blueprint.route("/health/ready")
class Ready(MethodView):
    """Readiness."""

    @blueprint.response(200, ReadySchema, description="Database and model in use are there.")
    def get(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Whether requests can be answered; 503 while the database is away or no model is in use."""
        return ready()


@blueprint.route("/metrics")
class MetricsPage(MethodView):
    """Metrics."""

    @blueprint.response(200, {"type": "string"}, content_type="text/plain", description="Prometheus' text format.")
    def get(self) -> Response:
        """Metrics of the API for Prometheus."""
        return metrics_response(current_app)
