"""Establishments: search, history, newest prediction."""

from typing import Any

from flask import Response
from flask.views import MethodView
from sqlalchemy import Connection

from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key
from food_inspections.api.http.caching import Version, cached, unkept
from food_inspections.api.http.errors import ApiError, not_found
from food_inspections.api.http.listing import Listing, Single
from food_inspections.api.http.representation import Body, json_body, wanted_media_type
from food_inspections.api.queries import establishments as queries
from food_inspections.api.queries import predictions as prediction_queries
from food_inspections.api.schemas.common import ESTABLISHMENT_ID_PARAMETER, is_establishment_id
from food_inspections.api.schemas.establishments import (
    EstablishmentsArguments,
    EstablishmentSchema,
    HistorySchema,
    PlaceSchema,
)
from food_inspections.api.schemas.predictions import NewestPredictionArguments, NewestPredictionSchema

blueprint = Blueprint(
    "establishments",
    __name__,
    url_prefix=f"{PREFIX}/establishments",
    description="Find establishments, and see what was found there.",
)

_LIST = Listing(EstablishmentSchema())
_PLACE = Single(PlaceSchema(), queries.ONE_PLACE)
_HISTORY = HistorySchema()
_FACTS = ("score", "source", "week", "inspection_id", "published_at")
_NEWEST = Single(NewestPredictionSchema(), prediction_queries.NEWEST_OF, _FACTS)
_NEWEST_VISIT = Single(NewestPredictionSchema(), prediction_queries.NEWEST_VISIT_OF, _FACTS)


@blueprint.route("")
class Establishments(MethodView):
    """The search."""

    @blueprint.rows(
        EstablishmentsArguments(),
        EstablishmentSchema(many=True),
        "A page of the establishments that fit.",
        in_pages=True,
        may_lack=False,
    )
    def get(self, arguments: dict[str, Any]) -> Response:
        """Search establishments.

        By words of their name or address, postal code and kind; sorted by name.
        """
        media_type = wanted_media_type("csv", chosen=arguments.get("format"))

        def version(connection: Connection) -> Version:
            return Version(queries.inspections_version(connection))

        def body(connection: Connection, _version: Version) -> Body:
            query, parameters = queries.search_query(arguments)
            return _LIST.body(connection, query, parameters, arguments, media_type, "establishments")

        return cached(database(), request_key(arguments, media_type), version, body)


@blueprint.route("/<string:establishment_id>", parameters=[ESTABLISHMENT_ID_PARAMETER])
class Establishment(MethodView):
    """One establishment."""

    @blueprint.response(200, _PLACE.schema, description="The establishment.")
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, establishment_id: str) -> Response:
        """One establishment, as its last visit found it, with its coordinates."""
        row = _one(_PLACE, establishment_id)
        if row is None:
            raise _unknown()
        return unkept(Version(row.document), request_key({}), _PLACE.body(row))


@blueprint.route("/<string:establishment_id>/prediction", parameters=[ESTABLISHMENT_ID_PARAMETER])
class Prediction(MethodView):
    """The newest prediction of one establishment."""

    @blueprint.arguments(NewestPredictionArguments(), location="query")
    @blueprint.response(200, _NEWEST.schema, description="Its newest prediction.")
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, arguments: dict[str, Any], establishment_id: str) -> Response:
        """Newest forecast of one establishment.

        From the newest published queue; where no queue knows the establishment, or it was visited since, the score
        of its newest visit. `label` is 1 where `score` reaches `threshold`, else 0. With `min_score` the answer is
        404 where the score is below.
        """
        return _one_prediction(_NEWEST, arguments, establishment_id)


@blueprint.route("/<string:establishment_id>/last-visit-prediction", parameters=[ESTABLISHMENT_ID_PARAMETER])
class LastVisitPrediction(MethodView):
    """The retrospective prediction of one establishment."""

    @blueprint.arguments(NewestPredictionArguments(), location="query")
    @blueprint.response(200, _NEWEST.schema, description="The score of its newest visit.")
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, arguments: dict[str, Any], establishment_id: str) -> Response:
        """What was forecast for the newest visit that took place, as of its morning.

        `min_score` as for the newest forecast.
        """
        return _one_prediction(_NEWEST_VISIT, arguments, establishment_id)


def _one(shown: Single, establishment_id: str) -> Any:
    if not is_establishment_id(establishment_id):
        return None
    return database().read(lambda connection: shown.find(connection, establishment_id=establishment_id))


def _one_prediction(shown: Single, arguments: dict[str, Any], establishment_id: str) -> Response:
    min_score = arguments.get("min_score")
    row = _one(shown, establishment_id)
    if row is None:
        raise not_found(
            "No prediction is published for this establishment. Find ids with GET /api/v1/establishments?q=NAME."
        )
    if min_score is not None and row.score < min_score:
        raise not_found(
            f"The newest score of this establishment is {row.score:.4f}, below min_score {min_score:g}: "
            "ask for a lower one, or without it."
        )
    return unkept(_state_of(row), request_key(arguments), shown.body(row))


def _state_of(row: Any) -> Version:
    token = f"{row.source}/{row.week}/{row.inspection_id}/{row.published_at.isoformat()}"
    return Version(token, row.published_at)


@blueprint.route("/<string:establishment_id>/history", parameters=[ESTABLISHMENT_ID_PARAMETER])
class History(MethodView):
    """What was found at one establishment."""

    @blueprint.response(200, _HISTORY, description="Its inspections.")
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, establishment_id: str) -> Response:
        """Inspections of one establishment, newest first.

        With their results, and violations by severity and by topic; and the visits that found it closed.
        """
        if not is_establishment_id(establishment_id):
            raise _unknown()

        def version(connection: Connection) -> Version:
            found = queries.find_history(connection, establishment_id)
            if found is None:
                raise _unknown()
            return found

        def body(connection: Connection, _version: Version) -> Body:
            history = {
                "establishment_id": establishment_id,
                "inspections": queries.inspections_of(connection, establishment_id),
                "closures": queries.closures_of(connection, establishment_id),
            }
            return json_body(_HISTORY.dump(history))

        return cached(database(), request_key({}), version, body)


def _unknown() -> ApiError:
    return not_found("No inspection of this establishment is known. Find ids with GET /api/v1/establishments?q=NAME.")
