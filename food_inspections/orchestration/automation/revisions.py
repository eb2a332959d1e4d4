"""What the portal holds and the store does not: late and corrected inspections, missed weeks, the history at first.

Weeks that a run wrote and died before their checks are pulled again as well: nobody may read them as they are.
"""

import json
from datetime import date, datetime, timedelta

import dagster as dg

from food_inspections.domain.weeks import WEEK, monday_of, week_range
from food_inspections.errors import PortalError
from food_inspections.orchestration.automation.clock import PULL, Clock
from food_inspections.orchestration.automation.jobs import pull
from food_inspections.orchestration.automation.runs import run_at_work, run_request, unless_tried
from food_inspections.orchestration.automation.store import why_not_to_pull
from food_inspections.orchestration.partitions import CALENDAR
from food_inspections.planning.planner import LARGEST_RANGE
from food_inspections.planning.portal_days import ByWeek, days_by_week, digest, find_changes, ranges
from food_inspections.planning.state import RAW
from food_inspections.planning.target import AUTOMATIC_WEEKS
from food_inspections.portal.client import PortalClient
from food_inspections.settings import Settings
from food_inspections.storage.records import active_runs, pulls
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse

NAME = "revisions"
PATIENCE = timedelta(hours=6)
"""How long after its end a week is left to the schedule, which pulls at five: a pull that failed is tried again."""


def revisions_sensor(settings: Settings) -> dg.SensorDefinition:
    """The sensor, which asks the portal as often as the settings say."""

    @dg.sensor(
        name=NAME,
        job=pull,
        minimum_interval_seconds=settings.portal_poll_s,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Ask the portal for counts and newest changes by day, and pull the weeks that differ again; on an empty "
            "store, or after a long absence, the weeks that are missing; and those that a dead run left unfinished."
        ),
    )
    def revisions(
        context: dg.SensorEvaluationContext,
        warehouse: dg.ResourceParam[Warehouse],
        portal: dg.ResourceParam[PortalClient],
        clock: dg.ResourceParam[Clock],
    ) -> dg.SensorResult | dg.SkipReason:
        """One request per tick, whatever the number of weeks; an unchanged portal launches nothing."""
        with warehouse.snapshot() as connection:
            stored = pulls.stored_days(connection)
            obstacle = why_not_to_pull(connection, warehouse.settings)
            rows = {row.week: row for row in records.latest(connection, RAW)}
            at_work = active_runs.active_runs(connection)
        if obstacle is not None:
            return dg.SkipReason(obstacle)
        if stored and PULL.is_close(clock.now()):
            return dg.SkipReason("The schedule pulls about now.")
        # Before the portal is asked: one that hands out batches must not be asked while a run collects them.
        busy = run_at_work(context.instance)
        if busy is not None:
            return dg.SkipReason(f"Run {busy.run_id} is at work.")
        try:
            held = days_by_week(portal.days())
        except PortalError as error:
            return dg.SkipReason(f"The portal does not answer: {error}")
        newest = max((row.sequence for row in rows.values()), default=0)
        unfinished = {week for week, row in rows.items() if row.status == "pending" and row.run_id not in at_work}
        # What is due changes when the schedule's time is over, not at midnight.
        day = str((CALENDAR.local(clock.now()) - PATIENCE).date())
        fingerprint = json.dumps([digest(held), newest, day, sorted(map(str, unfinished))])
        pulled_at = {week: row.created_at for week, row in rows.items()}
        weeks = [] if context.cursor == fingerprint else _to_pull(held, stored, pulled_at, unfinished, clock.now())
        if not weeks:
            context.update_cursor(fingerprint)
            unchanged = f"The portal holds what was pulled: {len(stored)} weeks are unchanged."
            nothing = f"{warehouse.settings.portal_url} holds no complete week."
            return dg.SkipReason(unchanged if stored else nothing)
        return _requests(context.instance, weeks, held, stored, unfinished, clock.now())

    return revisions


def _to_pull(
    held: ByWeek, stored: ByWeek, pulled_at: dict[date, datetime], unfinished: set[date], now: datetime
) -> list[date]:
    """Complete weeks that differ, are missing, were left unfinished, or were pulled while they were under way."""
    newest = monday_of(CALENDAR.today(now)) - WEEK
    complete = [week for week in held if CALENDAR.first_week <= week <= newest]
    if not complete:
        return []
    missing = [week for week in week_range(min(stored or complete), max(complete)) if week not in stored]
    if not stored or len(missing) > AUTOMATIC_WEEKS:
        # A first start, or a long absence: what is missing comes first, days without a visit included.
        return missing
    due = [week for week in week_range(min(stored), newest) if now >= CALENDAR.end_of(week) + PATIENCE]
    changed = find_changes(held, stored, [week for week in stored if week <= newest]).first_to_pull
    missed = [week for week in due if week not in stored and week in held]
    early = [week for week in due if week in pulled_at and pulled_at[week] < CALENDAR.end_of(week)]
    return sorted({*changed, *missed, *early, *(week for week in unfinished if week <= newest)})


def _requests(
    instance: dg.DagsterInstance,
    weeks: list[date],
    held: ByWeek,
    stored: ByWeek,
    unfinished: set[date],
    now: datetime,
) -> dg.SensorResult | dg.SkipReason:
    """The oldest first: the run queue lets them work one after another."""
    requests, obstacles = [], []
    for first, last in ranges(weeks, longest=LARGEST_RANGE):
        is_left = any(first <= week <= last for week in unfinished)
        changed = "a run left the week unfinished" if is_left else "the portal has changed"
        reason = changed if stored else "the history is missing"
        # What is held and what was pulled: rows that come, go and come back are three needs.
        state = f"{digest(held, first, last)}:{digest(stored, first, last)}"
        answer = unless_tried(instance, run_request(NAME, pull.name, first, last, reason, state), now)
        if isinstance(answer, dg.SkipReason):
            obstacles.append(f"{first} to {last}: {answer.skip_message}")
        else:
            requests.append(answer)
    return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("; ".join(obstacles))
