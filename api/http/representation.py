"""Rows as JSON or CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import json, request

MediaType = Literal["application/json", "text/csv", "application/geo+json"]
GEOJSON: MediaType = "application/geo+json"

FORMATS: Mapping[str, MediaType] = {"json": "application/json", "csv": "text/csv", "geojson": GEOJSON}
"""What ``?format=`` takes, for links that send no header."""

_BYTE_ORDER_MARK = "\ufeff"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Body:
    """A rendered answer.

    Attributes:
        content: The bytes.
        content_type: Their media type, with its parameters.
        headers: Further response headers that belong to the content.
    """

    content: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


def wanted_media_type(*offered: str, chosen: str | None = None) -> MediaType:
    """What the caller wants: by ``?format=``, else by ``Accept``, else JSON.

    Args:
        offered: Names in ``FORMATS`` beside json.
        chosen: The argument ``format``.
    """
    if chosen is not None:
        return FORMATS[chosen]
    media_types = [FORMATS[name] for name in ("json", *offered)]
    best = request.accept_mimetypes.best_match(media_types)
    return next((media_type for media_type in media_types if media_type == best), "application/json")


def json_body(document: Any, headers: Mapping[str, str] | None = None) -> Body:
    """A document as compact JSON."""
    content = json.dumps(document, allow_nan=False, separators=(",", ":"), sort_keys=False).encode()
    return Body(content, "application/json", headers or {})


def rows_body(
    media_type: MediaType,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    file_name: str,
    headers: Mapping[str, str] | None = None,
) -> Body:
    """Dumped rows as a JSON list, or as CSV with a header line.

    Args:
        media_type: What the caller wants.
        rows: Rows as a schema dumps them.
        columns: Columns of the CSV, in order.
        file_name: Name a browser saves the CSV under.
        headers: Further response headers.
    """
    if media_type == "application/json":
        return json_body(rows, headers)
    return csv_body(rows, columns, file_name, headers)


def csv_body(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    file_name: str,
    headers: Mapping[str, str] | None = None,
    *,
    with_mark: bool = False,
) -> Body:
    """Dumped rows as CSV with a header line; with the mark of UTF-8 before it, where asked for."""
    text = io.StringIO(_BYTE_ORDER_MARK if with_mark else "")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    disposition = {"Content-Disposition": f'attachment; filename="{file_name}.csv"'}
    return Body(text.getvalue().encode(), "text/csv; charset=utf-8", disposition | dict(headers or {}))


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):  # reasons: the sentences of those that raise the score
        return "; ".join(
            str(item["text"]) if isinstance(item, Mapping) else str(item)
            for item in value
            if not isinstance(item, Mapping) or item.get("effect", 1) > 0
        )
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        # A spreadsheet would run it as a formula; names come from public data.
        return f"'{value}"
    return value
