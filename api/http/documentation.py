"""The specification at ``/openapi.json`` and Swagger UI at ``/docs``.

Swagger UI's files come from the package flask-swagger-ui; nothing is fetched from
elsewhere, and the page runs no inline script, so that its content policy can be strict.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from mimetypes import guess_type
from typing import Any

from flask import Blueprint, Response, abort, json, redirect, request, url_for
from flask_smorest import Api
from werkzeug.wrappers import Response as WerkzeugResponse

from food_inspections.api.http.compression import PACKED_MEDIA_TYPES, compressed, is_accepted
from food_inspections.api.http.specification import completed

_FILES = frozenset(
    {"swagger-ui.css", "index.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png"}
)
# Swagger UI sets style attributes; it needs no other exception.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Food Inspections API</title>
<link rel="icon" type="image/png" href="favicon-32x32.png" sizes="32x32">
<link rel="stylesheet" href="index.css">
<link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="swagger-ui-standalone-preset.js"></script>
<script src="initializer.js"></script>
</body>
</html>
"""
_INITIALIZER = """window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "../openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: null,
    persistAuthorization: false,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
    layout: "StandaloneLayout",
  });
});
"""


def blueprint(api: Api, *, needs_key_to_read: bool, needs_key_to_score: bool, contact: Mapping[str, str]) -> Blueprint:
    """The routes of the documentation.

    Args:
        api: Whose specification to serve; complete once all resources are registered.
        needs_key_to_read: Whether every route takes an API key.
        needs_key_to_score: Whether ``POST`` takes one.
        contact: Who answers questions; see :func:`completed`.
    """
    pages = Blueprint("documentation", __name__)
    made: dict[str, Any] = {}

    @lru_cache(maxsize=2)
    def written(prefix: str) -> _File:
        if not made:
            made.update(completed(api.spec.to_dict(), needs_key_to_read, needs_key_to_score, contact))
        # Behind a proxy the routes lie under the prefix that the proxy names.
        content = json.dumps(made | {"servers": [{"url": prefix or "/"}]}, sort_keys=False).encode()
        return _File.of(content, "application/json")

    @pages.get("/openapi.json")
    def specification() -> WerkzeugResponse:
        return _answered(written(request.script_root), "no-cache")

    @pages.get("/")
    def root() -> WerkzeugResponse:
        return redirect(url_for("documentation.page_slash"))

    @pages.get("/docs")
    def page() -> WerkzeugResponse:
        # The page names its files by relative addresses, which only work below /docs/.
        return redirect(url_for("documentation.page_slash"), 308)

    @pages.get("/docs/")
    def page_slash() -> WerkzeugResponse:
        return _guarded(Response(_PAGE, mimetype="text/html"))

    @pages.get("/docs/initializer.js")
    def initializer() -> WerkzeugResponse:
        return _guarded(Response(_INITIALIZER, mimetype="text/javascript"))

    @pages.get("/docs/<path:name>")
    def file(name: str) -> WerkzeugResponse:
        if name not in _FILES:
            abort(404)
        return _guarded(_answered(_kept(name), "public, max-age=3600"))

    return pages


@dataclass(frozen=True)
class _File:
    content: bytes
    packed: bytes | None
    media_type: str
    etag: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "_File":
        """Content, packed where that is worth it."""
        packed = compressed(content) if media_type in PACKED_MEDIA_TYPES else None
        return cls(content, packed, media_type, hashlib.sha256(content).hexdigest()[:32])


@cache
def _kept(name: str) -> _File:
    """A file of Swagger UI, read and packed once: packing the largest takes 50 times as long as sending it."""
    content = (files("flask_swagger_ui") / "dist" / name).read_bytes()
    return _File.of(content, guess_type(name)[0] or "application/octet-stream")


def _answered(kept: _File, cache_control: str) -> WerkzeugResponse:
    use_packed = kept.packed is not None and is_accepted()
    response = Response(kept.packed if use_packed else kept.content, mimetype=kept.media_type)
    if use_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(kept.etag, weak=True)
    response.headers["Cache-Control"] = cache_control
    return response.make_conditional(request)


def _guarded(response: WerkzeugResponse) -> WerkzeugResponse:
    response.headers["Content-Security-Policy"] = _POLICY
    return response
