"""gzip for those who take it.

Flask-Compress sends gzip even to callers that refuse it (``gzip;q=0``), and packs an
answer anew each time; here an answer that is kept is packed once.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.http import parse_accept_header

FROM_BYTES = 500

_LEVEL = 5
PACKED_MEDIA_TYPES = frozenset(
    {"application/json", "text/csv", "text/html", "text/css", "text/javascript", "application/javascript", "text/plain"}
)


def compressed(content: bytes) -> bytes | None:
    """The content packed, or ``None`` where that is not worth it."""
    # A fixed time stamp keeps equal contents equal.
    return gzip.compress(content, _LEVEL, mtime=0) if len(content) >= FROM_BYTES else None


def is_accepted() -> bool:
    """Whether the caller takes gzip."""
    return _takes_gzip(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=64)
def _takes_gzip(accepted: str) -> bool:
    """Read once for each of the few texts that callers send."""
    return parse_accept_header(accepted)["gzip"] > 0


def register(app: Flask) -> None:
    """Pack what was not packed already."""

    @app.after_request
    def pack(response: Response) -> Response:
        if response.mimetype not in PACKED_MEDIA_TYPES or "Content-Encoding" in response.headers:
            return response
        if "Accept-Encoding" not in response.headers.get("Vary", ""):
            response.vary.add("Accept-Encoding")
        if response.status_code != 200 or not is_accepted():
            return response
        response.direct_passthrough = False
        packed = compressed(response.get_data())
        if packed is not None:
            response.set_data(packed)
            response.headers["Content-Encoding"] = "gzip"
            _weaken_etag(response)
        return response


def _weaken_etag(response: Response) -> None:
    """A strong tag would promise the same bytes to those who get them unpacked."""
    etag, is_weak = response.get_etag()
    if etag is not None and not is_weak:
        response.set_etag(etag, weak=True)
