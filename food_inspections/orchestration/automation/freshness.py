"""Whether the newest complete week is published and the portal still gets inspections: checks kept up without a run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg
import requests

from food_inspections.domain.weeks import WEEK, monday_of
from food_inspections.orchestration.automation import notifications
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.partitions import CALENDAR
from food_inspections.planning.target import LONGEST_SILENCE
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse


@dataclass(frozen=True)
class Finding:
    """What was expected and what is there.

    Attributes:
        is_fresh: Whether it is as expected.
        expected, seen: A week, or none.
        text: The same for people, with what to do where it is not as expected.
    """

    is_fresh: bool
    expected: str
    seen: str
    text: str


def newest_published(warehouse: Warehouse, now: datetime) -> Finding:
    """Compare the newest published week with the newest one that is due.

    Args:
        warehouse: The store.
        now: This moment.
    """
    local = CALENDAR.local(now)
    under_way = monday_of(local.date())
    expected = under_way - WEEK if local >= CALENDAR.at(under_way, 12) else under_way - 2 * WEEK
    with warehouse.snapshot() as connection:
        seen = max((row.week for row in records.accepted_weeks(connection, "api_predictions")), default=None)
    is_fresh = seen is not None and seen >= expected
    return Finding(
        is_fresh, str(expected), str(seen), f"newest week published: {seen or 'none'} (expected: {expected})"
    )


def newest_inspections(warehouse: Warehouse, now: datetime) -> Finding:
    """Whether the data set still gets rows: the newest week with inspections is no more than some weeks old.

    Args:
        warehouse: The store.
        now: This moment.
    """
    expected = monday_of(CALENDAR.today(now)) - LONGEST_SILENCE
    with warehouse.snapshot() as connection:
        weeks = [row.week for row in records.accepted_weeks(connection, "raw_inspections") if row.row_count]
    if not weeks:
        return Finding(True, str(expected), "None", "nothing was pulled yet")
    seen = max(weeks)
    if seen >= expected:
        return Finding(True, str(expected), str(seen), f"the newest inspections are of the week of {seen}")
    text = (
        f"the newest inspections are of the week of {seen}: {warehouse.settings.portal_url} "
        f"({warehouse.settings.dataset}) may have stopped, or moved to another data set. Forecasts go on from what is "
        "known and grow old; look at the portal, and correct the city's profile where it names another data set"
    )
    return Finding(False, str(expected), str(seen), text)


Look = Callable[[Warehouse, datetime], Finding]


@dataclass(frozen=True)
class Watched:
    """A check that follows from the records and the time.

    Attributes:
        asset, name: The check.
        description: What must hold.
        look: Finds out.
        is_alarm: Whether people are told at once when it begins to fail.
    """

    asset: str
    name: str
    description: str
    look: Look
    is_alarm: bool = False

    def check(self) -> dg.AssetChecksDefinition:
        """The check, as run by hand."""

        @dg.asset_check(asset=self.asset, name=self.name, description=self.description)
        def run_by_hand(warehouse: dg.ResourceParam[Warehouse], clock: dg.ResourceParam[Clock]) -> dg.AssetCheckResult:
            found = self.look(warehouse, clock.now())
            return dg.AssetCheckResult(
                passed=found.is_fresh,
                severity=dg.AssetCheckSeverity.WARN,
                description=found.text,
                metadata={"expected": found.expected, "seen": found.seen},
            )

        return run_by_hand

    def evaluation(self, found: Finding) -> dg.AssetCheckEvaluation:
        """The check, as the sensor reports it."""
        return dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(self.asset),
            check_name=self.name,
            passed=found.is_fresh,
            severity=dg.AssetCheckSeverity.WARN,
            description=found.text,
            metadata={"expected": found.expected, "seen": found.seen},
        )


PUBLISHED = Watched(
    "api_predictions", "newest_complete_week", "The newest complete week is published by Monday noon.", newest_published
)
ARRIVING = Watched(
    "raw_inspections",
    "inspections_still_arrive",
    f"The newest week with inspections is at most {LONGEST_SILENCE // WEEK} weeks old.",
    newest_inspections,
    is_alarm=True,
)
WATCHED: Sequence[Watched] = (PUBLISHED, ARRIVING)
ALL_CHECKS = [watched.check() for watched in WATCHED]


@dg.sensor(
    name="freshness",
    minimum_interval_seconds=int(timedelta(minutes=10).total_seconds()),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Say on the assets whether the newest complete week is published and whether the portal still gets "
        "inspections; tell people when it stops. Launches nothing."
    ),
)
def freshness(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse], clock: dg.ResourceParam[Clock]
) -> dg.SensorResult | dg.SkipReason:
    """Report a check whenever its outcome changes."""
    found = {watched.name: watched.look(warehouse, clock.now()) for watched in WATCHED}
    said = {name: finding.text for name, finding in found.items()}
    before = _before(context.cursor)
    changed = [watched for watched in WATCHED if before.get(watched.name) != said[watched.name]]
    if not changed:
        return dg.SkipReason("; ".join(said.values()))
    for watched in changed:
        if watched.is_alarm and not found[watched.name].is_fresh:
            _tell(context, warehouse, found[watched.name].text)
    events = [watched.evaluation(found[watched.name]) for watched in changed]
    return dg.SensorResult(asset_events=events, cursor=json.dumps(said))


def _before(cursor: str | None) -> dict[str, str]:
    """What was said last; nothing where the cursor is of an older program."""
    try:
        known = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _tell(context: dg.SensorEvaluationContext, warehouse: Warehouse, text: str) -> None:
    try:
        notifications.post(text, {"text": text, "check": ARRIVING.name}, warehouse.settings)
    except requests.RequestException as error:
        context.log.error(f"The webhook did not take it: {notifications.in_words(error)}")
