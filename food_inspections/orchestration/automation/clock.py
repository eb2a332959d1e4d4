"""The time, as a resource, so that a tick can be tried for any day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from food_inspections.domain.weeks import today_in_city


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
        return today_in_city(self.now())
