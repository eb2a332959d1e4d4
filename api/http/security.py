"""Who may call, and what browsers are told; :mod:`food_inspections.access` has the keys and their roles."""

import re
import secrets

from flask import Flask, Response, current_app, g, request

from food_inspections.access import Keys, Writers, digest_of
from food_inspections.api.http.errors import ApiError
from food_inspections.api.http.limits import ANONYMOUS, Limits
from food_inspections.serving.problems import REQUEST_ID_HEADER
from food_inspections.settings import Settings

WRITERS = "food-inspections-writers"
NO_WRITERS = "its operator sets FOOD_INSPECTIONS_API_WRITERS to NAME:KEY of each who may."
KEY_HEADER = "X-API-Key"
OPEN_ENDPOINTS = frozenset(
    {"health.Live", "health.Ready", "root_live", "root_ready"}
    | {f"documentation.{name}" for name in ("root", "specification", "page", "page_slash", "initializer", "file")}
)
"""Open even where reading needs a key: probes carry none, and the documentation holds no data."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FINGERPRINT_DIGITS = 12

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_EXPOSED_HEADERS = f"ETag, Link, Retry-After, X-Pagination, {REQUEST_ID_HEADER}"
_ALLOWED_HEADERS = f"Content-Type, Authorization, {KEY_HEADER}, If-None-Match, If-Modified-Since"
_PREFLIGHT_SECONDS = "600"


def register(app: Flask, settings: Settings, limits: Limits) -> None:
    """Name each request, check keys, and set the headers of each response."""
    keys, writers = Keys(settings.api_keys), Writers(settings.api_writers)
    app.extensions[WRITERS] = writers
    origins = frozenset(settings.api_cors_origins)

    @app.before_request
    def identify() -> None:
        asked = request.headers.get(REQUEST_ID_HEADER, "")
        g.request_id = asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
        g.caller = ANONYMOUS
        g.writer = None

    @app.before_request
    def authorise() -> None:
        if request.method == "OPTIONS" or request.endpoint in OPEN_ENDPOINTS:
            return
        is_write = request.method not in ("GET", "HEAD")
        _check_key(keys, writers, limits, is_needed=settings.is_api_private or (bool(keys) and is_write))

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.extend({REQUEST_ID_HEADER: g.get("request_id", ""), **_HEADERS})
        headers.setdefault("Content-Security-Policy", _POLICY)
        if request.is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if settings.is_api_private:
            response.vary.update((KEY_HEADER, "Authorization"))
        if origins:
            _allow_origin(response, origins)
        return response


def writer() -> str:
    """Name of the writer whose key came with the request: who decides.

    Raises:
        ApiError: No key came, one that nobody holds, or one of a reader; or the deployment has no writers.
    """
    if g.writer is not None:
        return str(g.writer)
    if not current_app.extensions[WRITERS]:
        raise ApiError(403, "no_writers", f"Nobody may decide here: {NO_WRITERS}")
    if g.caller == ANONYMOUS:
        raise _unauthorized(is_missing=_presented_key() is None)
    raise ApiError(403, "forbidden", "This key may read and score; to decide takes a key of role writer.")


def _check_key(keys: Keys, writers: Writers, limits: Limits, *, is_needed: bool) -> None:
    key = _presented_key()
    if key is not None and (keys or writers):
        limits.refuse_guesser()
        # Both are looked through in any case: a refusal takes as long as a welcome.
        holder, is_reader = writers.name_of(key), keys.accepts(key)
        if holder is not None or is_reader:
            g.writer, g.caller = holder, digest_of(key)[:_FINGERPRINT_DIGITS]
            return
        limits.count_wrong_key()
    if is_needed:
        raise _unauthorized(is_missing=key is None)


def _presented_key() -> str | None:
    key = request.headers.get(KEY_HEADER)
    if key is None:
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        key = credentials.strip() if scheme.lower() == "bearer" else None
    return key or None


def _unauthorized(*, is_missing: bool) -> ApiError:
    problem = "This needs an API key" if is_missing else "This API key is not known"
    return ApiError(
        401,
        "unauthorized",
        f"{problem}: send it in the header {KEY_HEADER}, or as Authorization: Bearer KEY.",
        headers={"WWW-Authenticate": 'Bearer realm="food-inspections"'},
    )


def _allow_origin(response: Response, origins: frozenset[str]) -> None:
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
