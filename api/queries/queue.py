"""Published queues."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from food_inspections.api.http.caching import Version
from food_inspections.api.queries.paging import read_page

_PUBLICATION = text(
    """
    SELECT week, version, published_at, content_hash, model_id, row_count
    FROM api.published_queues
    WHERE week = coalesce(:week, (SELECT max(week) FROM api.published_queues))
      AND (CAST(:version AS integer) IS NULL OR version = :version)
    ORDER BY CASE WHEN week < :this_week THEN version ELSE -version END
    LIMIT 1
    """
)
_ROWS = text(
    """
    SELECT rank, establishment_id, score, label, reasons, dba_name, address, zip, facility_type, risk, latitude,
           longitude, last_visit, days_since_last_visit, last_result, is_reinspection_open, is_on_list, is_random_draw,
           threshold, model_id, model_cutoff, week, version, published_at, count(*) OVER () AS total
    FROM api.inspection_queue
    WHERE week = :week AND version = :version
      AND (is_on_list OR :is_everything)
      AND (CAST(:zip AS text) IS NULL OR zip = :zip)
      AND (CAST(:facility_type AS text) IS NULL OR facility_type = :facility_type)
    ORDER BY rank
    LIMIT :page_size OFFSET :first
    """
)


def find_publication(connection: Connection, week: date | None, version: int | None, this_week: date) -> Version | None:
    """The published version asked for.

    Args:
        connection: To read on.
        week: A Monday; ``None`` for the newest week published.
        version: A version; ``None`` for the first one of weeks before ``this_week`` and the newest one of others.
        this_week: Monday of the week under way.

    Returns:
        ``None`` where there is none; else a version whose facts hold the row of ``api.published_queues``.
    """
    row = connection.execute(_PUBLICATION, {"week": week, "version": version, "this_week": this_week}).one_or_none()
    if row is None:
        return None
    token = f"{row.week}/{row.version}/{row.content_hash}/{row.published_at.isoformat()}"
    # A version, once published, stays; which one is shown by default may change.
    is_unchanging = week is not None and version is not None
    return Version(token, row.published_at, is_unchanging, facts=dict(row._mapping))


def queue_rows(
    connection: Connection, publication: Mapping[str, Any], arguments: Mapping[str, Any]
) -> tuple[Sequence[RowMapping], int]:
    """One page of a published version, by rank, and how many rows there are on all pages."""
    parameters = {
        "week": publication["week"],
        "version": publication["version"],
        "is_everything": arguments["scope"] == "all",
        "zip": arguments.get("zip"),
        "facility_type": arguments.get("facility_type"),
    }
    return read_page(connection, _ROWS, parameters, arguments)
