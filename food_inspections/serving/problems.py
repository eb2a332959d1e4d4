"""The one shape of every error: the problem details of RFC 9457."""

from http import HTTPStatus
from typing import Any

PROBLEM_TYPE = "application/problem+json"
REQUEST_ID_HEADER = "X-Request-ID"

_SLUGS = {413: "content_too_large", 414: "uri_too_long", 422: "unprocessable_content"}


def problem(status: int, slug: str, message: str, request_id: str, details: Any = None) -> dict[str, Any]:
    """Problem details, with a code for programs and the request's id.

    Args:
        status: HTTP status.
        slug: Stable name of the kind of error.
        message: A sentence the caller can act on.
        request_id: Under which the log knows the request.
        details: What exactly, as JSON; left out where ``None``.
    """
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "code": slug,
        "request_id": request_id,
    }
    return document if details is None else document | {"details": details}


def slug_of(status: int) -> str:
    """Name of an HTTP status for programs, e.g. ``method_not_allowed``; the same in every version of Python."""
    return _SLUGS.get(status) or HTTPStatus(status).name.lower()
