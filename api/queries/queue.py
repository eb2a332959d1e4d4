"""Published queues."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, TextClause, text

from food_inspections.api.http.caching import Version
from food_inspections.api.queries.prepared import Prepared

Box = tuple[float, float, float, float]
"""West, south, east and north, in degrees."""

_PUBLICATION = Prepared(
    """
    SELECT week, version, published_at, content_hash, model_id, row_count
    FROM api.published_queues
    WHERE week = coalesce(:week, (SELECT max(week) FROM api.published_queues))
      AND (CAST(:version AS integer) IS NULL OR version = :version)
    ORDER BY CASE WHEN week < :this_week THEN version ELSE -version END
    LIMIT 1
    """
)
_ORDERS = {"rank": "rank", "-score": "score DESC, rank", "score": "score, rank", "last_visit": "last_visit, rank"}
_ROWS = {
    order: text(
        f"""
        SELECT rank, establishment_id, score, score_low, score_high, net_score, label, reasons, dba_name, address,
               zip, facility_type, risk, latitude, longitude, last_visit, days_since_last_visit, last_result,
               is_reinspection_open, is_on_list, is_random_draw, threshold, model_id, model_cutoff, week, version,
               published_at, count(*) OVER () AS total
        FROM api.inspection_queue
        WHERE week = :week AND version = :version
          AND (is_on_list OR :is_everything)
          AND (CAST(:zip AS text) IS NULL OR zip = :zip)
          AND (CAST(:facility_type AS text) IS NULL OR facility_type = :facility_type)
          AND (CAST(:min_score AS double precision) IS NULL OR score >= :min_score)
          AND (CAST(:west AS double precision) IS NULL
               OR longitude BETWEEN :west AND :east AND latitude BETWEEN :south AND :north)
        ORDER BY {columns}
        LIMIT :page_size OFFSET :first
        """  # noqa: S608 - constants of this module
    )
    for order, columns in _ORDERS.items()
}
_PUBLICATIONS = text(
    """
    SELECT week, version, published_at, model_id, row_count, count(*) OVER () AS total
    FROM api.published_queues
    WHERE (CAST(:since AS timestamptz) IS NULL OR published_at >= :since)
    ORDER BY published_at DESC, week DESC, version DESC
    LIMIT :page_size OFFSET :first
    """
)
_STATE_OF_PUBLICATIONS = Prepared(
    """
    SELECT count(*) AS publications, max(published_at) AS published_at FROM api.published_queues
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
    asked = {"week": week, "version": version, "this_week": this_week}
    row = _PUBLICATION.row(connection, asked)
    if row is None:
        return None
    token = f"{row.week}/{row.version}/{row.content_hash}/{row.published_at.isoformat()}"
    # A version, once published, stays; which one is shown by default may change.
    is_unchanging = week is not None and version is not None
    return Version(token, row.published_at, is_unchanging, facts=row._asdict())


def queue_query(
    publication: Mapping[str, Any], arguments: Mapping[str, Any], box: Box | None
) -> tuple[TextClause, dict[str, Any]]:
    """The rows of a published version, in the order asked for: a query of pages, and its parameters."""
    west, south, east, north = box or (None,) * 4
    return _ROWS[arguments["sort"]], {
        "week": publication["week"],
        "version": publication["version"],
        "is_everything": arguments["scope"] == "all",
        **{name: arguments.get(name) for name in ("zip", "facility_type", "min_score")},
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }


def publications_query(since: datetime | None) -> tuple[TextClause, dict[str, Any]]:
    """Published versions, newest first: a query of pages, and its parameters."""
    return _PUBLICATIONS, {"since": since}


def find_publications(connection: Connection) -> Version:
    """The state of the list of publications."""
    row = _STATE_OF_PUBLICATIONS.row(connection)
    return Version(f"{row.publications}/{row.published_at}", row.published_at)
