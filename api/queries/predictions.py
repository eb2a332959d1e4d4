"""Published predictions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, TextClause, text

from food_inspections.api.http.caching import Version
from food_inspections.api.queries.prepared import Prepared

_IS_ACCEPTED = """
    EXISTS (
        SELECT FROM metadata.accepted_weeks AS a
        WHERE a.asset = 'api_predictions' AND a.week = api.predictions.week
    )
"""
_ONE_WEEK = Prepared(
    f"""
    SELECT week, published_at FROM api.predictions WHERE week = :week AND {_IS_ACCEPTED} LIMIT 1
    """  # noqa: S608 - constants of this module
)
_NEWEST_WEEK = Prepared(
    f"""
    SELECT week, published_at FROM api.predictions WHERE {_IS_ACCEPTED} ORDER BY week DESC LIMIT 1
    """  # noqa: S608 - constants of this module
)

_COLUMNS = (
    "establishment_id, score, score_low, score_high, net_score, label, inspection_id, inspection_date, week, dba_name, "
    "address, zip, facility_type, risk, threshold, model_id, model_cutoff, published_at"
)
_ORDERS = {
    "-score": "score DESC, establishment_id, inspection_id",
    "score": "score, establishment_id, inspection_id",
    "establishment_id": "establishment_id, inspection_id",
    "inspection_date": "inspection_date, length(inspection_id), inspection_id",
}
_LISTS = {
    order: text(
        f"""
        SELECT {_COLUMNS}, count(*) OVER () AS total
        FROM api.predictions
        WHERE week = :week
          AND (CAST(:date AS date) IS NULL OR inspection_date = :date)
          AND (CAST(:facility_type AS text) IS NULL OR facility_type = :facility_type)
          AND (CAST(:zip AS text) IS NULL OR zip = :zip)
          AND (CAST(:min_score AS double precision) IS NULL OR score >= :min_score)
        ORDER BY {columns}
        LIMIT :page_size OFFSET :first
        """  # noqa: S608 - constants of this module
    )
    for order, columns in _ORDERS.items()
}

# What comes counts before what was: the forecast of the newest queue, and the newest visit's
# score for a place that no queue knows (any more).
NEWEST_OF = f"""
    WITH queued AS (
        SELECT q.establishment_id, q.score, q.score_low, q.score_high, q.net_score, q.label,
               NULL::text AS inspection_id, NULL::date AS inspection_date, q.week, q.dba_name, q.address, q.zip,
               q.facility_type, q.risk, q.threshold, q.model_id, q.model_cutoff, q.published_at, q.reasons,
               'inspection_queue' AS source
        FROM api.inspection_queue AS q
        JOIN api.published_queues AS p ON p.week = q.week AND p.version = q.version
        WHERE q.establishment_id = :establishment_id
        ORDER BY q.week DESC, q.version DESC
        LIMIT 1
    ), inspected AS (
        SELECT {_COLUMNS}, reasons, 'predictions' AS source
        FROM api.predictions
        WHERE establishment_id = :establishment_id AND {_IS_ACCEPTED}
        ORDER BY inspection_date DESC, length(inspection_id) DESC, inspection_id DESC
        LIMIT 1
    )
    SELECT * FROM (SELECT * FROM queued UNION ALL SELECT * FROM inspected) AS known
    ORDER BY week DESC, source
    LIMIT 1
"""  # noqa: S608 - constants of this module
NEWEST_VISIT_OF = f"""
    SELECT {_COLUMNS}, reasons, 'predictions' AS source
    FROM api.predictions
    WHERE establishment_id = :establishment_id AND {_IS_ACCEPTED}
    ORDER BY inspection_date DESC, length(inspection_id) DESC, inspection_id DESC
    LIMIT 1
"""  # noqa: S608 - constants of this module


def find_week(connection: Connection, week: date | None) -> Version | None:
    """The state of a published week, the newest one where none is named; its facts hold ``week``."""
    row = (_NEWEST_WEEK if week is None else _ONE_WEEK).row(connection, {"week": week})
    if row is None:
        return None
    return Version(f"{row.week}/{row.published_at.isoformat()}", row.published_at, facts={"week": row.week})


def predictions_query(week: date, arguments: Mapping[str, Any]) -> tuple[TextClause, dict[str, Any]]:
    """A week's predictions in the order asked for: a query of pages, and its parameters."""
    wanted = {name: arguments.get(name) for name in ("date", "facility_type", "zip", "min_score")}
    return _LISTS[arguments["sort"]], wanted | {"week": week}
