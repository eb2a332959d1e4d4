"""The one place that decides on a new model, by its age and by the newest drift report; each decision is logged."""

from datetime import date

import dagster as dg
from sqlalchemy import Connection

from food_inspections.domain.monitoring.retraining import RetrainingDecision, Watch, decide
from food_inspections.domain.weeks import TIME_ZONE, WEEK, monday_of
from food_inspections.orchestration.automation.clock import TRAINING
from food_inspections.orchestration.automation.jobs import training as training_job
from food_inspections.orchestration.automation.runs import run_request, unless_tried
from food_inspections.orchestration.partitions import TIME_ZONE as ZONE_NAME
from food_inspections.planning.state import FEATURES, State
from food_inspections.planning.target import FIRST_MODEL_WEEKS
from food_inspections.settings import Settings
from food_inspections.storage.models import champions
from food_inspections.storage.models.champions import Champion
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import retraining_log
from food_inspections.storage.warehouse import Warehouse

NAME = "training"


@dg.schedule(
    name=NAME,
    cron_schedule=TRAINING.cron,
    execution_timezone=ZONE_NAME,
    job=training_job,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=(
        "Tuesdays to Saturdays at six: a new model where the last decision is older than "
        "FOOD_INSPECTIONS_RETRAINING_WEEKS (four), or where the newest drift report asks for one: scores, realised "
        "AUC, outcomes and the most important features against their bounds, at least four complete weeks, cool-down "
        "four weeks."
    ),
)
def training(
    context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.RunRequest | dg.SkipReason:
    """Every drift report is decided on once; the age of the model is asked for each day, cron having no such rhythm."""
    tick = context.scheduled_execution_time.astimezone(TIME_ZONE)
    cutoff, settings = monday_of(tick.date()), warehouse.settings
    with warehouse.snapshot() as connection:
        reigning = champions.find_champion(connection, cutoff, settings.label)
        if reigning is None:
            return dg.SkipReason("There is no model yet: the sensor out_of_date makes the first one.")
        drift = _decide_on_drift(connection, settings, reigning, cutoff)
    decisions = [] if drift is None else [drift]
    age = _decide_on_age(reigning, cutoff, settings)
    if age.is_retraining and not any(decision.is_retraining for _, decision, _ in decisions):
        decisions.append((cutoff - WEEK, age, False))
    answer: dg.RunRequest | dg.SkipReason = dg.SkipReason(f"{age.reason}.")
    for week, decision, is_on_record in decisions:
        request = None
        if decision.is_retraining:
            state = f"{decision.rule}:{reigning.model_id}"
            asked = run_request(NAME, training_job.name, cutoff, cutoff, decision.reason, state)
            answer = unless_tried(context.instance, asked, tick)
            if isinstance(answer, dg.SkipReason):
                continue
            request = answer
        else:
            answer = dg.SkipReason(f"{age.reason}; drift of {week}: {decision.reason}.")
        if not is_on_record:
            _log(warehouse, week, decision, request)
    return answer


def log_first_model(warehouse: Warehouse, state: State, request: dg.RunRequest) -> None:
    """Log that there is no model and enough to learn from: decided by the planner, for the newest complete week."""
    newest = state.newest_complete
    weeks = sum(week < newest for week in state.contents[FEATURES])
    values = {"weeks": weeks, "needed": FIRST_MODEL_WEEKS}
    reason = f"there is no model, and there are {weeks} weeks to learn from"
    _log(warehouse, newest, RetrainingDecision(True, "first_model", values, reason), request)


def _decide_on_age(reigning: Champion, cutoff: date, settings: Settings) -> RetrainingDecision:
    age = (cutoff - reigning.effective_week) // WEEK
    values = {"age_weeks": age, "retraining_weeks": settings.retraining_weeks}
    of_age = f"the model of {reigning.effective_week} is {age} weeks old"
    if age >= settings.retraining_weeks:
        return RetrainingDecision(True, "model_age", values, f"{of_age}, due after {settings.retraining_weeks}")
    due = reigning.effective_week + WEEK * settings.retraining_weeks
    return RetrainingDecision(False, "model_age", values, f"{of_age}, the next is due on {due}")


def _decide_on_drift(
    connection: Connection, settings: Settings, reigning: Champion, cutoff: date
) -> tuple[date, RetrainingDecision, bool] | None:
    """What the newest drift report of the model asks for, its week, and whether that is on record already.

    Nothing where it was decided before to keep the model. A retraining that was decided and still finds the same
    model in force has failed: it is asked for again.
    """
    reports = [
        row
        for row in records.accepted_weeks(connection, "drift_report", before=cutoff)
        if row.parameters.get("model_id") == reigning.model_id and "watch" in row.parameters
    ]
    if not reports:
        return None
    newest = reports[-1]
    seen = Watch.from_json(newest.parameters["watch"])
    known = retraining_log.find_decision(connection, newest.week, settings.label, seen.as_json())
    if known is not None:
        is_retraining, rule, reason = known
        return (newest.week, RetrainingDecision(True, rule, seen.as_json(), reason), True) if is_retraining else None
    last = retraining_log.last_retraining(connection, settings.label)
    return newest.week, decide(seen, newest.week, reigning.effective_week, last), False


def _log(warehouse: Warehouse, week: date, decision: RetrainingDecision, request: dg.RunRequest | None) -> None:
    with warehouse.transaction() as connection:
        retraining_log.log_decision(
            connection,
            week,
            warehouse.settings.label,
            is_retraining=decision.is_retraining,
            rule=decision.rule,
            values=decision.values,
            reason=decision.reason,
            run_key=None if request is None else request.run_key,
        )
