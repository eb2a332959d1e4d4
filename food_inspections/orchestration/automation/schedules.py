"""Schedules, in the city's time: each asks for weeks by what the store and the portal hold at its tick.

A schedule made from a partitioned job asks for each week once. Weeks have to be asked for
again, because inspections are published late: hence functions of our own, with the tick in
the run key. All launch named jobs, which a person may launch as well.
"""

from collections.abc import Sequence
from datetime import date, datetime

import dagster as dg
from sqlalchemy import Connection

from food_inspections.domain.weeks import TIME_ZONE, WEEK, monday_of
from food_inspections.errors import PortalError
from food_inspections.orchestration.automation import jobs
from food_inspections.orchestration.automation.out_of_date import asset_graph
from food_inspections.orchestration.automation.requests import Wanted
from food_inspections.orchestration.partitions import TIME_ZONE as ZONE_NAME
from food_inspections.planning import Request, State, load_state, make_plan
from food_inspections.planning.portal_state import ByWeek, days_by_week, find_changes, ranges
from food_inspections.planning.portals import mixing
from food_inspections.planning.request import AUTOMATIC_WEEKS
from food_inspections.planning.state import ESTABLISHMENTS, PUBLISHED_QUEUE, QUEUE, RAW
from food_inspections.portal.client import PortalClient
from food_inspections.storage.models import champions
from food_inspections.storage.records import pulls, retraining_log
from food_inspections.storage.warehouse import Warehouse

RUNNING = dg.DefaultScheduleStatus.RUNNING
QUEUE_ASSETS = (ESTABLISHMENTS, QUEUE, PUBLISHED_QUEUE)
Requests = list[dg.RunRequest] | dg.SkipReason


@dg.schedule(
    name="weekly",
    cron_schedule="0 6 * * 1",
    execution_timezone=ZONE_NAME,
    job=jobs.weekly_pipeline,
    default_status=RUNNING,
    description=(
        "Mondays at six: pull the newest complete week and carry it through publication and monitoring; pull those "
        "of the last twelve weeks again that have changed on the portal."
    ),
)
def weekly(
    context: dg.ScheduleEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
    portal: dg.ResourceParam[PortalClient],
) -> Requests:
    """The week that has just ended, where it is not whole yet, and late rows of those before it."""
    tick = _tick(context)
    newest = monday_of(tick.date()) - WEEK
    with warehouse.snapshot() as connection:
        state = _state(connection, warehouse, tick.date(), newest)
        stored = pulls.stored_days(connection)
        obstacle = mixing(connection, warehouse.settings)
    if not stored or obstacle is not None:
        return dg.SkipReason(obstacle or "The store is empty: the first pull comes first.")
    held = _held(portal, newest)
    wanted = [*_newest_week(state, newest, held, stored), *_late(held, stored, newest)]
    if not wanted:
        return dg.SkipReason(f"Week {newest} and the {AUTOMATIC_WEEKS} weeks up to it are up to date.")
    return [_keyed(each, tick) for each in wanted]


def _held(portal: PortalClient, newest: date) -> ByWeek | None:
    """What the portal holds of the last weeks; nothing is known where it does not answer."""
    try:
        return days_by_week(portal.days(newest - WEEK * (AUTOMATIC_WEEKS - 1), newest + WEEK))
    except PortalError:
        # The run that pulls tries again for longer, and says what is wrong where people look.
        return None


def _newest_week(state: State, newest: date, held: ByWeek | None, stored: ByWeek) -> list[Wanted]:
    has_changed = held is not None and bool(find_changes(held, stored, [newest]).first_to_pull)
    is_new = newest not in stored or state.was_pulled_early(newest) or not state.is_accepted(RAW, newest)
    # A queue is published before its week begins, or not at all.
    assets = [
        node.asset
        for node in state.graph.in_group("ingestion", "preparation", "prediction", "monitoring")
        if node.asset not in QUEUE_ASSETS
    ]
    if newest not in state.champions:
        assets = [name for name in assets if state.graph.by_name[name].group in ("ingestion", "preparation")]
    if is_new:
        return [Wanted("weekly", jobs.weekly_pipeline.name, newest, newest, "the week is over", "", assets)]
    if has_changed:
        return [_again(newest, newest)]
    request = Request(forecast_weeks=(newest,), history_from=state.first_week, may_pull=False, may_train=False)
    tasks = make_plan(state, request).tasks if newest in state.champions else ()
    return [
        Wanted("weekly", jobs.weekly_pipeline.name, task.first, task.last, task.reason, "", task.assets)
        for task in tasks[:1]
    ]


def _late(held: ByWeek | None, stored: ByWeek, newest: date) -> list[Wanted]:
    """The weeks before the newest that have changed on the portal."""
    if held is None:
        return []
    before = [newest - WEEK * ago for ago in range(1, AUTOMATIC_WEEKS)]
    changed = find_changes(held, stored, before).first_to_pull
    return [_again(first, last) for first, last in ranges(changed)]


def _again(first: date, last: date) -> Wanted:
    """A pull alone: what follows is made only where the content differs, by the sensor out_of_date."""
    return Wanted("weekly", jobs.weekly_pipeline.name, first, last, "the portal has changed", "", [RAW])


