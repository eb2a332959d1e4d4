"""A Socrata portal on this machine: inspection files over HTTP, for real SODA clients, loopback only.

HTTP and the forms of an answer are here; queries are in ``query``, the rows in ``table``.
"""

import csv
import hmac
import io
import ipaddress
import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

import pandas as pd

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.profile import Profile
from food_inspections.errors import DataError, SettingsError
from food_inspections.portal.query import QueryError
from food_inspections.portal.table import InspectionTable, Source, Value
from food_inspections.settings import DEFAULT_CITY, DEFAULT_DATASET

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
JSON = "application/json;charset=utf-8"
CSV = "text/csv;charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What a client asks: path, parameters and headers (names in lower case)."""

    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What it gets; a ``Content-Length`` among the headers is sent instead of the true one."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": JSON})


class PortalServer:
    """Serves inspections as the Socrata portal does; also a context manager that runs it in a thread.

    ``answer`` is the seam: all requests pass through it and nothing else speaks HTTP, so a
    subclass can make a portal that misbehaves.

    Args:
        sources: CSV files or frames with the portal's field names, or one of them.
        host: A loopback address; there is no protection for any other.
        port: Port; 0 takes a free one.
        profile: What the columns mean; those of the default city by default.
        dataset: The id the data set is served under; the profile's by default.
        app_token: Token every client must send; ``None`` serves anybody.
        as_of: Rows with a later ``published_at`` are held back; ``None`` serves all.

    Raises:
        SettingsError: The host is not loopback, or the port is taken.
        DataError: A source cannot be served.
    """

    def __init__(
        self,
        sources: Sequence[Source] | Source,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        profile: Profile | None = None,
        dataset: str | None = None,
        app_token: str | None = None,
        as_of: date | None = None,
    ) -> None:
        if not _is_loopback(host):
            raise SettingsError(f"Host {host!r}: the local portal listens on this machine only, use {LOOPBACK}.")
        self._host = host
        profile = profile or load_profile(DEFAULT_CITY)
        self._dataset = dataset or (profile.portal.dataset if profile.portal else DEFAULT_DATASET)
        self._app_token = app_token
        self._table = InspectionTable(_several(sources), profile, as_of)
        try:
            self._http = _HttpServer((host, port), _handler(self))
        except OSError as error:
            self._table.close()
            raise SettingsError(f"Port {port} of {host} cannot be used ({error.strerror}): choose another.") from error
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Base address, as FOOD_INSPECTIONS_PORTAL_URL takes it."""
        return f"http://{self._host}:{self._http.server_port}"

    @property
    def row_count(self) -> int:
        """How many rows it serves."""
        return self._table.row_count

    @property
    def superseded_count(self) -> int:
        """How many rows of the sources it does not serve: earlier versions of others."""
        return self._table.superseded_count

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
        self.close()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted."""
        self._http.serve_forever()

    def close(self) -> None:
        """Free the port and the table."""
        self._http.server_close()
        self._table.close()

    def replace(self, sources: Sequence[Source] | Source, as_of: date | None = None) -> None:
        """Serve other sources from now on; what they change is stamped as revised now."""
        self._table.replace(_several(sources), as_of)

    def answer(self, request: Request) -> Answer:
        """Answer one request: rows, metadata, or an error in Socrata's shape."""
        if self._app_token is not None and not hmac.compare_digest(_token(request), self._app_token):
            return _error(HTTPStatus.FORBIDDEN, "permission_denied", "Invalid app_token specified")
        routes = {
            f"/resource/{self._dataset}.json": self._json_rows,
            f"/resource/{self._dataset}.csv": self._csv_rows,
            f"/api/views/{self._dataset}.json": self._metadata,
            f"/api/views/{self._dataset}": self._metadata,
        }
        if request.path not in routes:
            return _error(HTTPStatus.NOT_FOUND, "dataset.missing", "Not found", {"path": request.path})
        try:
            self._table.refresh()
            return routes[request.path](request)
        except QueryError as error:
            return _error(HTTPStatus.BAD_REQUEST, "query.soql.unsupported", str(error))
        except DataError as error:
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", str(error))

    def _csv_rows(self, request: Request) -> Answer:
        names, rows = self._table.select(request.parameters)
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
        return Answer(HTTPStatus.OK, text.getvalue().encode(), {"Content-Type": CSV})

    def _json_rows(self, request: Request) -> Answer:
        """Numbers as text, locations as objects, nulls left out."""
        names, rows = self._table.select(request.parameters)
        forms = [(name, _place if self._table.kinds.get(name) == "location" else str) for name in names]
        objects = [
            {name: form(value) for (name, form), value in zip(forms, row, strict=True) if value is not None}
            for row in rows
        ]
        return Answer(HTTPStatus.OK, json.dumps(objects, ensure_ascii=False, separators=(",", ":")).encode())

    def _metadata(self, request: Request) -> Answer:
        newest = self._table.newest_update
        document = {
            "id": self._dataset,
            "name": "Food Inspections",
            "assetType": "dataset",
            "rowsUpdatedAt": int(newest.timestamp()) if newest else None,
            "columns": [
                {"id": position, "name": name, "fieldName": name, "dataTypeName": kind}
                for position, (name, kind) in enumerate(self._table.kinds.items())
                if not name.startswith(":")
            ],
        }
        return Answer(HTTPStatus.OK, json.dumps(document).encode())


def serve(
    files: Sequence[Path],
    *,
    profile: Profile | None = None,
    dataset: str | None = None,
    port: int = 0,
    host: str = LOOPBACK,
    app_token: str | None = None,
    as_of: date | None = None,
) -> PortalServer:
    """A portal of these files, not yet serving: print its ``url``, then call ``serve_forever``."""
    return PortalServer(
        list(files), profile=profile, dataset=dataset, host=host, port=port, app_token=app_token, as_of=as_of
    )


def _place(value: Value) -> dict[str, str]:
    latitude, _, longitude = str(value).strip("()").partition(",")
    return {"latitude": latitude.strip(), "longitude": longitude.strip()}


def _several(sources: Sequence[Source] | Source) -> Sequence[Source]:
    return [sources] if isinstance(sources, Path | pd.DataFrame) else sources


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token(request: Request) -> str:
    return request.headers.get("x-app-token") or request.parameters.get("$$app_token") or ""


def _error(status: int, code: str, message: str, data: Mapping[str, object] | None = None) -> Answer:
    body = {"code": code, "error": True, "message": message, "data": dict(data or {})}
    return Answer(status, json.dumps(body).encode())


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    # A client's idle connection must not hold up the end.
    block_on_close = False


def _handler(portal: PortalServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave together: written apart, each answer waits 40 ms for an acknowledgement.
        wbufsize = 1 << 16
        disable_nagle_algorithm = True
        timeout = 60

        def do_GET(self) -> None:
            started = time.perf_counter()
            address = urlsplit(self.path)
            parameters = dict(parse_qsl(address.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = portal.answer(Request(unquote(address.path), parameters, headers))
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
            asked = " ".join(f"{name}={value}" for name, value in parameters.items() if name != "$$app_token")
            logger.info(
                "%d %s %s (%d bytes, %.0f ms)",
                answer.status,
                address.path,
                asked,
                len(answer.body),
                1000 * (time.perf_counter() - started),
            )

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Requests are logged above, without the token."""

    return Handler
