"""Which runs may still write, as Dagster's own records have it."""

from sqlalchemy import Connection, text

from food_inspections import worker

_ACTIVE = ("NOT_STARTED", "QUEUED", "STARTING", "STARTED", "CANCELING")


def active_runs(connection: Connection) -> set[str]:
    """Ids of the runs that are neither finished nor known to be dead.

    Dagster keeps its records in the schema ``dagster`` of the same database; before its
    first start there are none.
    """
    if connection.execute(text("SELECT to_regclass('dagster.runs')")).scalar() is None:
        return set()
    rows = connection.execute(
        text(
            "SELECT r.run_id, t.value AS worker FROM dagster.runs AS r "
            "LEFT JOIN dagster.run_tags AS t ON t.run_id = r.run_id AND t.key = :key "
            "WHERE r.status = ANY(CAST(:statuses AS text[]))"
        ),
        {"statuses": list(_ACTIVE), "key": worker.TAG},
    )
    return {row.run_id for row in rows if row.worker is None or worker.is_alive(row.worker)}
