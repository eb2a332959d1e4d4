"""Who may visit what, and the dealing of the chosen places to inspectors and days."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.inputs import IntArray
from food_inspections.domain.plan.handed_out import HandedOut
from food_inspections.domain.plan.insertion import Errand, Shift, insert
from food_inspections.domain.plan.inspectors import Inspector
from food_inspections.domain.plan.routes import solve_routes
from food_inspections.domain.plan.travel import Points, TravelRules, travel_between

FIELD_DAYS_SLACK = 1.2
"""Days that inspectors get beyond their even part of the work, so that nobody's week is much longer than another's."""

Routes = Mapping[tuple[int, date], list[int]]
"""Positions of the places to visit, in order, by position of the inspector and day."""


@dataclass(frozen=True)
class Round:
    """What is dealt in a week, and to whom.

    Attributes:
        week: The week's Monday.
        places: The queue by rank: establishment_id, zip, area, facility_type, latitude, longitude, minutes, score.
        inspectors: Who visits.
        travel: How travel is reckoned.
        handed_out: What an earlier version handed out.
        seed: Seed of the search.
        rounds: Rounds of the search.
    """

    week: date
    places: pd.DataFrame
    inspectors: list[Inspector]
    travel: TravelRules
    handed_out: HandedOut
    seed: int
    rounds: int

    @cached_property
    def days(self) -> list[list[date]]:
        """Working days of each inspector on which something new may be planned."""
        first = self.handed_out.from_day or self.week
        return [[day for day in inspector.days(self.week) if day >= first] for inspector in self.inspectors]

    @cached_property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Places x inspectors: whose districts and kinds a place belongs to."""
        places = self.places
        columns = [
            (places["zip"].isin(who.districts) | places["area"].isin(who.districts) if who.districts else True)
            & (places["facility_type"].isin(who.kinds) if who.kinds else True)
            for who in self.inspectors
        ]
        table = np.ones((len(places), len(self.inspectors)), dtype=bool)
        for number, column in enumerate(columns):
            table[:, number] = column
        return table

    @cached_property
    def reachable(self) -> npt.NDArray[np.bool_]:
        """Places x inspectors: allowed, and near enough to be visited within a working day."""
        starts, places = self._starts, points_of(self.places)
        out = travel_between(starts, places, self.travel).minutes.T
        back = travel_between(places, starts, self.travel).minutes
        minutes = np.array([who.minutes if days else 0 for who, days in zip(self.inspectors, self.days, strict=True)])
        visit: IntArray = self.places["minutes"].to_numpy(dtype=np.int64)
        is_near: npt.NDArray[np.bool_] = out + back + visit[:, None] <= minutes[None, :]
        return self.allowed & is_near

    @property
    def _starts(self) -> Points:
        return starts_of(self.inspectors)

    @cached_property
    def kept(self) -> dict[tuple[int, date], list[int]]:
        """Stops that were handed out, by inspector and day, of inspectors who work on that day."""
        number = {who.name: place for place, who in enumerate(self.inspectors)}
        position = {name: place for place, name in enumerate(self.places["establishment_id"])}
        kept: dict[tuple[int, date], list[int]] = {}
        stops = self.handed_out.stops
        for name, stamp, place in zip(stops["inspector"], stops["day"], stops["establishment_id"], strict=True):
            who, day = number.get(name), pd.Timestamp(stamp).date()
            if who is not None and day in self.inspectors[who].days(self.week) and place in position:
                kept.setdefault((who, day), []).append(position[place])
        return kept

    @property
    def kept_ids(self) -> list[str]:
        """Establishments that keep their inspector and day."""
        ids = self.places["establishment_id"].to_numpy()
        return [str(ids[place]) for route in self.kept.values() for place in route]

    @property
    def lost(self) -> list[str]:
        """Establishments that were handed out to somebody who does not work on that day any more."""
        return sorted(set(self.handed_out.stops["establishment_id"]) - set(self.kept_ids))

    @property
    def gone(self) -> list[str]:
        """Establishments that were handed out and are not in the queue any more."""
        return sorted(set(self.handed_out.stops["establishment_id"]) - set(self.places["establishment_id"]))

    def why_not(self, position: int) -> str | None:
        """Why nobody can visit a place, in a sentence; ``None`` where somebody can."""
        if not any(self.days):
            return "no inspector has working time left in the week: add inspectors, days or minutes."
        if not self.allowed[position].any():
            place = self.places.iloc[position]
            return (
                f"no inspector has its district ({place['zip']}) and kind ({place['facility_type']}): add them to one."
            )
        if not self.reachable[position].any():
            return "the way there and back and the visit take longer than a working day: give somebody more minutes."
        return None


def starts_of(inspectors: list[Inspector]) -> Points:
    """The start points of inspectors."""
    degrees = [
        (math.nan if who.latitude is None else who.latitude, math.nan if who.longitude is None else who.longitude)
        for who in inspectors
    ]
    table = np.array(degrees, dtype=np.float64).reshape(-1, 2)
    return Points([who.name for who in inspectors], table[:, 0], table[:, 1], ["start"] * len(inspectors))


def points_of(places: pd.DataFrame) -> Points:
    """Where places lie."""
    return Points(
        places["establishment_id"].tolist(),
        places["latitude"].to_numpy(dtype=np.float64),
        places["longitude"].to_numpy(dtype=np.float64),
        places["zip"].tolist(),
    )


def joined(first: Points, second: Points) -> Points:
    """Points of both."""
    return Points(
        [*first.names, *second.names],
        np.concatenate([first.latitude, second.latitude]),
        np.concatenate([first.longitude, second.longitude]),
        [*first.near, *second.near],
    )


