"""One shape for every error, the problem details of RFC 9457, with a message a caller can act on.

What went wrong inside (SQL, addresses, tracebacks) goes to the log under the
request id, never into the answer.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, json
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from food_inspections.errors import DataError, FoodInspectionsError, ModelError, StorageError
from food_inspections.serving.problems import PROBLEM_TYPE, problem, slug_of

RETRY_AFTER_SECONDS = 5

logger = logging.getLogger("food_inspections.api")

# PostgreSQL's codes of what a caller may meet; see its manual, appendix A.
_QUERY_CANCELED = "57014"
_SCHEMA_CODES = frozenset({"42P01", "42703", "3F000", "42883"})

_MESSAGES = {
    404: "There is nothing at this address. The routes are listed at /docs and in /openapi.json.",
    405: "This address does not take that method; the Allow header names those it takes.",
    413: "The request is too large: send fewer visits at once.",
    415: "The body must be JSON: send the header Content-Type: application/json.",
    429: "Too many requests: wait as long as the Retry-After header says.",
    500: "Something went wrong here. It has been logged under this request id; please report it.",
}


class ApiError(HTTPException):
    """An error answered on purpose.

    Attributes:
        code: HTTP status.
        slug: Stable name of the kind of error, for programs.
        details: What exactly, as JSON; ``None`` where the message says it all.
        headers: Further response headers.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        message: str,
        details: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(description=message)
        self.code = status
        self.slug = slug
        self.details = details
        self.headers = dict(headers or {})


def not_found(message: str) -> ApiError:
    """The thing asked for does not exist; the message says what does."""
    return ApiError(404, "not_found", message)


def unavailable(slug: str, message: str) -> ApiError:
    """Something the API needs is away for now."""
    return ApiError(503, slug, message, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def error_response(
    status: int, slug: str, message: str, details: Any = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The one shape of an error."""
    document = problem(status, slug, message, g.get("request_id", ""), details)
    response = Response(json.dumps(document, sort_keys=False), status, mimetype=PROBLEM_TYPE)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    return response


def register(app: Flask) -> None:
    """Answer every exception in the one shape."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(exc.SQLAlchemyError, _database)
    app.register_error_handler(FoodInspectionsError, _program)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    if isinstance(error, ApiError):
        return error_response(error.code or 500, error.slug, error.description or "", error.details, error.headers)
    data = getattr(error, "data", None) or {}  # set where the arguments of a request are refused
    status = error.code or 500
    if "messages" in data:
        headers = data.get("headers") or {}
        return error_response(status, "validation_failed", summary(data["messages"]), data["messages"], headers)
    headers = {name: value for name, value in error.get_headers() if name.lower() in ("allow", "retry-after")}
    message = _MESSAGES.get(status) or error.description or HTTPStatus(status).phrase
    return error_response(status, slug_of(status), message, headers=headers)


def summary(messages: Any, limit: int = 3) -> str:
    """The first refusals of a validation, as one sentence for people."""
    found: list[str] = []
    _walk(messages, (), found)
    more = f" (and {len(found) - limit} more)" if len(found) > limit else ""
    return "The request was refused: " + " ".join(found[:limit]) + more


def _walk(messages: Any, path: tuple[str, ...], found: list[str]) -> None:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            _walk(inner, path if name == "_schema" else (*path, str(name)[:60]), found)
        return
    place = ".".join(path)
    found.extend(f"{place}: {message}" for message in (messages if isinstance(messages, list) else [messages]))


def _database(error: exc.SQLAlchemyError) -> Response:
    code = getattr(getattr(error, "orig", None), "pgcode", None)
    if code == _QUERY_CANCELED:
        logger.warning("A query of request %s took too long.", g.get("request_id", ""))
        return _http(unavailable("query_timeout", "The database took too long: ask for less, or try again later."))
    if code in _SCHEMA_CODES:
        logger.error("The database lacks what the API reads (%s): run `food-inspections db upgrade`.", code)
        return _http(
            unavailable(
                "database_not_ready", "The database is not set up: its operator runs food-inspections db upgrade."
            )
        )
    return _away(error) if is_away(error) else _unexpected(error)


def is_away(error: Exception) -> bool:
    """Whether an error says that the database cannot be reached; what it refuses itself says no such thing."""
    if getattr(getattr(error, "orig", None), "pgcode", None) in {_QUERY_CANCELED, *_SCHEMA_CODES}:
        return False
    return isinstance(error, (StorageError, exc.OperationalError, exc.InterfaceError, exc.TimeoutError)) or bool(
        getattr(error, "connection_invalidated", False)
    )


def _program(error: FoodInspectionsError) -> Response:
    if isinstance(error, StorageError):
        return _away(error)
    if isinstance(error, (ModelError, DataError)):
        logger.error("Request %s: %s", g.get("request_id", ""), error)
        return _http(
            unavailable("model_unavailable", "The model in use cannot be loaded; its operator finds why in the log.")
        )
    return _unexpected(error)


def _away(error: Exception) -> Response:
    # Each attempt to reach it is a warning already; under load there are many more requests than attempts.
    logger.info("Request %s: the database is away: %s", g.get("request_id", ""), type(error).__name__)
    return _http(unavailable("database_unavailable", "The database cannot be reached right now: try again shortly."))


def _unexpected(error: Exception) -> Response:
    logger.error("Request %s failed", g.get("request_id", ""), exc_info=error)
    return error_response(500, "internal_server_error", _MESSAGES[500])
