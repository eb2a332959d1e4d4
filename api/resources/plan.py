"""The plan of a week, and the decisions on its lines."""

from datetime import date
from typing import Any

from flask import Response
from flask.views import MethodView
from sqlalchemy import Connection

from food_inspections.api.http import pagination
from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key, settings
from food_inspections.api.http.caching import Version, cached
from food_inspections.api.http.errors import ApiError, not_found
from food_inspections.api.http.representation import Body, json_body, rows_body, wanted_media_type
from food_inspections.api.http.security import writer
from food_inspections.api.queries import plan as queries
from food_inspections.api.resources.weeks import week_of
from food_inspections.api.schemas.plan import (
    WEEK_PARAMETER,
    AskedDecisionsSchema,
    DecisionSchema,
    KeptDecisionsSchema,
    PageArguments,
    PlanArguments,
    PlanLineSchema,
)
from food_inspections.domain.decisions import Asked, DecisionsRefusedError
from food_inspections.storage.records import plan_decisions

blueprint = Blueprint(
    "inspection-plan",
    __name__,
    url_prefix=f"{PREFIX}/inspection-plan",
    description="Who visits whom, on which day and in which order; and what was decided on the way.",
)

_LINES = PlanLineSchema(many=True)
_DECISIONS = DecisionSchema(many=True)
_KEPT = KeptDecisionsSchema()


@blueprint.route("")
class NewestPlan(MethodView):
    """The newest plan."""

    @blueprint.rows(PlanArguments(), _LINES, "The visits of the newest week that has a plan.")
    def get(self, arguments: dict[str, Any]) -> Response:
        """The newest plan, with what was decided on each line."""
        return _plan(None, arguments)


@blueprint.route("/<string:week>", parameters=[WEEK_PARAMETER])
class Plan(MethodView):
    """The plan of a week."""

    @blueprint.rows(PlanArguments(), _LINES, "The visits of the week, by inspector, day and order.")
    def get(self, arguments: dict[str, Any], week: str) -> Response:
        """The plan of a week, with what was decided on each line.

        `inspector_now` has the visit, after swaps; `inspector` had it when the week was planned. `decision` is the
        one in force, the last.
        """
        return _plan(week_of(week), arguments)


@blueprint.route("/<string:week>/decisions", parameters=[WEEK_PARAMETER])
class Decisions(MethodView):
    """What was decided on the lines of a plan."""

    @blueprint.rows(PageArguments(), _DECISIONS, "A page of the decisions.", in_pages=True)
    def get(self, arguments: dict[str, Any], week: str) -> Response:
        """All decisions on a week's plan, in the order they were made; none is ever changed or taken back."""
        media_type, monday = wanted_media_type("csv"), week_of(week)

        def body(connection: Connection, _version: Version) -> Body:
            rows, total = queries.decisions(connection, monday, arguments)
            headers = pagination.headers(arguments["page"], arguments["page_size"], total)
            return rows_body(media_type, _DECISIONS.dump(rows), list(_DECISIONS.fields), f"decisions-{monday}", headers)

        return cached(database(), request_key(arguments, media_type), lambda it: _found(it, monday), body)

    @blueprint.arguments(AskedDecisionsSchema())
    @blueprint.response(200, _KEPT, description="What is kept of each, in the order sent.")
    @blueprint.alt_response(403, response="FORBIDDEN")
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def post(self, arguments: dict[str, Any], week: str) -> Response:
        """Decide on lines of a week's plan: all that are sent together, or none.

        Takes a key of role writer, whose name is kept with each. Sending the same decisions again under the same keys
        changes nothing and gets the same answer, so a request without an answer can be repeated. `closed` and
        `wrong_address` take the place off the next queue until the portal shows a visit to it.
        """
        decided_by, monday = writer(), week_of(week)
        asked = [Asked(**one) for one in arguments["decisions"]]
        try:
            today = settings().calendar.today()
            kept = database().write(
                lambda connection: plan_decisions.decide(connection, monday, asked, decided_by, today)
            )
        except DecisionsRefusedError as error:
            raise _refused(error) from error
        response = Response(json_body(_KEPT.dump({"decisions": kept})).content, mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response


def _plan(week: date | None, arguments: dict[str, Any]) -> Response:
    media_type = wanted_media_type("csv")

    def body(connection: Connection, version: Version) -> Body:
        monday = version.facts["week"]
        rows = queries.plan_lines(connection, monday, arguments.get("inspector"))
        return rows_body(media_type, _LINES.dump(rows), list(_LINES.fields), f"inspection-plan-{monday}")

    return cached(database(), request_key(arguments, media_type), lambda it: _found(it, week), body)


def _found(connection: Connection, week: date | None) -> Version:
    found = queries.find_plan(connection, week)
    if found is None and week is None:
        raise not_found("No week has a plan yet: materialize the asset inspection_plan first.")
    if found is None:
        raise not_found(f"The week of {week} has no plan: leave out the week for the newest one.")
    return found


def _refused(error: DecisionsRefusedError) -> ApiError:
    if error.kind == "no_plan":
        return not_found(str(error))
    status, slug = (422, "validation_failed") if error.kind == "invalid" else (409, "conflict")
    places = {
        str(place): {field: [message] for field, message in messages.items()}
        for place, messages in error.messages.items()
    }
    return ApiError(status, slug, str(error), {"json": {"decisions": places}})