def deal(round_: Round, candidates: IntArray, prizes: IntArray) -> Routes:
    """Deal places to inspectors and days.

    Where something was handed out, new places are put into the gaps around it, the most valuable first. Else the
    solver finds routes; an inspector's best route comes first in the week, so that failures are found early.

    Args:
        round_: The week.
        candidates: Positions of the places to deal.
        prizes: What a visit to each place of the queue is worth.
    """
    if round_.kept:
        return _filled(round_, candidates, prizes)
    candidates = candidates[round_.reachable[candidates].any(axis=1)]
    errand = _errand(round_, candidates)
    work = [len(days) for days in round_.days]
    minutes = [who.minutes for who in round_.inspectors]
    even = _even_days(errand, work, minutes)
    found = solve_routes(errand, prizes[candidates], even, minutes, seed=round_.seed, rounds=round_.rounds)
    if even != work and sum(len(visits) for _, visits in found) < len(candidates):
        found = solve_routes(errand, prizes[candidates], work, minutes, seed=round_.seed, rounds=round_.rounds)
    return _by_day(round_, [(who, candidates[visits].tolist()) for who, visits in _evened(round_, errand, found)])


def _errand(round_: Round, candidates: IntArray) -> Errand:
    places = round_.places.iloc[candidates]
    points = joined(starts_of(round_.inspectors), points_of(places))
    return Errand(
        travel_between(points, points, round_.travel),
        len(round_.inspectors),
        places["minutes"].to_numpy(dtype=np.int64),
        round_.reachable[candidates],
    )


def _even_days(errand: Errand, work: list[int], minutes: list[int]) -> list[int]:
    """Days of each inspector that the work needs if everybody has the same part of it."""
    visits = len(errand.visit_minutes)
    total = sum(days * each for days, each in zip(work, minutes, strict=True))
    if not visits or not total:
        return work
    ways = errand.travel.minutes
    count = errand.inspector_count
    between = (
        np.where(np.eye(visits, dtype=bool), ways.max(), ways[count:, count:]).min(axis=1).sum() if visits > 1 else 0
    )
    outward = ways[:count, count:].min(axis=0).mean()
    shifts = sum(work)
    need = float(errand.visit_minutes.sum() + 2 * between)
    # Every day that is used adds a way out and one back.
    share = need / max(1.0, total - 2 * outward * shifts)
    return [min(days, math.ceil(days * share * FIELD_DAYS_SLACK)) for days in work]


def _evened(round_: Round, errand: Errand, found: list[tuple[int, list[int]]]) -> list[tuple[int, list[int]]]:
    """The same routes, dealt anew among inspectors who are alike, so that their weeks are about equally long.

    To the solver it is all one which of them drives a route, so it often gives one four days and another one day. The
    longest route goes first, each to whom has the least to do so far and a day left.
    """
    count, ways = errand.inspector_count, errand.travel
    alike: dict[tuple[object, ...], list[int]] = {}
    for who, days in enumerate(round_.days):
        own = (ways.minutes[who, count:], ways.minutes[count:, who], ways.metres[who, count:], ways.metres[count:, who])
        tables = (errand.allowed[:, who], *own)
        key = (round_.inspectors[who].minutes, tuple(days), *(table.tobytes() for table in tables))
        alike.setdefault(key, []).append(who)
    dealt = []
    for members in alike.values():
        routes = [visits for who, visits in found if who in members]
        minutes, days_used = dict.fromkeys(members, 0), dict.fromkeys(members, 0)
        for visits in sorted(routes, key=lambda visits: (-_minutes(errand, members[0], visits), visits)):
            is_free = [who for who in members if days_used[who] < len(round_.days[who])]
            who = min(is_free, key=lambda each: (minutes[each], each))
            minutes[who] += _minutes(errand, who, visits)
            days_used[who] += 1
            dealt.append((who, visits))
    return dealt


def _minutes(errand: Errand, who: int, visits: list[int]) -> int:
    stops = [who, *(errand.point(visit) for visit in visits), who]
    return int(errand.visit_minutes[visits].sum() + errand.travel.minutes[stops[:-1], stops[1:]].sum())


def _by_day(round_: Round, found: list[tuple[int, list[int]]]) -> Routes:
    score = round_.places["score"].to_numpy()
    routes: dict[tuple[int, date], list[int]] = {}
    for who, days in enumerate(round_.days):
        own = [stops for inspector, stops in found if inspector == who]
        own.sort(key=lambda stops: (-score[stops].sum(), stops))
        routes |= {(who, day): stops for day, stops in zip(days, own, strict=False)}
    return routes


def _filled(round_: Round, candidates: IntArray, prizes: IntArray) -> Routes:
    kept = {place for route in round_.kept.values() for place in route}
    new = np.array([place for place in candidates.tolist() if place not in kept], dtype=np.int64)
    everything = np.concatenate([np.array(sorted(kept), dtype=np.int64), new])
    errand = _errand(round_, everything)
    number = {place: visit for visit, place in enumerate(everything.tolist())}
    open_days = [(who, day) for who, days in enumerate(round_.days) for day in days]
    routes = [[number[place] for place in round_.kept.get(key, [])] for key in open_days]
    shifts = [Shift(who, round_.inspectors[who].minutes) for who, _ in open_days]
    order = new[np.argsort(-prizes[new], kind="stable")]
    insert(errand, shifts, routes, [number[place] for place in order.tolist()])
    filled = {key: everything[route].tolist() for key, route in zip(open_days, routes, strict=True) if route}
    return round_.kept | filled
