"""What the specification says of every operation alike."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from food_inspections.api.http.blueprints import PREFIX
from food_inspections.api.http.security import KEY_HEADER
from food_inspections.serving.problems import PROBLEM_TYPE, REQUEST_ID_HEADER

DESCRIPTION = """
Forecasts of which food establishments fail their next inspection, as published each week.

**Label.** A `score` is the estimated probability of the label, calibrated, between 0 and 1; `label` is 1 where the
score reaches the model's own `threshold`, else 0. What 1 means is the deployment's: `fail`, the inspection fails, or
`critical`, it finds at least one critical (until June 2018) or priority (since) violation; see `label` in
`GET /api/v1/models/champion`.

**Weeks** run from Monday to Sunday in the city's time zone and are named by their Monday.

**Caching.** Answers carry an `ETag`; sent back in `If-None-Match` it brings 304 while nothing has
changed; what was published has a `Last-Modified`, too, for `If-Modified-Since`.

**Errors** have one shape, the problem details of RFC 9457 (`application/problem+json`): `detail` says what to do,
`code` is stable, for programs.
""".strip()

LICENSE = {"name": "Apache License 2.0", "identifier": "Apache-2.0"}
"""Of the program; what a city's data may be used for is for the city to say."""

_KEYS: list[dict[str, list[str]]] = [{"apiKey": []}, {"bearer": []}]
_OPEN = ("/health/live", "/health/ready")
_ERRORS = {
    "422": "The arguments were refused; `details` says why, field by field.",
    "429": "Too many requests: wait as long as `Retry-After` says.",
    "500": "Something went wrong here; it was logged under the request id.",
    "503": "The database or the model is away for now: try again as `Retry-After` says.",
}
_REFUSALS = {
    "403": "The key is one of a reader, or nobody may decide here.",
    "404": "There is no such thing; the message says what there is.",
    "409": "Not as things are now; the message says why.",
}


def completed(
    document: dict[str, Any], needs_key_to_read: bool, needs_key_to_score: bool, contact: Mapping[str, str]
) -> dict[str, Any]:
    """The specification with what holds for every operation: errors, headers, keys, conditional requests.

    Args:
        document: As apispec made it.
        needs_key_to_read: Whether every route takes an API key.
        needs_key_to_score: Whether ``POST`` takes one.
        contact: Who answers questions, as OpenAPI has it; empty where nobody is named.
    """
    document = deepcopy(document)
    document["info"] |= {"description": DESCRIPTION, "license": LICENSE} | ({"contact": contact} if contact else {})
    document["components"]["securitySchemes"] = {
        "apiKey": {"type": "apiKey", "in": "header", "name": KEY_HEADER},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    # flask-smorest declares its own pagination header whether it is used or not.
    document["components"]["schemas"].pop("PaginationMetadata", None)
    # Its own answers to errors: every operation gets ours below.
    document["components"].pop("responses", None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            # To decide takes a key in any case: its holder's name is kept.
            is_deciding = method == "post" and path.endswith("/decisions")
            needs_key = (
                is_deciding or needs_key_to_read or (needs_key_to_score and method == "post")
            ) and not path.endswith(_OPEN)
            operation["operationId"] = _operation_id(method, path)
            _complete(operation, needs_key=needs_key, is_cached=method == "get" and _is_cached(path))
    return document


def _operation_id(method: str, path: str) -> str:
    """A name for generated clients, e.g. ``get_establishments_history``; one of many is ``get_one_establishments``."""
    parts = [part for part in path.removeprefix(PREFIX).split("/") if part and not part.startswith("{")]
    number = ["one"] if path.endswith("}") else []
    return "_".join([method, *number, *parts]).replace("-", "_")


def _is_cached(path: str) -> bool:
    return not path.endswith((*_OPEN, "/metrics"))


def _complete(operation: dict[str, Any], *, needs_key: bool, is_cached: bool) -> None:
    responses = operation["responses"]
    responses.pop("default", None)
    for status, description in _ERRORS.items():
        if status != "422" or status in responses:
            responses[status] = _error(description)
    responses |= {status: _error(why) for status, why in _REFUSALS.items() if status in responses}
    if "requestBody" in operation:
        responses["400"] = _error("The body is not JSON.")
        responses["413"] = _error("The body is too large.")
        responses["415"] = _error("The body is of another type than JSON.")
    if needs_key:
        operation["security"] = _KEYS
        responses["401"] = _error("The API key is missing or not known.")
    if is_cached:
        operation.setdefault("parameters", []).extend((_IF_NONE_MATCH, _IF_MODIFIED_SINCE))
        responses["200"].setdefault("headers", {}).update(_CACHE_HEADERS)
        responses["304"] = {"description": "Nothing has changed since.", "headers": deepcopy(_CACHE_HEADERS)}
    for response in responses.values():
        response.setdefault("headers", {})[REQUEST_ID_HEADER] = _REQUEST_ID
    for status in ("429", "503"):
        responses[status]["headers"]["Retry-After"] = _RETRY_AFTER
    operation["responses"] = dict(sorted(responses.items()))


def _error(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Error"}}},
    }


_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The `ETag` of an earlier answer.",
    "schema": {"type": "string", "examples": ['W/"5d41402abc4b2a76b9719d911017c592"']},
}
_IF_MODIFIED_SINCE = {
    "in": "header",
    "name": "If-Modified-Since",
    "required": False,
    "description": "The `Last-Modified` of an earlier answer, as it came; counts where no `If-None-Match` is sent.",
    "schema": {"type": "string", "examples": ["Mon, 07 Oct 2024 06:30:00 GMT"]},
}
_CACHE_HEADERS = {
    "ETag": {"description": "Changes whenever the answer does.", "schema": {"type": "string"}},
    "Last-Modified": {
        "description": "When the data were published, where that is known.",
        "schema": {"type": "string"},
    },
    "Cache-Control": {"description": "How long the answer may be kept unasked.", "schema": {"type": "string"}},
}
_REQUEST_ID = {"description": "Id of the request.", "schema": {"type": "string"}}
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
