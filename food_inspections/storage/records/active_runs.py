"""Which runs may still write, as Dagster's own records have it."""

from datetime import timedelta

from sqlalchemy import Connection, text

from food_inspections import worker

_WAITING = ("NOT_STARTED", "QUEUED", "STARTING")
_ACTIVE = (*_WAITING, "STARTED", "CANCELING")

STARTS_WITHIN = timedelta(minutes=3)
"""From when a run is asked for until its process has begun, on a busy machine."""

PARENT_RUN = "dagster/parent_run_id"
"""Dagster's tag. A run submitted again has its parent's tags: until it starts, the process it names is the dead one."""

_NOT_FINISHED = """
    SELECT r.run_id, t.value AS worker
    FROM dagster.runs AS r
    LEFT JOIN dagster.run_tags AS t
        ON t.run_id = r.run_id AND t.key = :key
        AND NOT (
            r.status = ANY(CAST(:waiting AS text[]))
            AND EXISTS (SELECT FROM dagster.run_tags AS p WHERE p.run_id = r.run_id AND p.key = :parent)
        )
    WHERE r.status = ANY(CAST(:statuses AS text[]))
"""
_UNDER_WAY = """
    SELECT r.run_id, t.value AS worker
    FROM dagster.runs AS r
    LEFT JOIN dagster.run_tags AS t ON t.run_id = r.run_id AND t.key = :key
    WHERE r.status = 'STARTED' AND t.value IS NOT NULL
       OR r.status = ANY(CAST(:waiting AS text[])) AND r.create_timestamp > LOCALTIMESTAMP - :moment
"""


def active_runs(connection: Connection) -> set[str]:
    """Ids of the runs that are neither finished nor known to be dead."""
    return _alive(connection, _NOT_FINISHED, statuses=list(_ACTIVE), parent=PARENT_RUN)


def runs_under_way(connection: Connection) -> set[str]:
    """Ids of the runs that a living process executes, and of those just asked for.

    One that has waited for longer while none is executed has nobody to start it: its daemon is gone.
    """
    return _alive(connection, _UNDER_WAY, moment=STARTS_WITHIN)


def _alive(connection: Connection, query: str, **parameters: object) -> set[str]:
    """The runs of a query whose process lives, or has not begun.

    Dagster keeps its records in the schema ``dagster`` of the same database; before its
    first start there are none.
    """
    if connection.execute(text("SELECT to_regclass('dagster.runs')")).scalar() is None:
        return set()
    rows = connection.execute(text(query), {"key": worker.TAG, "waiting": list(_WAITING), **parameters})
    return {row.run_id for row in rows if row.worker is None or worker.is_alive(row.worker)}
