"""One page of a query."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, TextClause


def read_page(
    connection: Connection, query: TextClause, parameters: Mapping[str, Any], arguments: Mapping[str, Any]
) -> tuple[Sequence[RowMapping], int]:
    """The rows of a page, and how many there are on all pages.

    Args:
        connection: To read on.
        query: Takes ``:page_size`` and ``:first``; its column ``total`` counts the rows of all pages.
        parameters: What else it takes.
        arguments: ``page``, from 1, and ``page_size``.
    """
    size, page = arguments["page_size"], arguments["page"]
    asked = {**parameters, "page_size": size, "first": (page - 1) * size}
    rows = connection.execute(query, asked).mappings().all()
    if not rows and page > 1:
        # Past the last page no row is left to carry the total.
        first = connection.execute(query, asked | {"page_size": 1, "first": 0}).mappings().all()
        return [], first[0]["total"] if first else 0
    return rows, rows[0]["total"] if rows else 0
