"""What kind of city to make."""

from dataclasses import dataclass
from datetime import date, timedelta

from food_inspections.errors import DataError

FIRST_DAY = date(2016, 1, 4)
LAST_DAY = date(2018, 12, 30)
"""By default three years, with the change of law in the third."""


@dataclass(frozen=True)
class CityParameters:
    """The arguments of a sample city; the same plan makes the same city, byte for byte.

    Attributes:
        seed: Of all randomness.
        first_day, last_day: Days of the visits, both included.
        establishments: In business at any time.
        inspections_per_week: In an ordinary week; ``None`` takes one for every thirty establishments.
        shift_from: From this week on the city behaves differently; ``None`` for never.
        shift_size: How differently, in units of the logarithm of the violation rate; about 0.5 is plain to see.
    """

    seed: int = 0
    first_day: date = FIRST_DAY
    last_day: date = LAST_DAY
    establishments: int = 3_000
    inspections_per_week: float | None = None
    shift_from: date | None = None
    shift_size: float = 0.0

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise DataError(f"No days between {self.first_day} and {self.last_day}: give the earlier day first.")
        if self.establishments < 1:
            raise DataError(f"{self.establishments} establishments make no city: give at least 1.")
        if self.seed < 0:
            raise DataError(f"Seed {self.seed}: give a whole number of at least 0.")

    @property
    def first_monday(self) -> date:
        """Monday of the first week."""
        return self.first_day - timedelta(days=self.first_day.weekday())

    @property
    def week_count(self) -> int:
        """Weeks touched."""
        return (self.last_day - self.first_monday).days // 7 + 1

    @property
    def weekly_visits(self) -> float:
        """Visits in an ordinary week."""
        return self.inspections_per_week or self.establishments / 30
