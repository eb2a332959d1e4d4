"""What follows from changed weeks: made again where content differs, and nothing where it does not."""

from functools import cache

import dagster as dg
from sqlalchemy import Connection, text

from food_inspections.orchestration.assets import ALL_ASSETS
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.automation.jobs import catch_up
from food_inspections.orchestration.automation.requests import Wanted, attempt, run_at_work
from food_inspections.planning import Request, load_state, make_plan
from food_inspections.planning.graph import Graph, graph_of
from food_inspections.storage.warehouse import Warehouse

NAME = "out_of_date"


@cache
def asset_graph() -> Graph:
    """The graph that the assets declare."""
    return graph_of(spec for asset in ALL_ASSETS for spec in asset.specs)


@dg.sensor(
    name=NAME,
    job=catch_up,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Compare what weeks were made from with what they would be made from now, and make again what differs: "
        "clean rows, features, predictions, monitoring and the coming week's queue. Needs the records only."
    ),
)
def out_of_date(
    context: dg.SensorEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult | dg.SkipReason:
    """Request one run at a time: what it leaves decides on the next."""
    with warehouse.snapshot() as connection:
        seen = f"{_fingerprint(connection)}:{clock.today()}"
        if context.cursor == seen:
            return dg.SkipReason("Nothing was written or decided since the last look.")
        busy = run_at_work(context.instance)
        if busy is not None:
            return dg.SkipReason(f"Run {busy} is at work.")
        state = load_state(connection, warehouse.settings, asset_graph(), clock.today())
    plan = make_plan(state, Request.of_automation(state))
    obstacles = []
    for task in plan.tasks:
        wanted = Wanted(NAME, catch_up.name, task.first, task.last, task.reason, task.state_key, task.assets)
        request = attempt(context.instance, wanted, clock.now())
        if not isinstance(request, str):
            return dg.SensorResult(run_requests=[request])
        obstacles.append(f"{', '.join(task.assets)} of {task.period}: {request}")
    if obstacles:
        return dg.SkipReason("; ".join(obstacles))
    if not plan.due.is_waiting:
        context.update_cursor(seen)
    notes = "; ".join(plan.notes)
    return dg.SkipReason(f"Everything is up to date.{f' Left out: {notes}' if notes else ''}")


def _fingerprint(connection: Connection) -> str:
    """Differs whenever a week was written or decided on, or a model selected."""
    row = connection.execute(
        text(
            "SELECT (SELECT max(sequence) FROM metadata.materializations), "
            "(SELECT max(decided_at) FROM metadata.materializations), "
            "(SELECT max(selection_id) FROM models.selections)"
        )
    ).one()
    return ":".join(str(value) for value in row)
