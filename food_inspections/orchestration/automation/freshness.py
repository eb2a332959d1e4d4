"""Whether the newest complete week is published: a check for the UI, kept up to date without a run."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import dagster as dg

from food_inspections.domain.weeks import TIME_ZONE, WEEK, monday_of
from food_inspections.orchestration.automation.clock import Clock
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse

ASSET = "api_predictions"
CHECK = "newest_complete_week"
DESCRIPTION = "The newest complete week is published by Monday noon."


@dataclass(frozen=True)
class Freshness:
    """What was expected and what is there."""

    expected: date
    seen: date | None

    @property
    def is_fresh(self) -> bool:
        """Whether the expected week is there."""
        return self.seen is not None and self.seen >= self.expected

    @property
    def text(self) -> str:
        """The same for people."""
        return f"newest week published: {self.seen or 'none'} (expected: {self.expected})"


def look(warehouse: Warehouse, now: datetime) -> Freshness:
    """Compare the newest published week with the newest one that is due.

    Args:
        warehouse: The store.
        now: This moment.
    """
    local = now.astimezone(TIME_ZONE)
    under_way = monday_of(local.date())
    noon = datetime.combine(under_way, time(12), TIME_ZONE)
    expected = under_way - WEEK if local >= noon else under_way - 2 * WEEK
    with warehouse.snapshot() as connection:
        weeks = [row.week for row in records.accepted_weeks(connection, ASSET)]
    return Freshness(expected, max(weeks, default=None))


@dg.asset_check(asset=ASSET, name=CHECK, description=DESCRIPTION)
def newest_complete_week(warehouse: dg.ResourceParam[Warehouse], clock: dg.ResourceParam[Clock]) -> dg.AssetCheckResult:
    """The check, as run by hand."""
    found = look(warehouse, clock.now())
    return dg.AssetCheckResult(
        passed=found.is_fresh,
        severity=dg.AssetCheckSeverity.WARN,
        description=found.text,
        metadata={"expected": str(found.expected), "seen": str(found.seen)},
    )


@dg.sensor(
    name="freshness",
    minimum_interval_seconds=int(timedelta(minutes=10).total_seconds()),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Say on the asset whether the newest complete week is published; launches nothing.",
)
def freshness(
    context: dg.SensorEvaluationContext, warehouse: dg.ResourceParam[Warehouse], clock: dg.ResourceParam[Clock]
) -> dg.SensorResult | dg.SkipReason:
    """Report the check whenever its outcome changes."""
    found = look(warehouse, clock.now())
    if context.cursor == found.text:
        return dg.SkipReason(found.text)
    evaluation = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(ASSET),
        check_name=CHECK,
        passed=found.is_fresh,
        severity=dg.AssetCheckSeverity.WARN,
        description=found.text,
        metadata={"expected": str(found.expected), "seen": str(found.seen)},
    )
    return dg.SensorResult(asset_events=[evaluation], cursor=found.text)
