"""Rows as JSON: one, or pages of them, which are CSV and GeoJSON as well.

PostgreSQL writes the JSON of each row: making it here, value by value, took most of the
time of a long list, and half of that of a single row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import marshmallow as ma
from sqlalchemy import Connection, TextClause, text

from food_inspections.api.http import pagination
from food_inspections.api.http.representation import GEOJSON, Body, MediaType, csv_body
from food_inspections.api.queries.paging import read_page
from food_inspections.api.queries.prepared import Prepared

_ARRAY = "[", "]"
_COLLECTION = '{"type":"FeatureCollection","features":[', "]}"


class Single:
    """How the one row of a query is shown.

    Args:
        schema: Of the row; its fields are columns of the query, as those of a listing.
        query: Gives one row at most.
        facts: Further columns of the query that are told beside the JSON.
    """

    def __init__(self, schema: ma.Schema, query: str, facts: tuple[str, ...] = ()) -> None:
        self.schema = schema
        self._query = Prepared(_as_documents(query, _object(tuple(schema.fields)), facts))

    def find(self, connection: Connection, **parameters: Any) -> Any:
        """The row's facts and its JSON as ``document``; ``None`` where there is no row."""
        return self._query.row(connection, parameters)

    @staticmethod
    def body(row: Any) -> Body:
        """The row as an answer."""
        return Body(row.document.encode(), "application/json")


@dataclass(frozen=True)
class Listing:
    """How the rows of a query are shown.

    Attributes:
        schema: Of one row; its fields are columns of the query, whose types are JSON's own, texts, days or times.
    """

    schema: ma.Schema

    @property
    def columns(self) -> list[str]:
        """Names of the fields, in order."""
        return list(self.schema.fields)

    def body(
        self,
        connection: Connection,
        query: TextClause,
        parameters: Mapping[str, Any],
        arguments: Mapping[str, Any],
        media_type: MediaType,
        file_name: str,
    ) -> Body:
        """One page, with the headers that tell where in the rows it lies.

        Args:
            connection: To read on.
            query: Takes ``:page_size`` and ``:first``; its column ``total`` counts the rows of all pages.
            parameters: What else it takes.
            arguments: ``page``, ``page_size`` and ``format`` of the request.
            media_type: What the caller wants.
            file_name: Name a browser saves it under, without its ending.
        """
        if media_type == "text/csv":
            rows, total = read_page(connection, query, parameters, arguments)
            headers = pagination.headers(arguments["page"], arguments["page_size"], total)
            return csv_body(
                self.schema.dump(rows, many=True),
                self.columns,
                file_name,
                headers,
                # A spreadsheet takes a file without the mark for one in its own encoding.
                with_mark=arguments.get("format") == "csv",
            )
        columns = tuple(self.columns)
        document, frame = (_feature(columns), _COLLECTION) if media_type == GEOJSON else (_object(columns), _ARRAY)
        pages, total = read_page(connection, _listed(query.text, document, frame), parameters, arguments)
        headers = pagination.headers(arguments["page"], arguments["page_size"], total)
        return Body((pages[0]["document"] if pages else "".join(frame)).encode(), media_type, headers)


@cache
def _listed(query: str, document: str, frame: tuple[str, str]) -> TextClause:
    """One row with the document of the whole page, its rows in order; no row where the page has none.

    Whole as it is sent: put together here, a long page is copied several times.
    """
    rows = _as_documents(query, document, ("total",))
    opening, closing = frame
    columns = f"'{opening}' || string_agg(document, ',') || '{closing}' AS document, max(total) AS total"
    return text(f"SELECT {columns} FROM ({rows}) AS listed HAVING count(*) > 0")  # noqa: S608 - constants


def _as_documents(query: str, document: str, facts: tuple[str, ...]) -> str:
    columns = ", ".join([f"CAST({document} AS text) AS document", *(f"page.{fact}" for fact in facts)])
    return f"SELECT {columns} FROM ({query}) AS page"  # noqa: S608 - constants


def _object(columns: tuple[str, ...]) -> str:
    """SQL of a row of ``page`` as a JSON object."""
    return "json_build_object(" + ", ".join(f"'{column}', page.{column}" for column in columns) + ")"


def _feature(columns: tuple[str, ...]) -> str:
    """SQL of a row of ``page`` as a feature of RFC 7946; one without coordinates has no geometry."""
    point = "json_build_object('type', 'Point', 'coordinates', json_build_array(page.longitude, page.latitude))"
    geometry = f"CASE WHEN page.latitude IS NULL OR page.longitude IS NULL THEN NULL ELSE {point} END"
    return f"json_build_object('type', 'Feature', 'geometry', {geometry}, 'properties', {_object(columns)})"
