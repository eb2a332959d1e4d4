"""Routes through the visits of a week by PyVRP: which are made where the time is short, by whom, in which order.

Optional visits with prizes under a time budget are the team orienteering problem. Of the two kept libraries that
solve it, PyVRP (MIT, a wheel of one megabyte) found shorter ways in less time than the routing library of OR-Tools
(a wheel of thirty): measured in docs/plan.md. Its search ends after a number of rounds, not of seconds, and its chance
is seeded: the same input gives the same plan, however fast the machine. OR-Tools' guided search ends by the clock.
"""

import warnings
from typing import Any

import numpy as np

from food_inspections.domain.inputs import IntArray
from food_inspections.domain.plan.insertion import Errand, Shift, insert

ROUNDS = 1_000
ROUNDS_TIMES_VISITS = 400_000
"""Rounds of the search, fewer where there are more than 400 visits: some ten seconds on one core."""

METRES_A_UNIT = 10
FORBIDDEN = 100_000_000
"""Cost of a way that an inspector may not take: more than all prizes of a visit together."""

SCORE_PRIZE = 1_200_000
FLOOR_PRIZE = 3_000_000
MUST_PRIZE = 5_000_000
"""What a visit is worth, in units of ten metres: a finding 12,000 km, so that even a chance of one in a hundred is
worth more than any detour, and visits are given up for want of time, never to save kilometres. What an area's floor or
the law asks for goes before any score."""

LARGEST_PENALTY = 400_000.0
"""Of a minute of overtime while searching; what is found has none."""


def solve_routes(
    errand: Errand, prizes: IntArray, days: list[int], day_minutes: list[int], *, seed: int, rounds: int = ROUNDS
) -> list[tuple[int, list[int]]]:
    """The best routes found.

    Args:
        errand: Ways and minutes.
        prizes: What each visit is worth, in units of ten metres.
        days: Working days of each inspector.
        day_minutes: Minutes of a working day of each.
        seed: Seed of the search.
        rounds: Rounds of the search.

    Returns:
        Inspector and visits of each route that has any.
    """
    # Takes half a second, and nothing but a plan needs it.
    from pyvrp import Client, Depot, Location, ProblemData, Route, Solution, VehicleType, solve  # noqa: PLC0415
    from pyvrp.exceptions import PenaltyBoundWarning  # noqa: PLC0415
    from pyvrp.PenaltyManager import PenaltyParams  # noqa: PLC0415
    from pyvrp.solve import SolveParams  # noqa: PLC0415
    from pyvrp.stop import MaxIterations  # noqa: PLC0415

    inspectors, visits = errand.inspector_count, len(prizes)
    working = [inspector for inspector in range(inspectors) if days[inspector] and day_minutes[inspector]]
    if not visits or not working:
        return []
    # Inspectors who may visit the same places share a table of ways.
    profiles = sorted({errand.allowed[:, inspector].tobytes() for inspector in working})
    units, durations = errand.travel.metres // METRES_A_UNIT, errand.travel.minutes
    distance_tables: list[Any] = []
    duration_tables: list[Any] = []
    for profile in profiles:
        closed = np.r_[np.zeros(inspectors, dtype=bool), ~np.frombuffer(profile, dtype=bool)]
        is_closed = closed[:, None] | closed[None, :]
        np.fill_diagonal(is_closed, val=False)
        distance_tables.append(np.where(is_closed, FORBIDDEN, units))
        duration_tables.append(np.where(is_closed, FORBIDDEN, durations))
    data = ProblemData(
        locations=[Location(0, 0) for _ in range(inspectors + visits)],
        clients=[
            Client(errand.point(visit), service_duration=minutes, prize=prize, required=False)
            for visit, (minutes, prize) in enumerate(zip(errand.visit_minutes.tolist(), prizes.tolist(), strict=True))
        ],
        depots=[Depot(inspector) for inspector in range(inspectors)],
        vehicle_types=[
            VehicleType(
                num_available=days[inspector],
                start_depot=inspector,
                end_depot=inspector,
                shift_duration=day_minutes[inspector],
                profile=profiles.index(errand.allowed[:, inspector].tobytes()),
            )
            for inspector in working
        ],
        distance_matrices=distance_tables,
        duration_matrices=duration_tables,
    )
    shifts = [Shift(inspector, day_minutes[inspector]) for inspector in working for _ in range(days[inspector])]
    first: list[list[int]] = [[] for _ in shifts]
    insert(errand, shifts, first, np.argsort(-prizes, kind="stable").tolist())
    types = {inspector: place for place, inspector in enumerate(working)}
    start = Solution(
        data, [Route(data, route, types[shift.inspector]) for shift, route in zip(shifts, first, strict=True) if route]
    )
    with warnings.catch_warnings():
        # Visits that do not all fit keep the penalty for overtime high; what is taken is within every limit.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        found = solve(
            data,
            MaxIterations(max(1, min(rounds, ROUNDS_TIMES_VISITS // visits))),
            seed=seed,
            collect_stats=False,
            display=False,
            params=SolveParams(penalty=PenaltyParams(solutions_between_updates=100, max_penalty=LARGEST_PENALTY)),
            initial_solution=start,
        )
    best = found.best if found.best.is_feasible() else start
    return [
        (working[route.vehicle_type()], [stop.idx for stop in route if stop.is_client()]) for route in best.routes()
    ]
