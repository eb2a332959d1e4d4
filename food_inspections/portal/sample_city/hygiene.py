"""What nobody sees: how clean each establishment is, week by week, and how strict its inspector.

All effects add up on the logarithm of a rate: how many violations that are not corrected
on the spot an inspector finds on a canvass. The chance of a failure follows from that rate.
"""

from datetime import date, timedelta

import numpy as np

from food_inspections.portal.sample_city.parameters import CityParameters
from food_inspections.portal.sample_city.places import ZIP_COUNT, Places
from food_inspections.portal.sample_city.randomness import stream

BASE = -1.95
LASTING_SPREAD = 0.62
CHANGING_SPREAD = 0.33
MEMORY_WEEKS = 60.0
"""After so many weeks the changing part keeps 1/e of its level."""
NEIGHBOURHOOD_SPREAD = 0.33
INSPECTOR_SPREAD = 0.30
INSPECTOR_WEEKS = 30.0
SEASON_SIZE = 0.15
RISK_EFFECT = np.array([0.10, 0.0, -0.35])
LESSON = 0.12
"""What a failure improves for a while."""


class Hygiene:
    """The hidden state of a city; ``advance`` makes it a week older.

    Args:
        plan: Seed, size and shift.
        places: Its establishments.
    """

    def __init__(self, plan: CityParameters, places: Places) -> None:
        size = len(places.opens)
        self._plan = plan
        self._zip_index = places.zip_index
        self._neighbourhood = stream(plan.seed, "neighbourhood").normal(0, NEIGHBOURHOOD_SPREAD, ZIP_COUNT)
        self._kind = places.type_effect + RISK_EFFECT[places.risk_index]
        self._lasting = stream(plan.seed, "lasting").normal(0, LASTING_SPREAD, size)
        self._changing = stream(plan.seed, "changing").normal(0, CHANGING_SPREAD, size)
        self._inspector = stream(plan.seed, "inspector").normal(0, INSPECTOR_SPREAD, ZIP_COUNT)
        self._shift = 0.0
        self._is_shifted = False

    def advance(self, week: int) -> np.ndarray:
        """Log rates of all establishments in this week, as a canvass would find them."""
        seed = self._plan.seed
        monday = self._plan.first_monday + timedelta(weeks=week)
        keep = np.exp(-1 / MEMORY_WEEKS)
        noise = stream(seed, "hygiene noise", week).normal(0, CHANGING_SPREAD, len(self._changing))
        self._changing = keep * self._changing + np.sqrt(1 - keep**2) * noise
        draws = stream(seed, "inspector change", week)
        is_new = draws.random(ZIP_COUNT) < 1 / INSPECTOR_WEEKS
        self._inspector = np.where(is_new, draws.normal(0, INSPECTOR_SPREAD, ZIP_COUNT), self._inspector)
        if self._plan.shift_from is not None and monday >= self._plan.shift_from and not self._is_shifted:
            self._change_the_city()
        place = (self._neighbourhood + self._inspector)[self._zip_index]
        level = self._lasting + self._changing + place + self._kind
        return np.asarray(BASE + level + self._shift + _season(monday))

    def teach(self, establishments: np.ndarray) -> None:
        """Establishments that failed mend their ways."""
        self._changing[establishments] -= LESSON

    def _change_the_city(self) -> None:
        """More violations, and other establishments than before have them: what was learnt holds less."""
        size = self._plan.shift_size
        keep = np.exp(-2 * abs(size))
        draws = stream(self._plan.seed, "shift")
        self._shift = size
        self._neighbourhood = _mixed(self._neighbourhood, draws.normal(0, NEIGHBOURHOOD_SPREAD, ZIP_COUNT), keep)
        self._lasting = _mixed(self._lasting, draws.normal(0, LASTING_SPREAD, len(self._lasting)), keep)
        self._is_shifted = True


def _mixed(old: np.ndarray, new: np.ndarray, keep: float) -> np.ndarray:
    """Old and new values with the spread of either."""
    return np.asarray(keep * old + np.sqrt(1 - keep**2) * new)


def _season(monday: date) -> float:
    """More in the heat: highest at the end of July."""
    return float(SEASON_SIZE * np.cos(2 * np.pi * (monday.timetuple().tm_yday - 210) / 365.25))
