"""Establishments and what was found at them; accepted weeks only."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, text

from api.caching import Version

_ACCEPTED = "JOIN metadata.accepted_weeks AS record ON record.asset = 'clean_inspections' AND record.week = i.week"

_HISTORY_VERSION = text(
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
    ORDER BY i.inspection_date DESC, i.inspection_id DESC
    """  # noqa: S608 - constants of this module
)
_CLOSURES = text(
    f"""
    SELECT i.* FROM data.closures AS i {_ACCEPTED}
    WHERE i.establishment_id = :establishment_id
    ORDER BY i.inspection_date DESC, i.inspection_id DESC
    """  # noqa: S608 - constants of this module
)

_NEWEST_RECORD = text(
    """
    SELECT (SELECT max(sequence) FROM metadata.materializations WHERE asset = 'clean_inspections') AS written,
           (SELECT max(decided_at) FROM metadata.materializations WHERE asset = 'clean_inspections') AS decided
    """
)
_DIRECTORY = text(
    """
    SELECT DISTINCT ON (i.establishment_id)
           i.establishment_id, i.dba_name, i.aka_name, i.address, i.zip, i.facility_type, i.risk,
           i.inspection_date AS last_visit, i.results AS last_result
    FROM data.clean_inspections AS i
    JOIN metadata.accepted_weeks AS a ON a.asset = 'clean_inspections' AND a.week = i.week
    ORDER BY i.establishment_id, i.inspection_date DESC, i.inspection_id DESC
    """
)


def find_history(connection: Connection, establishment_id: str) -> Version | None:
    """The state of an establishment's history; ``None`` where it was never visited."""
    row = connection.execute(_HISTORY_VERSION, {"establishment_id": establishment_id}).one()
    if row.visits == 0:
        return None
    return Version(f"{establishment_id}/{row.visits}/{row.newest}/{row.checksum}")


def inspections_of(connection: Connection, establishment_id: str) -> Sequence[RowMapping]:
    """An establishment's inspections, newest first."""
    return connection.execute(_INSPECTIONS, {"establishment_id": establishment_id}).mappings().all()


def closures_of(connection: Connection, establishment_id: str) -> Sequence[RowMapping]:
    """Visits that found the establishment closed, newest first."""
    return connection.execute(_CLOSURES, {"establishment_id": establishment_id}).mappings().all()


def directory_version(connection: Connection) -> str:
    """Changes with every inspection accepted or withdrawn."""
    return repr(tuple(connection.execute(_NEWEST_RECORD).one()))


def directory_rows(connection: Connection) -> Sequence[RowMapping]:
    """Every establishment ever visited, as its last visit found it, by id."""
    return connection.execute(_DIRECTORY).mappings().all()
