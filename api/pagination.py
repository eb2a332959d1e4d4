"""Pages of rows, announced in the header ``X-Pagination`` as flask-smorest does."""

from typing import Any

from flask import json
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
    }
}

CSV: dict[str, Any] = {
    "schema": {"type": "string"},
    "content_type": "text/csv",
    "description": "The same rows as CSV with a header line, where `Accept: text/csv` asks for it.",
    "success": True,
}
"""How the CSV form of an answer is documented."""


def headers(page: int, page_size: int, total: int) -> dict[str, str]:
    """The header that tells where in the rows a page lies.

    Args:
        page: Number of the page, from 1.
        page_size: Rows a page.
        total: Rows on all pages.
    """
    metadata = PaginationMixin._make_pagination_metadata(page, page_size, total)
    return {HEADER_NAME: json.dumps(metadata)}
