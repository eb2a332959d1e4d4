"""First start: on an empty store, or after a long absence, the history is pulled in ranges."""

from datetime import date

import dagster as dg

from food_inspections.domain.weeks import FIRST_WEEK, WEEK, monday_of, week_range
from food_inspections.errors import PortalError
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.automation.jobs import historical_pull
from food_inspections.orchestration.automation.requests import Wanted, attempt, run_at_work
from food_inspections.planning.portal_state import days_by_week
from food_inspections.planning.portals import mixing
from food_inspections.planning.request import AUTOMATIC_WEEKS
from food_inspections.portal.client import PortalClient
from food_inspections.storage.records import pulls
from food_inspections.storage.warehouse import Warehouse

NAME = "first_pull"
RANGE_WEEKS = 104


@dg.sensor(
    name=NAME,
    job=historical_pull,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="On an empty store, or where more than twelve weeks are missing, pull the history, two years a run.",
)
def first_pull(
    context: dg.SensorEvaluationContext,
    warehouse: dg.ResourceParam[Warehouse],
    portal: dg.ResourceParam[PortalClient],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult | dg.SkipReason:
    """Request the next range of what is missing, one at a time and in order, so that features see all of the past."""
    newest = monday_of(clock.today()) - WEEK
    with warehouse.snapshot() as connection:
        stored = set(pulls.stored_days(connection))
        obstacle = mixing(connection, warehouse.settings)
    if stored and len(_missing(min(stored), newest, stored)) <= AUTOMATIC_WEEKS:
        return dg.SkipReason(f"The store holds weeks from {min(stored)} on.")
    busy = run_at_work(context.instance)
    if obstacle is not None or busy is not None:
        return dg.SkipReason(obstacle or f"Run {busy} is at work.")
    try:
        held = days_by_week(portal.days())
    except PortalError as error:
        return dg.SkipReason(f"The portal does not answer: {error}")
    held = {week: days for week, days in held.items() if FIRST_WEEK <= week <= newest}
    missing = [week for week in _missing(min(stored or held), newest, stored) if week <= max(held)] if held else []
    if not missing:
        return dg.SkipReason(f"{warehouse.settings.portal_url} holds no complete week that is missing.")
    first, last = missing[0], missing[0]
    for week in missing[1:RANGE_WEEKS]:
        if week - last != WEEK:
            break
        last = week
    wanted = Wanted(NAME, historical_pull.name, first, last, "the history is missing", str(len(stored)))
    request = attempt(context.instance, wanted, clock.now())
    if isinstance(request, str):
        return dg.SkipReason(f"{first} to {last}: {request}.")
    return dg.SensorResult(run_requests=[request])


def _missing(first: date, newest: date, stored: set[date]) -> list[date]:
    return [week for week in week_range(first, newest) if week not in stored]
