"""What follows from changed weeks: made again where content differs, and nothing where it does not."""

import dagster as dg
from sqlalchemy import Connection, text

from food_inspections.orchestration.automation.clock import PUBLISH, Clock
from food_inspections.orchestration.automation.jobs import refresh, training
from food_inspections.orchestration.automation.retraining import log_first_model
from food_inspections.orchestration.automation.runs import backfill_at_work, run_at_work, run_request, unless_tried
from food_inspections.orchestration.automation.store import load_state
from food_inspections.planning import Target, make_plan
from food_inspections.planning.state import TRAINING
from food_inspections.storage.warehouse import Warehouse

NAME = "out_of_date"

_FINGERPRINT = """
SELECT (SELECT max(sequence) FROM metadata.materializations),
       (SELECT max(decided_at) FROM metadata.materializations),
       (SELECT max(selection_id) FROM models.selections)
"""


@dg.sensor(
    name=NAME,
    jobs=[refresh, training],
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Compare what weeks were made from with what they would be made from now, and make what differs or is missing: "
        "clean rows, features, the first model, predictions, monitoring and the coming week's queue. Needs the "
        "records only."
    ),
)
def out_of_date(
    context: dg.SensorEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult | dg.SkipReason:
    """Request one run at a time: what it leaves decides on the next."""
    if PUBLISH.is_close(clock.now()):
        return dg.SkipReason("The schedule makes and publishes the coming week's queue about now.")
    with warehouse.snapshot() as connection:
        profile = ":".join(warehouse.profile.parts.values())
        fingerprint = f"{_fingerprint(connection)}:{clock.today()}:{profile}"
        if context.cursor == fingerprint:
            return dg.SkipReason("Nothing was written, decided or changed in the profile since the last look.")
        busy, backfill = run_at_work(context.instance), backfill_at_work(context.instance)
        if busy is not None or backfill is not None:
            return dg.SkipReason(f"Run {busy.run_id} is at work." if busy else f"Backfill {backfill} is at work.")
        state = load_state(connection, warehouse.settings, clock.today())
    plan = make_plan(state, Target.of_automation(state))
    obstacles = []
    for run in plan.runs:
        is_training = state.graph.by_name[run.assets[0]].group == TRAINING
        job = training if is_training else refresh
        request = run_request(NAME, job.name, run.first, run.last, run.reason, run.need, run.assets)
        answer = unless_tried(context.instance, request, clock.now())
        if isinstance(answer, dg.RunRequest):
            if is_training and plan.cutoff is not None:
                log_first_model(warehouse, state, answer)
            return dg.SensorResult(run_requests=[answer])
        obstacles.append(f"{', '.join(run.assets)} of {run.period}: {answer.skip_message}")
    if obstacles:
        return dg.SkipReason("; ".join(obstacles))
    if not plan.is_waiting:
        context.update_cursor(fingerprint)
    notes = "; ".join(plan.notes)
    return dg.SkipReason(f"Everything is up to date.{f' Left out: {notes}' if notes else ''}")


def _fingerprint(connection: Connection) -> str:
    """Differs whenever a week was written or decided on, or a model selected."""
    return ":".join(str(value) for value in connection.execute(text(_FINGERPRINT)).one())
