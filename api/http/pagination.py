"""Pages of rows, announced in ``X-Pagination`` as flask-smorest does, and in ``Link`` as RFC 8288 has it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import json, request
from flask_smorest.pagination import PaginationMixin

HEADER_NAME = "X-Pagination"
HEADER: dict[str, Any] = {
    HEADER_NAME: {
        "description": "Where in the rows the page lies: a JSON object with total, total_pages and, where there are "
        "rows, first_page, last_page, page, previous_page and next_page.",
        "schema": {
            "type": "string",
            "contentMediaType": "application/json",
            "examples": ['{"total": 0, "total_pages": 0}'],
        },
    },
    "Link": {
        "description": "The first, previous, next and last page, as far as there are such, by `rel`.",
        "schema": {"type": "string", "examples": ['<?page=2>; rel="next"']},
    },
}

CSV: dict[str, Any] = {
    "schema": {"type": "string"},
    "content_type": "text/csv",
    "description": "The same rows as CSV with a header line, where `Accept: text/csv` asks for it.",
    "success": True,
}
"""How the CSV form of an answer is documented."""

GEOJSON: dict[str, Any] = {
    "schema": {"type": "object"},
    "content_type": "application/geo+json",
    "description": "The same rows as features of a map (RFC 7946), where `format=geojson` or `Accept` asks for it.",
    "success": True,
}
"""How the GeoJSON form of an answer is documented."""


def headers(page: int, page_size: int, total: int) -> dict[str, str]:
    """The headers that tell where in the rows a page lies.

    Args:
        page: Number of the page, from 1.
        page_size: Rows a page.
        total: Rows on all pages.
    """
    metadata = PaginationMixin._make_pagination_metadata(page, page_size, total)
    return {HEADER_NAME: json.dumps(metadata)} | _link(metadata)


def _link(metadata: Mapping[str, int]) -> dict[str, str]:
    """Links to other pages, relative to the request's own address."""
    relations = {"first": "first_page", "prev": "previous_page", "next": "next_page", "last": "last_page"}
    arguments = {name: value for name, value in request.args.items() if name != "page"}
    links = [
        f'<?{urlencode(arguments | {"page": metadata[page]})}>; rel="{relation}"'
        for relation, page in relations.items()
        if page in metadata
    ]
    return {"Link": ", ".join(links)} if links else {}
