"""Visits put one by one where they cost least: the start of the solver's search, and the way to change a plan.

What is handed out stays where it is; only the gaps around it are filled.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from food_inspections.domain.inputs import IntArray
from food_inspections.domain.plan.travel import Travel


@dataclass(frozen=True)
class Shift:
    """A working day that visits may be put into.

    Attributes:
        inspector: Position of the inspector, who is also the first and last point of the way.
        minutes: Minutes from start to return.
    """

    inspector: int
    minutes: int


@dataclass(frozen=True)
class Errand:
    """What routes are made of. Points are the inspectors, then the visits.

    Attributes:
        travel: Ways between all points.
        inspector_count: Points that are inspectors.
        visit_minutes: Minutes of each visit.
        allowed: Visits x inspectors: who may visit which.
    """

    travel: Travel
    inspector_count: int
    visit_minutes: IntArray
    allowed: npt.NDArray[np.bool_]
    _minutes: list[list[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Lists answer single questions several times as fast as arrays.
        object.__setattr__(self, "_minutes", self.travel.minutes.tolist())

    def way(self, start: int, end: int) -> int:
        """Minutes from one point to another."""
        return self._minutes[start][end]

    def point(self, visit: int) -> int:
        """The point of a visit."""
        return self.inspector_count + visit

    def duration(self, inspector: int, visits: Iterable[int]) -> int:
        """Minutes of a day from start to return; 0 without a visit."""
        stops = list(visits)
        points = [inspector, *map(self.point, stops), inspector]
        ways = sum(self.way(start, end) for start, end in itertools.pairwise(points))
        return ways + int(self.visit_minutes[stops].sum()) if stops else 0


def insert(errand: Errand, shifts: list[Shift], routes: list[list[int]], visits: Iterable[int]) -> list[int]:
    """Put visits into the days where each costs the fewest minutes.

    Args:
        errand: Ways and minutes.
        shifts: The days.
        routes: Visits of each day in order; changed. What stands there keeps its order.
        visits: Those to put in, the most important first.

    Returns:
        Visits that fit nowhere.
    """
    durations = [errand.duration(shift.inspector, route) for shift, route in zip(shifts, routes, strict=True)]
    left = []
    for visit in visits:
        point, minutes = errand.point(visit), int(errand.visit_minutes[visit])
        best: tuple[int, int, int] | None = None
        for day, (shift, route) in enumerate(zip(shifts, routes, strict=True)):
            room = shift.minutes - durations[day] - minutes
            if room < 0 or not errand.allowed[visit, shift.inspector]:
                continue
            points = [shift.inspector, *map(errand.point, route), shift.inspector]
            for place, (before, after) in enumerate(itertools.pairwise(points)):
                saved = errand.way(before, after) if route else 0
                extra = errand.way(before, point) + errand.way(point, after) - saved
                if extra <= room and (best is None or (extra, day, place) < best):
                    best = (extra, day, place)
        if best is None:
            left.append(visit)
        else:
            extra, day, place = best
            routes[day].insert(place, visit)
            durations[day] += extra + minutes
    return left
