"""Reads what the planner looks at."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import Connection, text

from food_inspections.domain.weeks import monday_of
from food_inspections.planning.graph import Graph
from food_inspections.planning.state import Record, ServingModel, State
from food_inspections.settings import Settings
from food_inspections.storage.models import champions
from food_inspections.storage.records import active_runs

_RECORDS = """
SELECT asset, week, status, run_id, code_version, content_hash, upstream_hash, created_at,
       row_count, parameters -> 'moved_with' AS moved_with
FROM metadata.latest_materializations
"""


def load_state(
    connection: Connection, settings: Settings, graph: Graph, today: date, asked: Collection[date] = ()
) -> State:
    """Read a snapshot.

    Args:
        connection: Transaction to read in; one that sees a single moment.
        settings: The deployment.
        graph: The assets.
        today: Today in the city.
        asked: Mondays that may have no record yet.
    """
    records = _read_records(connection)
    # The newest complete week, the one under way and the coming one may have no record yet either.
    around = {monday_of(today) + timedelta(weeks=offset) for offset in (-1, 0, 1)}
    weeks = sorted({week for of_asset in records.values() for week in of_asset} | around | set(asked))
    serving = champions.serving_models(connection, weeks, settings.label)
    return State(
        graph=graph,
        records=records,
        champions={week: ServingModel(*model) for week, model in serving.items()},
        active_runs=frozenset(active_runs.active_runs(connection)),
        settings=settings.inputs,
        retraining_weeks=settings.retraining_weeks,
        today=today,
        calendar=settings.calendar,
    )


def _read_records(connection: Connection) -> dict[str, dict[date, Record]]:
    records: dict[str, dict[date, Record]] = {}
    for row in connection.execute(text(_RECORDS)):
        records.setdefault(row.asset, {})[row.week] = Record(
            row.status,
            row.run_id,
            row.code_version,
            row.content_hash,
            row.upstream_hash,
            row.created_at,
            tuple(date.fromisoformat(week) for week in row.moved_with or ()),
            row.row_count,
        )
    return records
