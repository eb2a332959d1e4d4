"""What browsers may do with the dashboard's pages, and the path it is served under."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from dash import Dash
from flask import Response

from food_inspections.settings import Settings

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def add_security_headers(app: Dash, settings: Settings) -> None:
    """Let pages load from the dashboard itself only, and be framed by nobody.

    Call it when every callback is registered: Dash's own inline scripts are allowed by their hashes.
    """
    images = " ".join(filter(None, ("'self'", "data:", _tile_origin(settings.map_tiles_url))))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(app.csp_hashes())}",
            # Plotly sets styles on what it draws.
            "style-src 'self' 'unsafe-inline'",
            f"img-src {images}",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )

    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    app.server.after_request(add_headers)


def _tile_origin(url: str | None) -> str | None:
    """The host tiles come from, as a source of the policy."""
    if not url:
        return None
    parts = urlsplit(url)
    # {s} stands for one of the tile server's names.
    host = parts.netloc.replace("{s}", "*")
    return f"{parts.scheme}://{host}" if parts.scheme in ("http", "https") and host else None


class ServedUnder:
    """WSGI middleware: takes the prefix off the path, where the proxy has not done so."""

    def __init__(self, prefix: str, app: Wsgi) -> None:
        self.prefix = prefix.rstrip("/")
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request as WSGI asks for it."""
        path = environ.get("PATH_INFO", "")
        if self.prefix and (path == self.prefix or path.startswith(self.prefix + "/")):
            environ["PATH_INFO"] = path[len(self.prefix) :] or "/"
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self.prefix
        return self.app(environ, start_response)
