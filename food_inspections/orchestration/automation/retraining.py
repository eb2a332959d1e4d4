"""Whether the model still holds: decided once for every drift report, and written down."""

from dataclasses import dataclass
from datetime import date

import dagster as dg

from food_inspections.domain.learning.splits import SHORT_HISTORY_WEEKS
from food_inspections.domain.monitoring.retraining import Decision, Watch, decide
from food_inspections.domain.weeks import WEEK, monday_of
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.automation.jobs import training
from food_inspections.orchestration.automation.requests import Wanted, attempt, run_at_work
from food_inspections.planning.state import FEATURES
from food_inspections.storage.models import champions
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import retraining_log
from food_inspections.storage.warehouse import Warehouse

NAME = "retraining"
FIRST_MODEL = "first_model"


@dataclass(frozen=True)
class Considered:
    """A decision about the newest facts.

    Attributes:
        week: Monday of the week whose facts were looked at.
        cutoff: Cutoff of the model to be made.
        decision: What was decided.
        mark: Tells these facts from earlier ones.
    """

    week: date
    cutoff: date
    decision: Decision
    mark: str


@dg.sensor(
    name=NAME,
    job=training,
    minimum_interval_seconds=120,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Decide on a new model with every drift report: scores, realised AUC, outcomes and the most important features "
        "against their bounds, at least four complete weeks, cool-down four weeks. Makes the first model, too."
    ),
)
def retraining(
    context: dg.SensorEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult | dg.SkipReason:
    """Log the decision, and request candidates and selection where it says so."""
    considered = consider(warehouse, clock.today())
    if isinstance(considered, str):
        return dg.SkipReason(considered)
    decision = considered.decision
    if context.cursor == considered.mark:
        return dg.SkipReason(f"Already decided for {considered.week}: {decision.rule}, {decision.reason}.")
    if decision.is_retraining:
        busy = run_at_work(context.instance)
        if busy is not None:
            return dg.SkipReason(f"Run {busy} is at work; then: {decision.reason}.")
    wanted = Wanted(NAME, training.name, considered.cutoff, considered.cutoff, decision.reason, considered.mark)
    request = attempt(context.instance, wanted, clock.now()) if decision.is_retraining else None
    if isinstance(request, str):
        return dg.SkipReason(f"{decision.reason}: {request}.")
    with warehouse.transaction() as connection:
        retraining_log.log_decision(
            connection,
            considered.week,
            warehouse.settings.label,
            is_retraining=decision.is_retraining,
            rule=decision.rule,
            values=decision.values,
            reason=decision.reason,
            run_key=None if request is None else request.run_key,
        )
    if request is None:
        return dg.SensorResult(
            skip_reason=dg.SkipReason(f"{considered.week}: {decision.reason}."), cursor=considered.mark
        )
    # A first model is asked for until there is one; a retraining is asked for once per report.
    cursor = None if decision.rule == FIRST_MODEL else considered.mark
    return dg.SensorResult(run_requests=[request], cursor=cursor)


def consider(warehouse: Warehouse, today: date) -> Considered | str:
    """Decide on the newest facts, or say why there is nothing to decide on."""
    label, under_way = warehouse.settings.label, monday_of(today)
    with warehouse.snapshot() as connection:
        reigning = champions.find_champion(connection, under_way, label)
        if reigning is None:
            return _first_model([row.week for row in records.accepted_weeks(connection, FEATURES)], under_way)
        reports = [
            row
            for row in records.accepted_weeks(connection, "drift_report", before=under_way)
            if row.parameters.get("model_id") == reigning.model_id and "watch" in row.parameters
        ]
        last = retraining_log.last_retraining(connection, label)
    if not reports:
        return f"The model of {reigning.effective_week} has no drift report yet."
    newest = reports[-1]
    decision = decide(Watch.from_json(newest.parameters["watch"]), newest.week, reigning.effective_week, last)
    return Considered(newest.week, under_way, decision, f"{newest.week}:{newest.content_hash[:16]}:{reigning.model_id}")


def _first_model(weeks: list[date], under_way: date) -> Considered | str:
    """The first model is made for the newest complete week, so that this week is forecast at once."""
    newest = under_way - WEEK
    before = [week for week in weeks if week < newest]
    if newest not in weeks:
        return f"There is no model, and the features of {newest} are not made yet."
    if len(before) < SHORT_HISTORY_WEEKS:
        return f"There is no model; {len(before)} weeks of features before {newest}, {SHORT_HISTORY_WEEKS} are wanted."
    reason = f"there is no model, and there are {len(before)} weeks to learn from"
    values = {"weeks": len(before), "needed": SHORT_HISTORY_WEEKS}
    return Considered(newest, newest, Decision(True, FIRST_MODEL, values, reason), f"{FIRST_MODEL}:{newest}")
