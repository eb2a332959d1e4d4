"""Fairness, score distributions, drift and performance, with the verdicts: the newest accepted week, or another one."""

from typing import Any

import marshmallow as ma
from flask import Response
from flask.views import MethodView
from sqlalchemy import Connection

from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key
from food_inspections.api.http.caching import Version, cached
from food_inspections.api.http.errors import not_found
from food_inspections.api.http.representation import Body, rows_body, wanted_media_type
from food_inspections.api.queries import monitoring as queries
from food_inspections.api.queries.accepted import find_accepted, find_history
from food_inspections.api.schemas import monitoring as schemas

blueprint = Blueprint(
    "monitoring", __name__, url_prefix=PREFIX, description="Whether the forecast is fair, and whether it still holds."
)

_BIAS = schemas.BiasSchema(many=True)
_DISTRIBUTIONS = schemas.DistributionSchema(many=True)
_DRIFT = schemas.DriftSchema(many=True)
_DRIFT_VERDICTS = schemas.DriftVerdictSchema(many=True)
_ALARMS = schemas.AlarmSchema(many=True)
_DRIFT_DISTRIBUTIONS = schemas.DriftDistributionSchema(many=True)
_FAIRNESS_VERDICTS = schemas.FairnessVerdictSchema(many=True)
_DISPARITIES = schemas.DisparitySchema(many=True)
_PERFORMANCE = schemas.PerformanceSchema(many=True)
_PROMISES = schemas.PromiseSchema(many=True)


@blueprint.route("/bias-report")
class BiasReport(MethodView):
    """The fairness audit."""

    @blueprint.rows(schemas.BiasArguments(), _BIAS, "One row per group.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Fairness audit of the model selected last, or in another week.

        Rates per group of kind of establishment, postal code and risk, compared with a reference group.
        """
        return _weekly_rows(queries.BIAS_ASSET, arguments, queries.bias_rows, _BIAS)


@blueprint.route("/score-distributions")
class ScoreDistributions(MethodView):
    """Histograms of scores."""

    @blueprint.rows(schemas.DistributionsArguments(), _DISTRIBUTIONS, "One row per bin.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Histograms of the scores at validation and of the newest predictions, by kind of establishment."""
        return _weekly_rows(queries.DISTRIBUTIONS_ASSET, arguments, queries.distribution_rows, _DISTRIBUTIONS)


@blueprint.route("/drift")
class Drift(MethodView):
    """Drift statistics."""

    @blueprint.rows(schemas.DriftArguments(), _DRIFT, "One row per statistic.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """How far scores, features and outcomes have moved since the model was validated."""
        return _weekly_rows(queries.DRIFT_ASSET, arguments, queries.drift_rows, _DRIFT)


@blueprint.route("/drift-verdicts")
class DriftVerdicts(MethodView):
    """The answers on drift."""

    @blueprint.rows(schemas.WeekArguments(), _DRIFT_VERDICTS, "One row per question.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Whether scores, features, outcomes and ranking still hold, as every page and rule goes by it."""
        return _weekly_rows(queries.DRIFT_ASSET, arguments, queries.drift_verdicts, _DRIFT_VERDICTS)


@blueprint.route("/drift-alarms")
class DriftAlarms(MethodView):
    """Alarms as history."""

    @blueprint.rows(schemas.WeekArguments(), _ALARMS, "One row per run of weeks with a change, newest first.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Every run of weeks in which a question of drift was answered with a change, until a week."""
        return _weekly_rows(queries.DRIFT_ASSET, arguments, queries.alarms, _ALARMS, looks_back=True)


@blueprint.route("/drift-distributions")
class DriftDistributions(MethodView):
    """The counts behind drift."""

    @blueprint.rows(schemas.DriftDistributionsArguments(), _DRIFT_DISTRIBUTIONS, "One row per bin.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """The histograms behind every distance of drift: reference against newest inspections."""
        return _weekly_rows(queries.DRIFT_ASSET, arguments, queries.drift_distributions, _DRIFT_DISTRIBUTIONS)


@blueprint.route("/fairness-verdicts")
class FairnessVerdicts(MethodView):
    """The answers on fairness."""

    @blueprint.rows(schemas.AuditArguments(), _FAIRNESS_VERDICTS, "One row.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Whether kinds of establishment are flagged, or put on the list, and missed alike."""
        asset, verdicts, _ = queries.AUDITS[arguments["of"]]
        return _weekly_rows(asset, arguments, verdicts, _FAIRNESS_VERDICTS)


@blueprint.route("/disparities")
class Disparities(MethodView):
    """Rates of groups."""

    @blueprint.rows(schemas.DisparitiesArguments(), _DISPARITIES, "One row per group and rate.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Every rate of every group against its reference, with intervals."""
        asset, _, rates = queries.AUDITS[arguments["of"]]
        return _weekly_rows(asset, arguments, rates, _DISPARITIES)


@blueprint.route("/performance")
class Performance(MethodView):
    """What the forecast was worth."""

    @blueprint.rows(schemas.PerformanceArguments(), _PERFORMANCE, "One row per source and metric.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """What the forecast of a week was worth, beside the promise, the estimate and one-line rules."""
        return _weekly_rows(queries.PERFORMANCE_ASSET, arguments, queries.performance, _PERFORMANCE)


@blueprint.route("/promises")
class Promises(MethodView):
    """The answers on performance."""

    @blueprint.rows(schemas.PromisesArguments(), _PROMISES, "One row per source and metric.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Whether the newest eight judged weeks together keep what validation promised."""
        return _weekly_rows(queries.PERFORMANCE_ASSET, arguments, queries.promises, _PROMISES, looks_back=True)


def _weekly_rows(
    asset: str, arguments: dict[str, Any], read: queries.ReadRows, schema: ma.Schema, *, looks_back: bool = False
) -> Response:
    media_type = wanted_media_type("csv")
    week = arguments.get("week")
    find = find_history if looks_back else find_accepted

    def version(connection: Connection) -> Version:
        found = find(connection, asset, week)
        if found is None:
            when = "yet" if week is None else f"for the week of {week}: leave out week for the newest"
            raise not_found(f"No accepted {asset} {when}.")
        return found

    def body(connection: Connection, version: Version) -> Body:
        rows = schema.dump(read(connection, version.facts["week"], arguments))
        return rows_body(media_type, rows, list(schema.fields), f"{asset}-{version.facts['week']}")

    return cached(database(), request_key(arguments, media_type), version, body)
