"""Answers that cost a small query when nothing has changed.

Every cacheable answer has a *version*: a short text that changes whenever the data
behind it change, found by one small query. From it and the request comes the
``ETag``; ``Last-Modified`` is when the data were published. The body is made, in the
same snapshot as its version, only where neither the caller nor this worker has it
already.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import http_date

from food_inspections.api.database import Database
from food_inspections.api.http.compression import compressed, is_accepted
from food_inspections.api.http.errors import is_away
from food_inspections.api.http.representation import Body
from food_inspections.errors import StorageError

EXTENSION = "food-inspections-answers"
REVALIDATE = "no-cache, stale-if-error=86400"
UNCHANGING = "max-age=3600"

_LARGEST_KEPT_BYTES = 8 * 1024 * 1024
_KEPT_BYTES = 32 * 1024 * 1024
_REQUESTS_REMEMBERED = 10_000


@dataclass(frozen=True)
class Version:
    """What state of the data an answer shows.

    Attributes:
        token: Changes whenever those data change.
        published_at: When they were published, where that is known.
        is_unchanging: Whether this very request can never be answered otherwise.
        facts: What the query of the version found, for the query of the body.
    """

    token: str
    published_at: datetime | None = None
    is_unchanging: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kept:
    """A body as it is sent: packed for those who take it so, else plain."""

    body: Body
    is_packed: bool

    @classmethod
    def of(cls, body: Body) -> "_Kept":
        """The body as the present caller takes it."""
        packed = compressed(body.content) if is_accepted() else None
        return cls(body, False) if packed is None else cls(replace(body, content=packed), True)


class AnswerCache:
    """The bodies made last, by ETag and encoding, within a bound of memory; one per worker.

    Args:
        kept_bytes: Bound of memory.
    """

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept: OrderedDict[tuple[str, bool], _Kept] = OrderedDict()
        self._last: OrderedDict[object, tuple[str, Version]] = OrderedDict()
        self._room = kept_bytes
        self._lock = threading.Lock()

    def get(self, etag: str) -> _Kept | None:
        """A body as the present caller takes it, or ``None``."""
        place = etag, is_accepted()
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None:
                self._kept.move_to_end(place)
            return kept

    def put(self, etag: str, kept: _Kept) -> None:
        """Keep a body for callers like the present one; those used longest ago go where there is no room."""
        place, size = (etag, is_accepted()), len(kept.body.content)
        if size > _LARGEST_KEPT_BYTES:
            return
        with self._lock:
            replaced = self._kept.pop(place, None)
            self._room += (len(replaced.body.content) if replaced else 0) - size
            self._kept[place] = kept
            while self._room < 0:
                _, oldest = self._kept.popitem(last=False)
                self._room += len(oldest.body.content)

    def remember(self, asked: object, etag: str, version: Version) -> None:
        """Note what was last true of a request."""
        with self._lock:
            self._last[asked] = (etag, version)
            self._last.move_to_end(asked)
            if len(self._last) > _REQUESTS_REMEMBERED:
                self._last.popitem(last=False)

    def last(self, asked: object) -> tuple[_Kept, str, Version] | None:
        """The last good answer to a request, where its body is still kept."""
        with self._lock:
            etag, version = self._last.get(asked, ("", None))
        kept = self.get(etag)
        return None if kept is None or version is None else (kept, etag, version)


def register(app: Flask) -> None:
    """Give the app its cache."""
    app.extensions[EXTENSION] = AnswerCache()


def cached(
    database: Database,
    key: object,
    find_version: Callable[[Connection], Version],
    make_body: Callable[[Connection, Version], Body],
) -> Response:
    """Answer the present request from what is known already, as far as possible.

    Args:
        database: Where the data are.
        key: The request's arguments, after defaults: what else the body depends on.
        find_version: One small query; raises where there is nothing to answer with.
        make_body: Reads the data and renders them.
    """
    answers: AnswerCache = current_app.extensions[EXTENSION]
    asked = (request.endpoint, key)
    try:
        version = database.read(find_version)
        etag = etag_of(version, key)
        kept = answers.get(etag)
        if kept is None and not _is_known_to_caller(etag, version):
            version, body = database.snapshot(lambda connection: _made(connection, find_version, make_body))
            etag = etag_of(version, key)
            kept = _Kept.of(body)
            answers.put(etag, kept)
    except (StorageError, SQLAlchemyError) as error:
        last = answers.last(asked) if is_away(error) else None
        if last is None:
            raise
        return _stale(*last)
    answers.remember(asked, etag, version)
    return _answered(kept, etag, version)


def _stale(kept: _Kept, etag: str, version: Version) -> Response:
    """The last good answer, while the database is away."""
    response = _answered(kept, etag, version)
    response.headers["Warning"] = '111 - "Revalidation Failed"'
    return response


def unkept(version: Version, key: object, body: Body) -> Response:
    """Answer with a body that came with its version: a single row costs no more than finding it here would."""
    etag = etag_of(version, key)
    return _answered(_Kept(body, is_packed=False), etag, version)


def _answered(kept: _Kept | None, etag: str, version: Version) -> Response:
    if kept is None or _is_known_to_caller(etag, version):
        return _described(Response(status=304), etag, version)
    return _described(_response(kept), etag, version)


def _is_known_to_caller(etag: str, version: Version) -> bool:
    """By its tag, or where none is sent by its date.

    Only the very date that was sent counts: where a publication is withdrawn, an older
    one is shown again, which whoever holds the withdrawn one need not have seen.
    """
    if "If-None-Match" in request.headers:
        return request.if_none_match.contains_weak(etag)
    since = request.headers.get("If-Modified-Since")
    return since is not None and version.published_at is not None and since == http_date(version.published_at)


def _made(
    connection: Connection,
    find_version: Callable[[Connection], Version],
    make_body: Callable[[Connection, Version], Body],
) -> tuple[Version, Body]:
    version = find_version(connection)
    return version, make_body(connection, version)


def etag_of(version: Version, key: object) -> str:
    """A weak validator: the same for the plain and the compressed body."""
    text = repr((current_app.config["API_VERSION"], request.endpoint, version.token, key))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _response(kept: _Kept) -> Response:
    response = Response(kept.body.content, content_type=kept.body.content_type)
    if kept.is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers.extend(kept.body.headers)
    return response


def _described(response: Response, etag: str, version: Version) -> Response:
    scope = "private" if current_app.config["IS_API_PRIVATE"] else "public"
    headers = {
        "Cache-Control": f"{scope}, {UNCHANGING if version.is_unchanging else REVALIDATE}",
        "ETag": f'W/"{etag}"',
        "Vary": "Accept, Accept-Encoding",
    }
    if version.published_at is not None:
        headers["Last-Modified"] = http_date(version.published_at)
    response.headers.extend(headers)
    return response
