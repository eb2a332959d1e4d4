"""Establishments and what was found at them; accepted weeks only."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, TextClause, text

from food_inspections.api.http.caching import Version
from food_inspections.api.queries.prepared import Prepared

# By LATERAL and LIMIT, so that a few rows look up the records of their own weeks only.
_ACCEPTED = """
    JOIN LATERAL (
        SELECT a.sequence FROM metadata.accepted_weeks AS a
        WHERE a.asset = 'clean_inspections' AND a.week = i.week
        LIMIT 1
    ) AS record ON true
"""

_HISTORY_VERSION = Prepared(
    f"""
    SELECT count(*) AS visits, max(record.sequence) AS newest, sum(record.sequence) AS checksum
    FROM (
        SELECT week FROM data.clean_inspections WHERE establishment_id = :establishment_id
        UNION ALL
        SELECT week FROM data.closures WHERE establishment_id = :establishment_id
    ) AS i {_ACCEPTED}
    """  # noqa: S608 - constants of this module
)
_INSPECTIONS = text(
    f"""
    SELECT i.* FROM data.clean_inspections AS i {_ACCEPTED}
    WHERE i.establishment_id = :establishment_id
    ORDER BY i.inspection_date DESC, length(i.inspection_id) DESC, i.inspection_id DESC
    """  # noqa: S608 - constants of this module
)
_CLOSURES = text(
    f"""
    SELECT i.* FROM data.closures AS i {_ACCEPTED}
    WHERE i.establishment_id = :establishment_id
    ORDER BY i.inspection_date DESC, length(i.inspection_id) DESC, i.inspection_id DESC
    """  # noqa: S608 - constants of this module
)

_NEWEST_RECORD = Prepared(
    """
    SELECT (SELECT max(sequence) FROM metadata.materializations WHERE asset = 'clean_inspections') AS written,
           (SELECT max(decided_at) FROM metadata.materializations WHERE asset = 'clean_inspections') AS decided
    """
)
# An index of trigrams finds one word, the longest; the others are looked for in what it finds.
_SEARCH = text(
    """
    SELECT establishment_id, dba_name, aka_name, address, zip, facility_type, risk, last_visit, last_result,
           count(*) OVER () AS total
    FROM api.establishments
    WHERE (CAST(:zip AS text) IS NULL OR zip = :zip)
      AND (CAST(:facility_type AS text) IS NULL OR facility_type = :facility_type)
      AND searched LIKE lower(CAST(:longest AS text))
      AND searched LIKE ALL (ARRAY(SELECT lower(pattern) FROM unnest(CAST(:patterns AS text[])) AS pattern))
    ORDER BY dba_name COLLATE "C", establishment_id COLLATE "C"
    LIMIT :page_size OFFSET :first
    """
)
ONE_PLACE = """
    SELECT e.establishment_id, e.dba_name, e.aka_name, e.address, e.zip, e.facility_type, e.risk, e.last_visit,
           e.last_result, i.latitude, i.longitude
    FROM api.establishments AS e
    LEFT JOIN LATERAL (
        SELECT latitude, longitude FROM data.clean_inspections AS c
        WHERE c.establishment_id = e.establishment_id AND c.inspection_date = e.last_visit
        ORDER BY length(c.inspection_id) DESC, c.inspection_id DESC
        LIMIT 1
    ) AS i ON true
    WHERE e.establishment_id = :establishment_id
"""


def find_history(connection: Connection, establishment_id: str) -> Version | None:
    """The state of an establishment's history; ``None`` where it was never visited."""
    row = _HISTORY_VERSION.row(connection, {"establishment_id": establishment_id})
    if row.visits == 0:
        return None
    return Version(f"{establishment_id}/{row.visits}/{row.newest}/{row.checksum}")


def inspections_of(connection: Connection, establishment_id: str) -> Sequence[RowMapping]:
    """An establishment's inspections, newest first."""
    return connection.execute(_INSPECTIONS, {"establishment_id": establishment_id}).mappings().all()


def closures_of(connection: Connection, establishment_id: str) -> Sequence[RowMapping]:
    """Visits that found the establishment closed, newest first."""
    return connection.execute(_CLOSURES, {"establishment_id": establishment_id}).mappings().all()


def inspections_version(connection: Connection) -> str:
    """Changes with every inspection accepted or withdrawn."""
    return repr(tuple(_NEWEST_RECORD.row(connection)))


def search_query(arguments: Mapping[str, Any]) -> tuple[TextClause, dict[str, Any]]:
    """The places whose name or address has every word: a query of pages, and its parameters."""
    wanted = {name: arguments.get(name) for name in ("zip", "facility_type")}
    patterns = [f"%{_literal(word)}%" for word in (arguments.get("q") or "").split()]
    return _SEARCH, wanted | {"patterns": patterns, "longest": max(patterns, key=len, default="%")}


def _literal(word: str) -> str:
    """A word as LIKE takes it for what it is."""
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
