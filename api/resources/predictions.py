"""Published predictions of a day or a week, and scores on demand."""

from typing import Any

from flask import Response, current_app, g
from flask.views import MethodView
from sqlalchemy import Connection

from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key
from food_inspections.api.http.caching import Version, cached
from food_inspections.api.http.errors import not_found
from food_inspections.api.http.limits import Limits
from food_inspections.api.http.listing import Listing
from food_inspections.api.http.metrics import EXTENSION, Metrics
from food_inspections.api.http.representation import Body, json_body, wanted_media_type
from food_inspections.api.queries import predictions as queries
from food_inspections.api.schemas.predictions import PredictionsArguments, PredictionSchema
from food_inspections.api.schemas.scoring import ScoresSchema, ScoringSchema
from food_inspections.api.scoring.scorer import Caller, Scorer
from food_inspections.domain.weeks import monday_of

blueprint = Blueprint(
    "predictions",
    __name__,
    url_prefix=f"{PREFIX}/predictions",
    description="Scores of inspections as of the morning of the visit, and of visits that have not taken place.",
)

_LIST = Listing(PredictionSchema())


@blueprint.route("")
class Predictions(MethodView):
    """Published predictions, and scores on demand."""

    @blueprint.rows(PredictionsArguments(), PredictionSchema(many=True), "A page of the predictions.", in_pages=True)
    def get(self, arguments: dict[str, Any]) -> Response:
        """Every establishment predicted for a day or a week.

        The newest published week where neither is named. `label` is 1 where `score` reaches `threshold`, else 0.
        """
        media_type = wanted_media_type("csv", chosen=arguments.get("format"))
        day, week = arguments.get("date"), arguments.get("week")
        if day is not None and week not in (None, monday_of(day)):
            raise not_found(f"{day} does not lie in the week of {week}: ask for one of them only.")
        week = week if day is None else monday_of(day)

        def version(connection: Connection) -> Version:
            found = queries.find_week(connection, week)
            if found is None:
                when = "yet" if week is None else f"for the week of {week}: leave out date and week for the newest"
                raise not_found(f"No predictions are published {when}.")
            return found

        def body(connection: Connection, version: Version) -> Body:
            query, parameters = queries.predictions_query(version.facts["week"], arguments)
            name = f"predictions-{day or version.facts['week']}"
            return _LIST.body(connection, query, parameters, arguments, media_type, name)

        return cached(database(), request_key(arguments, media_type), version, body)

    @blueprint.arguments(ScoringSchema())
    @blueprint.response(200, ScoresSchema(), description="Scores, in the order of the visits.")
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def post(self, arguments: dict[str, Any]) -> Response:
        """Score visits that have not taken place, with the model in use.

        To establishments in business (`establishment_id`), from what was known of them on the Monday of the newest
        week; or to hypothetical places without a history, from what was found around them. What was asked and
        answered is logged; of callers without a key only so much a day.
        """
        scorer: Scorer = current_app.extensions["food-inspections-scorer"]
        received = g.received["visits"]
        limits: Limits = current_app.extensions["food-inspections-limits"]
        limits.count_visits(len(received))
        answer = scorer.score(
            arguments["visits"], received, Caller(g.request_id, g.caller, limits.may_be_logged(len(received)))
        )
        metrics: Metrics = current_app.extensions[EXTENSION]
        metrics.scored.labels(answer["model_id"]).inc(len(received))
        response = Response(json_body(answer).content, mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response
