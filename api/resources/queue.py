"""The published queue."""

from typing import Any

from flask import Response
from flask.views import MethodView
from sqlalchemy import Connection

from food_inspections.api.http import pagination
from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key
from food_inspections.api.http.caching import Version, cached
from food_inspections.api.http.errors import ApiError, not_found
from food_inspections.api.http.representation import Body, rows_body, wanted_media_type
from food_inspections.api.queries import queue as queries
from food_inspections.api.schemas.queue import QueueArguments, QueuedSchema
from food_inspections.domain.weeks import monday_of, today_in_city

blueprint = Blueprint(
    "inspection-queue",
    __name__,
    url_prefix=f"{PREFIX}/inspection-queue",
    description="Whom to visit first: every establishment in business, ranked by its forecast.",
)

_LIST = QueuedSchema(many=True)


@blueprint.route("")
class Queue(MethodView):
    """The ranked list."""

    @blueprint.arguments(QueueArguments(), location="query")
    @blueprint.response(200, _LIST, headers=pagination.HEADER, description="A page of the visits of a week, by rank.")
    @blueprint.alt_response(200, **pagination.CSV)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(self, arguments: dict[str, Any]) -> Response:
        """Ranked list of visits of a week.

        Without arguments, the list of the newest published week. A small share of the list is drawn at random
        (`is_random_draw`), to measure the forecast without the bias of the ranking. `label` is 1 where `score`
        reaches `threshold`, else 0.
        """
        media_type = wanted_media_type()
        this_week = monday_of(today_in_city())
        week, version_number = arguments.get("week"), arguments.get("version")

        def version(connection: Connection) -> Version:
            found = queries.find_publication(connection, week, version_number, this_week)
            if found is None:
                raise _unknown(arguments)
            return found

        def body(connection: Connection, version: Version) -> Body:
            rows, total = queries.queue_rows(connection, version.facts, arguments)
            headers = pagination.headers(arguments["page"], arguments["page_size"], total)
            name = f"inspection-queue-{version.facts['week']}-v{version.facts['version']}"
            return rows_body(media_type, _LIST.dump(rows), list(_LIST.fields), name, headers)

        return cached(database(), request_key(arguments, media_type), version, body)


def _unknown(arguments: dict[str, Any]) -> ApiError:
    if "version" in arguments:
        return not_found(f"Version {arguments['version']} of this queue was never published: leave out version.")
    if "week" in arguments:
        return not_found(f"No queue is published for the week of {arguments['week']}: leave out week for the newest.")
    return not_found("No queue is published yet: materialize the asset api_inspection_queue first.")
