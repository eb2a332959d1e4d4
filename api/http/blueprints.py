"""What every resource's blueprint has in common."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import flask_smorest
import marshmallow as ma
from flask import Request, current_app, g, json, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

from food_inspections.api.database import Database
from food_inspections.api.http import pagination
from food_inspections.api.http.errors import ApiError
from food_inspections.settings import Settings

PREFIX = "/api/v1"
"""Below which every resource lies."""

View = TypeVar("View", bound=Callable[..., Any])


class _Parser(FlaskParser):
    """Reads arguments strictly: nothing unknown, nothing twice, JSON as RFC 8259 has it."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE, "json": ma.RAISE}  # noqa: RUF012 - webargs reads it from the class

    def __init__(self) -> None:
        super().__init__()
        self._unasked: dict[ma.Schema, Any] = {}

    def parse(self, argmap: Any, req: Request | None = None, **options: Any) -> Any:
        """The arguments; what comes of an address without any is worked out once for each route."""
        if options.get("location") != "query" or request.query_string:
            return super().parse(argmap, req, **options)
        if argmap not in self._unasked:
            self._unasked[argmap] = super().parse(argmap, req, **options)
        return dict(self._unasked[argmap])

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """The arguments of the address; a repeated one stays a list, which no field takes."""
        return {name: values[0] if len(values) == 1 else values for name, values in req.args.lists()}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The body, which stays in ``g.received`` as it came.

        Raises:
            ApiError: It is not JSON.
            RequestEntityTooLarge: It is longer than a request may be.
        """
        if not req.is_json:
            raise ApiError(415, "unsupported_media_type", "The body must be JSON: send Content-Type: application/json.")
        content = req.get_data()
        # Werkzeug cuts a body sent in chunks, whose length it is not told, where the limit is.
        if req.content_length is None and len(content) >= current_app.config["MAX_CONTENT_LENGTH"]:
            raise RequestEntityTooLarge
        try:
            g.received = json.loads(
                content.decode("utf-8"),
                parse_constant=_refuse_constant,
                object_pairs_hook=_object_without_repeats,
            )
        except (ValueError, RecursionError) as error:
            problem = "it is nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
            raise ApiError(400, "invalid_json", f"The body is not valid JSON: {problem}.") from error
        return g.received


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names the same key twice")
    return found


def _first_line(error: ValueError) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error).splitlines()[0][:200]


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A resource's routes, with our strict arguments; its decorators keep the types of what they decorate."""

    ARGUMENTS_PARSER = _Parser()

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Register a view; see flask-smorest."""
        return cast(Callable[[View], View], super().route(rule, **options))

    def arguments(self, schema: ma.Schema, **options: Any) -> Callable[[View], View]:
        """Hand the validated arguments to a method; see flask-smorest."""
        return cast(Callable[[View], View], super().arguments(schema, **options))

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Callable[[View], View]:
        """Document what a method answers; see flask-smorest."""
        return cast(Callable[[View], View], super().response(status_code, schema, **options))

    def alt_response(self, status_code: int, response: str | None = None, **options: Any) -> Callable[[View], View]:
        """Document what else a method answers; see flask-smorest."""
        return cast(Callable[[View], View], super().alt_response(status_code, response, **options))

    def rows(
        self,
        arguments: ma.Schema,
        rows: ma.Schema,
        description: str,
        *,
        in_pages: bool = False,
        as_map: bool = False,
        may_lack: bool = True,
    ) -> Callable[[View], View]:
        """A method that takes arguments of the address and answers rows, as JSON and as CSV.

        Args:
            arguments: What it takes.
            rows: What it answers, one with ``many``.
            description: Of the answer.
            in_pages: Whether a page comes at a time.
            as_map: Whether the rows come as GeoJSON, too.
            may_lack: Whether there may be nothing to answer with: 404.
        """

        def decorate(view: View) -> View:
            if may_lack:
                view = self.alt_response(404, response="NOT_FOUND")(view)
            if as_map:
                view = self.alt_response(200, **pagination.GEOJSON)(view)
            view = self.alt_response(200, **pagination.CSV)(view)
            headers = {"headers": pagination.HEADER} if in_pages else {}
            view = self.response(200, rows, description=description, **headers)(view)
            return self.arguments(arguments, location="query")(view)

        return decorate


def settings() -> Settings:
    """The settings of the app that answers."""
    found: Settings = current_app.extensions["food-inspections-settings"]
    return found


def database() -> Database:
    """The tables of the app that answers."""
    found: Database = current_app.extensions["food-inspections-database"]
    return found


def request_key(arguments: dict[str, Any], *more: object) -> tuple[object, ...]:
    """What an answer depends on beside the data, in a fixed order."""
    return (
        tuple(sorted(request.view_args.items() if request.view_args else ())),
        tuple(sorted(arguments.items())),
        *more,
    )
