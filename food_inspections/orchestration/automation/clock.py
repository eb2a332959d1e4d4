"""The time, as a resource, so that a tick can be tried for any day; and the hours of the schedules."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from food_inspections.orchestration.partitions import CALENDAR

CLOSE = timedelta(minutes=3)


@dataclass(frozen=True)
class Clock:
    """Tells the time.

    Attributes:
        stopped_at: The moment it always tells; the present where there is none.
    """

    stopped_at: datetime | None = None

    def now(self) -> datetime:
        """This moment."""
        return self.stopped_at or datetime.now(UTC)

    def today(self) -> date:
        """Today in the city."""
        return CALENDAR.today(self.now())


@dataclass(frozen=True)
class Hour:
    """When a schedule ticks.

    Attributes:
        hour: Hour of the day, in the city; the first of them where it ticks every hour up to ``last_hour``.
        first_day: First weekday; Monday is 1.
        last_day: Last weekday, Saturday being 6.
        last_hour: The last of the hours, for what is asked for again until it is done.
    """

    hour: int
    first_day: int
    last_day: int
    last_hour: int | None = None

    @property
    def cron(self) -> str:
        """The same for Dagster."""
        hours = self.hour if self.last_hour is None else f"{self.hour}-{self.last_hour}"
        return f"0 {hours} * * {self.first_day}-{self.last_day}"

    def is_close(self, now: datetime) -> bool:
        """Whether the schedule ticks about now: two ticks at once do not see each other's runs, so a sensor yields."""
        local = CALENDAR.local(now)
        first = local.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        ticks = (first + timedelta(hours=more) for more in range((self.last_hour or self.hour) - self.hour + 1))
        return self.first_day <= local.isoweekday() <= self.last_day and any(
            abs(local - tick) < CLOSE for tick in ticks
        )


PULL = Hour(5, 1, 6)
# A day after the pull of the week that has ended.
TRAINING = Hour(6, 2, 6)
PUBLISH = Hour(15, 5, 5, last_hour=20)
