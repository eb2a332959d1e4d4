"""Pages of rows, announced in the header ``X-Pagination`` as flask-smorest does."""

from typing import Any

from flask import json
from flask_smorest.pagination import PAGINATION_HEADER, PaginationMixin

HEADER_NAME = "X-Pagination"
HEADER: dict[str, Any] = {HEADER_NAME: PAGINATION_HEADER}

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