@dg.schedule(
    name="training",
    cron_schedule="0 6 * * 2",
    execution_timezone=ZONE_NAME,
    job=jobs.training,
    default_status=RUNNING,
    description=(
        "Tuesdays at six, a day after the pull: candidates and selection for the week under way, where the last "
        "decision is older than FOOD_INSPECTIONS_RETRAINING_WEEKS (four)."
    ),
)
def training(context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]) -> Requests:
    """Every four weeks: cron has no such rhythm, so each week asks how old the model is."""
    tick = _tick(context)
    cutoff, settings = monday_of(tick.date()), warehouse.settings
    with warehouse.snapshot() as connection:
        reigning = champions.find_champion(connection, cutoff, settings.label)
    if reigning is None:
        return dg.SkipReason("There is no model yet: the retraining sensor asks for the first one.")
    age = (cutoff - reigning.effective_week) // WEEK
    if age < settings.retraining_weeks:
        due = reigning.effective_week + WEEK * settings.retraining_weeks
        return dg.SkipReason(f"The model of {reigning.effective_week} is {age} weeks old, the next is due on {due}.")
    reason = f"the model of {reigning.effective_week} is {age} weeks old, due after {settings.retraining_weeks}"
    request = _keyed(Wanted("training", jobs.training.name, cutoff, cutoff, reason, ""), tick)
    with warehouse.transaction() as connection:
        retraining_log.log_decision(
            connection,
            cutoff - WEEK,
            settings.label,
            is_retraining=True,
            rule="model_age",
            values={"age_weeks": age, "retraining_weeks": settings.retraining_weeks},
            reason=reason,
            run_key=request.run_key,
        )
    return [request]


@dg.schedule(
    name="daily_pull",
    cron_schedule="0 5 * * 1-6",
    execution_timezone=ZONE_NAME,
    job=jobs.daily_pull,
    default_status=RUNNING,
    description=(
        "Weekdays and Saturdays at five, until the coming week's queue is published: pull what is new of the week "
        "under way. The queue then follows from it."
    ),
)
def daily_pull(
    context: dg.ScheduleEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
    portal: dg.ResourceParam[PortalClient],
) -> Requests:
    """Only where the portal holds something new."""
    tick = _tick(context)
    under_way = monday_of(tick.date())
    with warehouse.snapshot() as connection:
        state = _state(connection, warehouse, tick.date(), under_way)
        stored = pulls.stored_days(connection, [under_way])
        obstacle = mixing(connection, warehouse.settings)
    reason = _no_queue(state, under_way + WEEK) or obstacle
    if reason is not None:
        return dg.SkipReason(reason)
    held = _held(portal, under_way)
    if held is None:
        return dg.SkipReason("The portal does not answer: tomorrow is another day.")
    if held.get(under_way, {}) == stored.get(under_way, {}):
        return dg.SkipReason(f"The portal holds nothing new of {under_way}.")
    wanted = Wanted("daily_pull", jobs.daily_pull.name, under_way, under_way, "the portal holds new visits", "")
    return [_keyed(wanted, tick)]


@dg.schedule(
    name="refresh_queue",
    cron_schedule="0 6 * * 1-5",
    execution_timezone=ZONE_NAME,
    job=jobs.refresh_queue,
    default_status=RUNNING,
    description="Weekdays at six, until it is published: the coming week's queue, where it is missing or out of date.",
)
def refresh_queue(context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]) -> Requests:
    """Without publishing it."""
    tick = _tick(context)
    coming = monday_of(tick.date()) + WEEK
    with warehouse.snapshot() as connection:
        state = _state(connection, warehouse, tick.date(), coming)
    reason = _no_queue(state, coming)
    if reason is not None:
        return dg.SkipReason(reason)
    request = Request((), (coming,), state.first_week, is_publishing=False, may_pull=False, may_train=False)
    tasks = [task for task in make_plan(state, request).tasks if task.weeks == [coming]]
    if not tasks:
        return dg.SkipReason(f"The queue of {coming} is up to date.")
    return [_keyed(Wanted("refresh_queue", jobs.refresh_queue.name, coming, coming, tasks[0].reason, ""), tick)]


@dg.schedule(
    name="publish_queue",
    cron_schedule="0 15 * * 5",
    execution_timezone=ZONE_NAME,
    job=jobs.publish_queue,
    default_status=RUNNING,
    description="Fridays at three in the afternoon: publish the coming week's queue.",
)
def publish_queue(context: dg.ScheduleEvaluationContext, warehouse: dg.ResourceParam[Warehouse]) -> Requests:
    """Once: a published queue is history."""
    tick = _tick(context)
    coming = monday_of(tick.date()) + WEEK
    with warehouse.snapshot() as connection:
        state = _state(connection, warehouse, tick.date(), coming)
    reason = _no_queue(state, coming)
    if reason is not None:
        return dg.SkipReason(reason)
    wanted = Wanted("publish_queue", jobs.publish_queue.name, coming, coming, "the week begins on Monday", "")
    return [_keyed(wanted, tick)]


def _no_queue(state: State, coming: date) -> str | None:
    if state.first_week is None:
        return "The store is empty: the first pull comes first."
    if state.is_frozen(coming):
        return f"The queue of {coming} is published."
    if coming not in state.champions:
        return "There is no model yet: the retraining sensor asks for the first one."
    return None


def _tick(context: dg.ScheduleEvaluationContext) -> datetime:
    """The tick's own time: a tick that was missed is caught up later, for the week it was meant for."""
    return context.scheduled_execution_time.astimezone(TIME_ZONE)


def _state(connection: Connection, warehouse: Warehouse, today: date, week: date) -> State:
    return load_state(connection, warehouse.settings, asset_graph(), today, [week])


def _keyed(wanted: Wanted, tick: datetime) -> dg.RunRequest:
    week = wanted.first if wanted.first == wanted.last else f"{wanted.first}...{wanted.last}"
    return wanted.request(f"{tick.isoformat()}:{week}")


ALL_SCHEDULES: Sequence[dg.ScheduleDefinition] = [weekly, training, daily_pull, refresh_queue, publish_queue]
