"""The published queue."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from flask.views import MethodView
from sqlalchemy import Connection

from food_inspections.api.http import feed, pagination
from food_inspections.api.http.blueprints import PREFIX, Blueprint, database, request_key, settings
from food_inspections.api.http.caching import Version, cached
from food_inspections.api.http.errors import ApiError, not_found
from food_inspections.api.http.feed import ATOM
from food_inspections.api.http.listing import Listing
from food_inspections.api.http.representation import Body, rows_body, wanted_media_type
from food_inspections.api.queries import plan as plan_queries
from food_inspections.api.queries import queue as queries
from food_inspections.api.queries.paging import read_page
from food_inspections.api.resources.weeks import week_of
from food_inspections.api.schemas.plan import WEEK_PARAMETER, OutcomeSchema, PageArguments
from food_inspections.api.schemas.queue import PublicationsArguments, PublicationSchema, QueueArguments, QueuedSchema
from food_inspections.domain.weeks import monday_of

blueprint = Blueprint(
    "inspection-queue",
    __name__,
    url_prefix=f"{PREFIX}/inspection-queue",
    description="Whom to visit first: every establishment in business, ranked by its forecast.",
)

FEED_LENGTH = 20

_LIST = Listing(QueuedSchema())
_PUBLICATIONS = Listing(PublicationSchema())
_OUTCOMES = OutcomeSchema(many=True)


@blueprint.route("")
class Queue(MethodView):
    """The ranked list."""

    @blueprint.rows(
        QueueArguments(),
        QueuedSchema(many=True),
        "A page of the visits of a week, by rank.",
        in_pages=True,
        as_map=True,
    )
    def get(self, arguments: dict[str, Any]) -> Response:
        """Ranked list of visits of a week.

        Without arguments, the list of the newest published week. A small share of the list is drawn at random
        (`is_random_draw`), to measure the forecast without the bias of the ranking. `label` is 1 where `score`
        reaches `threshold`, else 0. As GeoJSON (`format=geojson`) for a map.
        """
        media_type = wanted_media_type("csv", "geojson", chosen=arguments.get("format"))
        box = _box(arguments.get("bbox"))
        this_week = monday_of(settings().calendar.today())
        week, version_number = arguments.get("week"), arguments.get("version")

        def version(connection: Connection) -> Version:
            found = queries.find_publication(connection, week, version_number, this_week)
            if found is None:
                raise _unknown(arguments)
            return found

        def body(connection: Connection, version: Version) -> Body:
            query, parameters = queries.queue_query(version.facts, arguments, box)
            name = f"inspection-queue-{version.facts['week']}-v{version.facts['version']}"
            return _LIST.body(connection, query, parameters, arguments, media_type, name)

        return cached(database(), request_key(arguments, media_type), version, body)


@blueprint.route("/publications")
class Publications(MethodView):
    """What was published when."""

    @blueprint.rows(
        PublicationsArguments(),
        PublicationSchema(many=True),
        "A page of the publications.",
        in_pages=True,
        may_lack=False,
    )
    def get(self, arguments: dict[str, Any]) -> Response:
        """Published weeks and their versions, newest first.

        Ask with `since` for what is new, or follow `/inspection-queue/feed`.
        """
        media_type = wanted_media_type("csv", chosen=arguments.get("format"))

        def body(connection: Connection, _version: Version) -> Body:
            query, parameters = queries.publications_query(_in_utc(arguments.get("since")))
            return _PUBLICATIONS.body(connection, query, parameters, arguments, media_type, "publications")

        return cached(database(), request_key(arguments, media_type), queries.find_publications, body)


@blueprint.route("/feed")
class Feed(MethodView):
    """The publications as a feed."""

    @blueprint.response(200, {"type": "string"}, content_type=ATOM, description="The newest publications.")
    def get(self) -> Response:
        """Atom feed of the newest publications.

        Feed readers and mail gateways tell people of a new list.
        """
        host = request.host_url.rstrip("/") + request.script_root

        def body(connection: Connection, version: Version) -> Body:
            query, parameters = queries.publications_query(None)
            rows, _total = read_page(connection, query, parameters, {"page": 1, "page_size": FEED_LENGTH})
            return Body(
                feed.render(rows, host, f"{PREFIX}/inspection-queue", version.published_at), f"{ATOM}; charset=utf-8"
            )

        return cached(database(), request_key({}, host), queries.find_publications, body)


def _in_utc(moment: datetime | None) -> datetime | None:
    """A moment as PostgreSQL takes it, which knows no offset of 16 hours or more."""
    if moment is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # at an end of the calendar, where hours make no difference
        return moment.replace(tzinfo=UTC)


def _box(text: str | None) -> queries.Box | None:
    """West, south, east and north of what was asked for."""
    if text is None:
        return None
    west, south, east, north = map(float, text.split(","))
    if west > east or south > north:
        raise not_found(
            f"Nothing lies in the box {text}: its west lies east of its east, or its south north of its north. "
            "Write west,south,east,north."
        )
    return west, south, east, north


@blueprint.route("/<string:week>/outcomes", parameters=[WEEK_PARAMETER])
class Outcomes(MethodView):
    """What became of a list."""

    @blueprint.rows(PageArguments(), _OUTCOMES, "A page of the places, by rank.", in_pages=True)
    def get(self, arguments: dict[str, Any], week: str) -> Response:
        """What became of each place that the week's first published list or its plan held.

        Visited when and found what, or not and how long unvisited by now; as far as the city has published it, so the
        answer changes with later pulls.
        """
        media_type, monday = wanted_media_type("csv"), week_of(week)

        def version(connection: Connection) -> Version:
            found = plan_queries.find_outcomes(connection, monday)
            if found is None:
                raise _unknown({"week": monday})
            return found

        def body(connection: Connection, _version: Version) -> Body:
            rows, total = plan_queries.outcomes(connection, monday, arguments)
            headers = pagination.headers(arguments["page"], arguments["page_size"], total)
            return rows_body(media_type, _OUTCOMES.dump(rows), list(_OUTCOMES.fields), f"outcomes-{monday}", headers)

        return cached(database(), request_key(arguments, media_type), version, body)


def _unknown(arguments: dict[str, Any]) -> ApiError:
    if "version" in arguments:
        return not_found(f"Version {arguments['version']} of this queue was never published: leave out version.")
    if "week" in arguments:
        return not_found(f"No queue is published for the week of {arguments['week']}: leave out week for the newest.")
    return not_found("No queue is published yet: materialize the asset api_inspection_queue first.")
