"""Late and corrected inspections: one grouped query tells which weeks have changed on the portal."""

import json
from datetime import date, datetime, timedelta

import dagster as dg

from food_inspections.domain.weeks import TIME_ZONE, WEEK, monday_of, week_range
from food_inspections.errors import PortalError
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.automation.jobs import pull
from food_inspections.orchestration.automation.requests import Wanted, attempt, run_at_work
from food_inspections.planning.portal_state import ByWeek, days_by_week, digest, find_changes, ranges
from food_inspections.planning.portals import mixing
from food_inspections.planning.request import AUTOMATIC_WEEKS
from food_inspections.planning.state import RAW
from food_inspections.portal.client import PortalClient
from food_inspections.settings import Settings
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import pulls
from food_inspections.storage.warehouse import Warehouse

NAME = "revisions"
LONGEST_RANGE = 208
PATIENCE = timedelta(hours=24)
"""How long after its end a week is left to the weekly schedule."""


def revisions_sensor(settings: Settings) -> dg.SensorDefinition:
    """The sensor, which asks the portal as often as the settings say."""

    @dg.sensor(
        name=NAME,
        job=pull,
        minimum_interval_seconds=settings.portal_poll_s,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ask the portal for counts and newest changes by day, and pull the weeks that differ again.",
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
            obstacle = mixing(connection, warehouse.settings)
            rows = {row.week: row for row in records.latest(connection, RAW)}
        if not stored or obstacle is not None:
            return dg.SkipReason(obstacle or "The store is empty: the first pull comes first.")
        # Before the portal is asked: one that hands out batches must not be asked while a run collects them.
        busy = run_at_work(context.instance)
        if busy is not None:
            return dg.SkipReason(f"Run {busy} is at work.")
        try:
            held = days_by_week(portal.days())
        except PortalError as error:
            return dg.SkipReason(f"The portal does not answer: {error}")
        seen = json.dumps([digest(held), max(row.sequence for row in rows.values()), str(clock.today())])
        pulled_at = {week: row.created_at for week, row in rows.items()}
        weeks = [] if context.cursor == seen else _to_pull(held, stored, pulled_at, clock.now())
        if not weeks:
            context.update_cursor(seen)
            return dg.SkipReason(f"The portal holds what was pulled: {len(stored)} weeks are unchanged.")
        return _requests(context.instance, weeks, held, stored, clock.now())

    return revisions


def _to_pull(held: ByWeek, stored: ByWeek, pulled_at: dict[date, datetime], now: datetime) -> list[date]:
    """Complete weeks that differ, that were missed, or that were pulled while they were under way."""
    newest = monday_of(now.astimezone(TIME_ZONE).date()) - WEEK
    complete = [week for week in stored if week <= newest]
    changed = find_changes(held, stored, complete).first_to_pull
    due = [week for week in week_range(min(stored), newest) if now >= _end(week) + PATIENCE]
    missed = [week for week in due if week not in stored and week in held]
    early = [week for week in due if week in pulled_at and pulled_at[week] < _end(week)]
    if len(missed) > AUTOMATIC_WEEKS:
        # A long absence: the first pull's ranges bring them.
        missed = []
    return sorted({*changed, *missed, *early})


def _requests(
    instance: dg.DagsterInstance, weeks: list[date], held: ByWeek, stored: ByWeek, now: datetime
) -> dg.SensorResult | dg.SkipReason:
    requests, obstacles = [], []
    for first, last in ranges(weeks):
        while first <= last:
            end = min(last, first + WEEK * (LONGEST_RANGE - 1))
            # What is held and what was pulled: rows that come, go and come back are three needs.
            state = f"{digest(held, first, end)}:{digest(stored, first, end)}"
            wanted = Wanted(NAME, pull.name, first, end, "the portal has changed", state)
            request = attempt(instance, wanted, now)
            if isinstance(request, str):
                obstacles.append(f"{first} to {end}: {request}")
            else:
                requests.append(request)
            first = end + WEEK  # noqa: PLW2901 - the rest of a long range
    return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("; ".join(obstacles))


def _end(week: date) -> datetime:
    return datetime.combine(week + WEEK, datetime.min.time(), TIME_ZONE)
