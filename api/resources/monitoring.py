"""Fairness, score distributions and drift: the newest accepted week, or another one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import marshmallow as ma
from flask import Response
from flask.views import MethodView
from sqlalchemy import Connection, RowMapping

from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key
from food_inspections.api.http.caching import Version, cached
from food_inspections.api.http.errors import not_found
from food_inspections.api.http.pagination import CSV
from food_inspections.api.http.representation import Body, rows_body, wanted_media_type
from food_inspections.api.queries import monitoring as queries
from food_inspections.api.queries.accepted import find_accepted
from food_inspections.api.schemas.monitoring import (
    BiasArguments,
    BiasSchema,
    DistributionsArguments,
    DistributionSchema,
    DriftArguments,
    DriftSchema,
)

blueprint = Blueprint(
    "monitoring", __name__, url_prefix=PREFIX, description="Whether the forecast is fair, and whether it still holds."
)

ReadRows = Callable[[Connection, date, Mapping[str, Any]], Sequence[RowMapping]]

_BIAS = BiasSchema(many=True)
_DISTRIBUTIONS = DistributionSchema(many=True)
_DRIFT = DriftSchema(many=True)


@blueprint.route("/bias-report")
class BiasReport(MethodView):
    """The fairness audit."""

    @blueprint.arguments(BiasArguments(), location="query")
    @blueprint.response(200, _BIAS, description="One row per group.")
    @blueprint.alt_response(200, **CSV)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Fairness audit of the model selected last, or in another week.

        Rates per group of kind of establishment, postal code and risk, compared with a reference group.
        """
        return _weekly_rows(queries.BIAS_ASSET, arguments, queries.bias_rows, _BIAS)


@blueprint.route("/score-distributions")
class ScoreDistributions(MethodView):
    """Histograms of scores."""

    @blueprint.arguments(DistributionsArguments(), location="query")
    @blueprint.response(200, _DISTRIBUTIONS, description="One row per bin.")
    @blueprint.alt_response(200, **CSV)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Histograms of the scores at validation and of the newest predictions, by kind of establishment."""
        return _weekly_rows(queries.DISTRIBUTIONS_ASSET, arguments, queries.distribution_rows, _DISTRIBUTIONS)


@blueprint.route("/drift")
class Drift(MethodView):
    """Drift statistics."""

    @blueprint.arguments(DriftArguments(), location="query")
    @blueprint.response(200, _DRIFT, description="One row per statistic.")
    @blueprint.alt_response(200, **CSV)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, arguments: dict[str, Any]) -> Response:
        """How far scores, features and outcomes have moved since the model was validated."""
        return _weekly_rows(queries.DRIFT_ASSET, arguments, queries.drift_rows, _DRIFT)


def _weekly_rows(asset: str, arguments: dict[str, Any], read: ReadRows, schema: ma.Schema) -> Response:
    media_type = wanted_media_type("csv")
    week = arguments.get("week")

    def version(connection: Connection) -> Version:
        found = find_accepted(connection, asset, week)
        if found is None:
            when = "yet" if week is None else f"for the week of {week}: leave out week for the newest"
            raise not_found(f"No accepted {asset} {when}.")
        return found

    def body(connection: Connection, version: Version) -> Body:
        rows = schema.dump(read(connection, version.facts["week"], arguments))
        return rows_body(media_type, rows, list(schema.fields), f"{asset}-{version.facts['week']}")

    return cached(database(), request_key(arguments, media_type), version, body)
