"""The one definition of a week, and the ways one week may reach for others.

A mapping that reaches later weeks does not belong here: it would read the future.
"""

from collections.abc import Sequence
from datetime import date

import dagster as dg

from food_inspections.planning.graph import EVER
from food_inspections.settings import Settings

# A code location serves one city: the one that its environment, or its home, names.
CALENDAR = Settings.from_environment().calendar
TIME_ZONE = str(CALENDAR.time_zone)

# end_offset=2: the week under way and the coming one exist, so that a queue can be made for them.
WEEKS = dg.WeeklyPartitionsDefinition(
    start_date=str(CALENDAR.first_week), timezone=TIME_ZONE, day_offset=1, end_offset=2
)

SAME_WEEK = dg.TimeWindowPartitionMapping(start_offset=0, end_offset=0)
UP_TO_THE_WEEK = dg.TimeWindowPartitionMapping(start_offset=EVER, end_offset=0)
BEFORE_THE_WEEK = dg.TimeWindowPartitionMapping(start_offset=EVER, end_offset=-1)


def monday(partition_key: str) -> date:
    """The Monday a partition key names."""
    return date.fromisoformat(partition_key)


def mondays(partition_keys: Sequence[str]) -> list[date]:
    """The Mondays of several partition keys, in order."""
    return sorted(monday(key) for key in partition_keys)


# Fewer rows than four weeks hold make every drift statistic a matter of chance.
WEEKS_IN_DRIFT = 4


def recent_weeks(count: int) -> dg.TimeWindowPartitionMapping:
    """The week and the ones before it, ``count`` in all."""
    return dg.TimeWindowPartitionMapping(start_offset=1 - count, end_offset=0)


def weeks_before(count: int) -> dg.TimeWindowPartitionMapping:
    """So many weeks before the week, which is none of them."""
    return dg.TimeWindowPartitionMapping(start_offset=-count, end_offset=-1)
