"""Schedules, in the city's time: when something is fetched from outside, learnt anew, or made public.

A schedule made from a partitioned job asks for each week once. Weeks have to be asked for again, because
inspections are published late: hence functions of our own. What follows from a pull is made by the sensor
``out_of_date``; whether a new model is due is decided in ``retraining.py``.
"""

from collections.abc import Sequence
from datetime import date, datetime

import dagster as dg

from food_inspections.domain.weeks import WEEK, monday_of
from food_inspections.errors import PortalError
from food_inspections.orchestration.automation import jobs, retraining
from food_inspections.orchestration.automation.clock import PUBLISH, PULL, TRAINING
from food_inspections.orchestration.automation.runs import has_week, run_at_work, run_request, unless_tried
from food_inspections.orchestration.automation.store import load_state, why_not_to_pull
from food_inspections.orchestration.partitions import CALENDAR, TIME_ZONE
from food_inspections.planning import State, Target, make_plan
from food_inspections.planning.portal_days import ByWeek, days_by_week, digest, find_changes, ranges
from food_inspections.planning.state import PLAN, PUBLISHED_QUEUE, QUEUE, RAW
from food_inspections.planning.target import AUTOMATIC_WEEKS, LONGEST_SILENCE, QUEUE_ASSETS
from food_inspections.portal.client import PortalClient
from food_inspections.storage.models.champions import find_champion
from food_inspections.storage.records import pulls
from food_inspections.storage.warehouse import Warehouse

RUNNING = dg.DefaultScheduleStatus.RUNNING
UNSTAMPED_WEEKS = 4
"""Weeks that are pulled again each time where the portal does not say when a row was changed."""


@dg.schedule(
    name="pull",
    cron_schedule=PULL.cron,
    execution_timezone=TIME_ZONE,
    job=jobs.pull,
    default_status=RUNNING,
    description=(
        "Mondays to Saturdays at five: pull the week that has ended, the week under way until the coming week's queue "
        "is published, and those of the last twelve weeks that have changed on the portal."
    ),
)
def pull(
    context: dg.ScheduleEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
    portal: dg.ResourceParam[PortalClient],
) -> list[dg.RunRequest] | dg.SkipReason:
    """Only what differs from what is stored; the week that has ended even where the portal does not answer now."""
    tick = _tick(context)
    with warehouse.snapshot() as connection:
        state = load_state(connection, warehouse.settings, tick.date())
        stored = pulls.stored_days(connection)
        obstacle = why_not_to_pull(connection, warehouse.settings)
    busy = run_at_work(context.instance, jobs.pull.name)
    if not stored or obstacle is not None:
        return dg.SkipReason(obstacle or "The store is empty: the sensor revisions pulls the history first.")
    if busy is not None:
        return dg.SkipReason(f"Run {busy.run_id} is pulling; the sensor revisions looks at what it leaves.")
    held = _held(portal, state)
    weeks = _to_pull(state, held, stored, is_stamped=portal.columns.is_stamped)
    if not weeks:
        what = "does not answer" if held is None else f"holds nothing new of the last {AUTOMATIC_WEEKS} weeks"
        return dg.SkipReason(f"The portal {what}.")
    requests = []
    for first, last in ranges(weeks):
        known = f"{digest(held, first, last)}:{digest(stored, first, last)}" if held is not None else tick.isoformat()
        reason = "the week is over" if last == state.newest_complete else "the portal has changed"
        answer = unless_tried(
            context.instance,
            run_request("pull", jobs.pull.name, first, last, reason, known),
            context.scheduled_execution_time,
        )
        requests += [answer] if isinstance(answer, dg.RunRequest) else []
    return requests or dg.SkipReason("All of this was pulled, or tried, a short while ago.")


def _held(portal: PortalClient, state: State) -> ByWeek | None:
    """What the portal holds of the last weeks; nothing is known where it does not answer."""
    try:
        return days_by_week(portal.days(state.newest_complete - WEEK * (AUTOMATIC_WEEKS - 1), state.coming))
    except PortalError:
        # The run that pulls tries again for longer, and says what is wrong where people look.
        return None


def _to_pull(state: State, held: ByWeek | None, stored: ByWeek, *, is_stamped: bool) -> list[date]:
    newest, under_way = state.newest_complete, state.under_way
    is_missing = state.record(RAW, newest) is None or _is_unfinished(state, newest) or state.was_pulled_early(newest)
    weeks = {newest} if is_missing else set()
    if held is not None:
        recent = [newest - WEEK * ago for ago in range(AUTOMATIC_WEEKS)]
        weeks |= set(find_changes(held, stored, recent).first_to_pull)
        if not is_stamped:
            # Nothing tells of a correction that leaves the count as it was; the same content launches nothing.
            weeks |= {week for week in recent[:UNSTAMPED_WEEKS] if week in stored}
        # For the coming week's queue; once that is published the week waits until it is over.
        differs = held.get(under_way, {}) != stored.get(under_way, {})
        if _no_queue(state) is None and (differs or _is_unfinished(state, under_way)):
            weeks.add(under_way)
    return sorted(weeks)


