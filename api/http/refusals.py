"""What gunicorn refuses itself, before it is a request of the application: in the one shape of errors."""

import json
import logging
import secrets
from socket import socket

from gunicorn import util

from food_inspections.api.http.errors import PROBLEM_TYPE, problem, slug_of
from food_inspections.api.http.security import REQUEST_ID_HEADER

logger = logging.getLogger("food_inspections.api")


def install() -> None:
    """Let the workers of this process answer so; gunicorn has no setting for it."""
    util.write_error = write_problem


def write_problem(client: socket, status: int, reason: str, message: str) -> None:
    """Answer what cannot be read as a request.

    Args:
        client: Whom to answer.
        status: HTTP status.
        reason: Its phrase.
        message: What gunicorn found wrong; nothing where the error is its own.
    """
    request_id = secrets.token_hex(8)
    logger.warning("Request %s was refused with %d: %s", request_id, status, message or reason)
    content = json.dumps(problem(status, slug_of(status), message or reason, request_id)).encode()
    head = (
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        f"Content-Type: {PROBLEM_TYPE}",
        f"Content-Length: {len(content)}",
        "Cache-Control: no-store",
        f"{REQUEST_ID_HEADER}: {request_id}",
    )
    util.write_nonblock(client, "\r\n".join((*head, "", "")).encode() + content)
