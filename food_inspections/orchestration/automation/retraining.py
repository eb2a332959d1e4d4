"""The one place that decides on a new model, by its age and by the newest drift report; each decision is logged.

When that is asked stands in ``schedules.py``.
"""

from datetime import date

import dagster as dg
from sqlalchemy import Connection

from food_inspections.domain.monitoring.retraining import RetrainingDecision, Seen, decide
from food_inspections.domain.weeks import WEEK
from food_inspections.planning.state import FEATURES, State
from food_inspections.planning.target import FIRST_MODEL_WEEKS
from food_inspections.settings import Settings
from food_inspections.storage.models.champions import Champion
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import retraining_log
from food_inspections.storage.warehouse import Warehouse


def log_first_model(warehouse: Warehouse, state: State, request: dg.RunRequest) -> None:
    """Log that there is no model and enough to learn from: decided by the planner, for the newest complete week."""
    newest = state.newest_complete
    weeks = sum(week < newest for week in state.contents[FEATURES])
    values = {"weeks": weeks, "needed": FIRST_MODEL_WEEKS}
    reason = f"there is no model, and there are {weeks} weeks to learn from"
    log_decision(warehouse, newest, RetrainingDecision(True, "first_model", values, reason), request)


def decide_on_age(reigning: Champion, cutoff: date, settings: Settings, learnt_by: str | None) -> RetrainingDecision:
    """Whether the model that serves is old enough for another one, or the city's profile is another since.

    Args:
        reigning: The decision in force.
        cutoff: Monday of the model that would be made.
        settings: The deployment.
        learnt_by: Hash of the profile that the model was learnt by; ``None`` where that is not on record.
    """
    now = settings.profile.parts["profile"]
    if learnt_by not in (None, now):
        reason = f"the model of {reigning.effective_week} was learnt before the city's profile was changed"
        return RetrainingDecision(True, "profile_changed", {"learnt_by": learnt_by, "profile": now}, reason)
    age = (cutoff - reigning.effective_week) // WEEK
    values = {"age_weeks": age, "retraining_weeks": settings.retraining_weeks}
    of_age = f"the model of {reigning.effective_week} is {age} weeks old"
    if age >= settings.retraining_weeks:
        return RetrainingDecision(True, "model_age", values, f"{of_age}, due after {settings.retraining_weeks}")
    due = reigning.effective_week + WEEK * settings.retraining_weeks
    return RetrainingDecision(False, "model_age", values, f"{of_age}, the next is due on {due}")


def decide_on_drift(
    connection: Connection, settings: Settings, reigning: Champion, cutoff: date
) -> tuple[date, RetrainingDecision, bool] | None:
    """What the newest drift report of the model asks for, its week, and whether that is on record already.

    Nothing where it was decided before to keep the model. A retraining that was decided and still finds the same
    model in force has failed: it is asked for again.
    """
    reports = [
        row
        for row in records.accepted_weeks(connection, "drift_report", before=cutoff)
        if row.parameters.get("model_id") == reigning.model_id and "seen" in row.parameters
    ]
    if not reports:
        return None
    newest = reports[-1]
    seen = Seen.from_json(newest.parameters["seen"])
    known = retraining_log.find_decision(connection, newest.week, settings.label, seen.as_json())
    if known is not None:
        is_retraining, rule, reason = known
        return (newest.week, RetrainingDecision(True, rule, seen.as_json(), reason), True) if is_retraining else None
    last = retraining_log.last_retraining(connection, settings.label)
    return newest.week, decide(seen, newest.week, reigning.effective_week, last), False


def log_decision(warehouse: Warehouse, week: date, decision: RetrainingDecision, request: dg.RunRequest | None) -> None:
    """Put a decision on record, with the run that it asks for."""
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
