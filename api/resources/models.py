"""Candidates, decisions, and the model in use."""

from typing import Any

from flask import Response
from flask.views import MethodView
from sqlalchemy import Connection

from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key, settings
from food_inspections.api.http.caching import Version, cached
from food_inspections.api.http.errors import not_found
from food_inspections.api.http.representation import Body, json_body
from food_inspections.api.queries import models as queries
from food_inspections.api.schemas.models import ChampionArguments, ChampionSchema, ModelsArguments, ModelsSchema
from food_inspections.domain.weeks import monday_of

blueprint = Blueprint(
    "models", __name__, url_prefix=f"{PREFIX}/models", description="The models, how good they are, and which is in use."
)

_MODELS = ModelsSchema()
_CHAMPION = ChampionSchema()


@blueprint.route("")
class Models(MethodView):
    """Candidates and decisions."""

    @blueprint.arguments(ModelsArguments(), location="query")
    @blueprint.response(200, _MODELS, description="Candidates and decisions, newest first.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Candidates, with their metrics and cutoffs, and decisions which of them serves."""
        label = settings().label

        def version(connection: Connection) -> Version:
            return queries.find_state(connection, label)

        def body(connection: Connection, _version: Version) -> Body:
            wanted = (label, arguments.get("week"), arguments["limit"])
            return json_body(
                _MODELS.dump(
                    {
                        "candidates": queries.candidates(connection, *wanted),
                        "selections": queries.selections(connection, *wanted),
                    }
                )
            )

        return cached(database(), request_key(arguments), version, body)


@blueprint.route("/champion")
class Champion(MethodView):
    """The model in use."""

    @blueprint.arguments(ChampionArguments(), location="query")
    @blueprint.response(200, _CHAMPION, description="The decision in force, with the candidate that won.")
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, arguments: dict[str, Any]) -> Response:
        """The model in use, for the newest week or for another one."""
        label, week, this_week = settings().label, arguments.get("week"), monday_of(settings().calendar.today())

        def version(connection: Connection) -> Version:
            asked = week or queries.newest_week(connection, label, this_week)
            decision = queries.champion(connection, asked, label)
            if decision is None:
                raise not_found(f"No model was in use in the week of {asked}: train first, or ask for a later week.")
            return Version(str(decision["selection_id"]), decision["decided_at"], facts=dict(decision))

        def body(connection: Connection, version: Version) -> Body:
            winner = queries.candidate(connection, version.facts["candidate_id"])
            return json_body(_CHAMPION.dump({**version.facts, "candidate": winner}))

        return cached(database(), request_key(arguments), version, body)