def _is_unfinished(state: State, week: date) -> bool:
    """Whether a run that is gone left the week without a verdict."""
    record = state.record(RAW, week)
    return record is not None and record.status == "pending" and state.run_at_work(RAW, week) is None


@dg.schedule(
    name="training",
    cron_schedule=TRAINING.cron,
    execution_timezone=TIME_ZONE,
    job=jobs.training,
    default_status=RUNNING,
    description=(
        "Tuesdays to Saturdays at six: a new model where the last decision is older than "
        "FOOD_INSPECTIONS_RETRAINING_WEEKS (four), where the city's profile was changed since, or where the newest "
        "drift report answers a question with a change: scores, realised AUC, outcomes, features; at least four "
        "complete weeks, cool-down four weeks."
    ),
)
def training(
    context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.RunRequest | dg.SkipReason:
    """Every drift report is decided on once; the age of the model is asked for each day, cron having no such rhythm."""
    tick = _tick(context)
    cutoff, settings = monday_of(tick.date()), warehouse.settings
    with warehouse.snapshot() as connection:
        reigning = find_champion(connection, cutoff, settings.label)
        if reigning is None:
            return dg.SkipReason("There is no model yet: the sensor out_of_date makes the first one.")
        drift = retraining.decide_on_drift(connection, settings, reigning, cutoff)
        state = load_state(connection, settings, tick.date())
    newest = state.newest_inspections
    if newest is not None and cutoff - newest > LONGEST_SILENCE:
        return dg.SkipReason(f"There are no inspections since the week of {newest} to judge another model by.")
    decisions = [] if drift is None else [drift]
    age = retraining.decide_on_age(reigning, cutoff, settings, state.champions[cutoff].profile)
    if age.is_retraining and not any(decision.is_retraining for _, decision, _ in decisions):
        decisions.append((cutoff - WEEK, age, False))
    answer: dg.RunRequest | dg.SkipReason = dg.SkipReason(f"{age.reason}.")
    for week, decision, is_on_record in decisions:
        request = None
        if decision.is_retraining:
            need = f"{decision.rule}:{reigning.model_id}"
            asked = run_request("training", jobs.training.name, cutoff, cutoff, decision.reason, need)
            answer = unless_tried(context.instance, asked, tick)
            if isinstance(answer, dg.SkipReason):
                continue
            request = answer
        else:
            answer = dg.SkipReason(f"{age.reason}; drift of {week}: {decision.reason}.")
        if not is_on_record:
            retraining.log_decision(warehouse, week, decision, request)
    return answer


@dg.schedule(
    name="publish",
    cron_schedule=PUBLISH.cron,
    execution_timezone=TIME_ZONE,
    job=jobs.publish,
    default_status=RUNNING,
    description=(
        "Fridays at three in the afternoon, and every hour until eight where that failed: publish the coming week's "
        "queue, made where it is out of date, and plan the week."
    ),
)
def publish(
    context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.RunRequest | dg.SkipReason:
    """Once: a published queue is history."""
    tick = _tick(context)
    with warehouse.snapshot() as connection:
        state = load_state(connection, warehouse.settings, tick.date())
    coming = state.coming
    is_unplanned = state.is_frozen(coming) and state.record(PLAN, coming) is None
    obstacle = None if is_unplanned else _no_queue(state)
    if obstacle is not None:
        return dg.SkipReason(obstacle)
    wanted = (PLAN,) if is_unplanned else QUEUE_ASSETS
    assets = [asset for asset in wanted if _is_to_be_made(context.instance, state, asset)]
    reason = "the week begins on Monday"
    request = run_request("publish", jobs.publish.name, coming, coming, reason, "publication", assets)
    return unless_tried(context.instance, request, context.scheduled_execution_time)


def _is_to_be_made(instance: dg.DagsterInstance, state: State, asset: str) -> bool:
    """Whether an asset belongs into the run that publishes: not where it is up to date, or being made."""
    if asset in (PUBLISHED_QUEUE, PLAN):
        return True
    busy = run_at_work(instance)
    if busy is not None:
        return not (dg.AssetKey(QUEUE) in (busy.asset_selection or ()) and has_week(busy, state.coming))
    stale = make_plan(state, Target.of_automation(state)).stale[asset]
    return state.coming in stale or not state.is_accepted(asset, state.coming)


def _no_queue(state: State) -> str | None:
    if state.first_week is None:
        return "The store is empty: the sensor revisions pulls the history first."
    if state.is_frozen(state.coming):
        return f"The queue of {state.coming} is published."
    if state.coming not in state.champions:
        return "There is no model yet: the sensor out_of_date makes the first one."
    return None


def _tick(context: dg.ScheduleEvaluationContext) -> datetime:
    """The tick's own time: a tick that was missed is caught up later, for the week it was meant for."""
    return CALENDAR.local(context.scheduled_execution_time)


ALL_SCHEDULES: Sequence[dg.ScheduleDefinition] = [pull, training, publish]
