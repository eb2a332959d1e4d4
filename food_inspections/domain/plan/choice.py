"""Which places a week has room for, and why each: must-visits, the floor of its area, or its score."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.plan.service import TOLERANCE, usual_finds

MUSTS = ("random", "reinspection", "overdue")
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """What a number of visits is used for.

    Attributes:
        places: The queue by rank, with ``why`` (empty where a place is not chosen), ``must`` (why it must be
            visited, empty where it need not), ``is_needed`` (its area falls below its floor without it).
        finds_without_floor: Failures the same number of visits were expected to find without the floor.
        left: Must-visits there is no room for, with the cause: position in ``places`` and a sentence.
    """

    places: pd.DataFrame
    finds_without_floor: float
    left: dict[int, str]

    @property
    def finds(self) -> float:
        """Failures the visits are expected to find."""
        return float(self.places.loc[self.places["why"] != "", "score"].sum())


Frequencies = Mapping[str, Mapping[str, int]]
"""Days between visits that a city's rules ask for, by column of a place (``risk``, ``facility_type``) and its word."""


def frequencies_of(profile: Profile) -> Frequencies:
    """How often the city's rules ask for a visit, by risk class and by kind of establishment."""
    return {
        column: {word.word: word.days_between_visits for word in words if word.days_between_visits is not None}
        for column, words in (("risk", profile.risks), ("facility_type", profile.kinds))
    }


def days_overdue(places: pd.DataFrame, frequencies: Frequencies) -> pd.Series:
    """Days since each visit was due by the city's rules, negative before; NaN where no rule names it.

    Where one rule goes by the place's kind and another by its risk class, the shorter interval holds.

    Args:
        places: risk, facility_type, days_since_last_visit.
        frequencies: Days between visits.
    """
    rules = {column: places[column].map(dict(days)).astype("float64") for column, days in frequencies.items()}
    between = pd.DataFrame(rules, index=places.index).min(axis=1)
    return places["days_since_last_visit"].astype("float64") - between


def must_reasons(places: pd.DataFrame) -> pd.Series:
    """Why each place must be visited, the first that holds; empty where it need not be.

    Args:
        places: is_on_list, is_random_draw, is_reinspection_open, days_overdue.
    """
    conditions = [
        places["is_random_draw"] & places["is_on_list"],
        places["is_reinspection_open"],
        places["days_overdue"] > 0,
    ]
    return pd.Series(np.select([each.to_numpy(dtype=bool) for each in conditions], MUSTS, ""), index=places.index)


def choose(
    places: pd.DataFrame,
    shares: npt.NDArray[np.float64],
    *,
    visits: int,
    floor: float,
    must_share: float,
    handed_out: BoolArray,
    possible: BoolArray,
) -> Choice:
    """Choose what a number of visits is used for.

    First what was handed out and the random draw; then, up to their share, open re-inspections from the newest failure
    on and places from the longest overdue on; then the top of the ranking. Where an area is left below its floor, its
    best place takes the room of the lowest score that its own area can spare.

    Args:
        places: The queue: rank, score, area, must, days_overdue, days_since_last_visit.
        shares: Share of the usual visits of each place.
        visits: Number of visits there is room for.
        floor: Share of the usual finds that each area is to have.
        must_share: Share of the visits that may go to re-inspections and overdue places whatever their score.
        handed_out: Places that stay planned whatever their score.
        possible: Places that some inspector may and can reach; no other is chosen.
    """
    why = pd.Series("", index=places.index)
    rank = places["rank"].to_numpy()
    must = places["must"].to_numpy()
    why[handed_out] = np.where(must[handed_out] != "", must[handed_out], "score")
    left: dict[int, str] = {}
    since = places["days_since_last_visit"].to_numpy(dtype=np.float64)
    overdue = places["days_overdue"].to_numpy(dtype=np.float64)
    # Longest in units of what the rule asks for.
    first = {"random": rank, "reinspection": since, "overdue": -overdue / np.maximum(since - overdue, 1)}
    share = int(visits * must_share)
    for reason in MUSTS:
        waiting = np.flatnonzero((must == reason) & ~handed_out & possible)
        order = np.lexsort((rank[waiting], first[reason][waiting]))
        free = visits - int((why != "").sum())
        room = max(0, free if reason == "random" else min(share, free))
        share -= 0 if reason == "random" else min(room, len(waiting))
        why.iloc[waiting[order][:room]] = reason
        for position in waiting[order][room:]:
            left[int(position)] = _no_room(reason, len(waiting), room, visits, must_share)
    chosen = (why != "").to_numpy()
    by_rank = np.argsort(rank)
    rest = by_rank[~chosen[by_rank] & possible[by_rank]]
    why.iloc[rest[: max(0, visits - int(chosen.sum()))]] = "score"
    score = places["score"].to_numpy()
    finds = float(score[(why != "").to_numpy()].sum())
    needs = floor * usual_finds(score, shares, places["area"], visits)
    _keep_floor(places, why, needs, visits, possible, handed_out)
    taken = (why != "").to_numpy()
    is_must = why.isin(["score", "floor"]).to_numpy() & (must != "")
    # Chosen by its score all the same.
    why[is_must] = must[is_must]
    left = {position: cause for position, cause in left.items() if not taken[position]}
    result = places.assign(why=why, is_needed=_needed(places, taken, needs))
    return Choice(result, finds, left)


def _no_room(reason: str, count: int, room: int, visits: int, must_share: float) -> str:
    if reason == "random":
        return f"the week has room for {visits} visits: raise FOOD_INSPECTIONS_WEEKLY_CAPACITY."
    title, first = (
        ("open re-inspections", "newest") if reason == "reinspection" else ("overdue places", "longest overdue")
    )
    return (
        f"of {count} {title} the {room} {first} have room: raise FOOD_INSPECTIONS_MUST_SHARE "
        f"({must_share:g} of {visits} visits) or FOOD_INSPECTIONS_WEEKLY_CAPACITY."
    )


def _keep_floor(
    places: pd.DataFrame, why: pd.Series, needs: pd.Series, visits: int, possible: BoolArray, handed_out: BoolArray
) -> None:
    """Exchange visits until no area is below its floor, or nothing is left to exchange; changes ``why``."""
    score, area = places["score"].to_numpy(), places["area"].to_numpy()
    by_rank = np.argsort(places["rank"].to_numpy())
    taken = (why != "").to_numpy()
    has = {name: float(score[taken & (area == name)].sum()) for name in needs.index}
    is_spare = ~taken & possible
    # The best one last, where it is taken from.
    spare = {name: list(by_rank[::-1][(is_spare & (area == name))[by_rank[::-1]]]) for name in needs.index}
    # The lowest scores go first; what must be visited, or was handed out, stays.
    exchangeable = [int(place) for place in by_rank[::-1] if why.iloc[place] == "score" and not handed_out[place]]
    short = [(has[name] - needs[name], name) for name in needs.index if has[name] < needs[name] - TOLERANCE]
    heapq.heapify(short)
    planned = int(taken.sum())
    while short:
        gap, name = heapq.heappop(short)
        if not spare[name]:
            continue
        if planned >= visits:
            can_spare = (
                place
                for place in exchangeable
                if area[place] != name and has[area[place]] - score[place] >= needs[area[place]] - TOLERANCE
            )
            given = next(can_spare, None)
            if given is None:
                return
            exchangeable.remove(given)
            why.iloc[given] = ""
            has[area[given]] -= score[given]
            planned -= 1
        place = spare[name].pop()
        why.iloc[place] = "floor"
        planned += 1
        gap += score[place]
        has[name] += score[place]
        if gap < -TOLERANCE:
            heapq.heappush(short, (gap, name))


def _needed(places: pd.DataFrame, taken: BoolArray, needs: pd.Series) -> BoolArray:
    """The best chosen places of each area, as many as its floor needs."""
    chosen = places[taken].sort_values("rank", kind="stable")
    before = chosen.groupby("area")["score"].cumsum() - chosen["score"]
    is_needed = before < chosen["area"].map(needs) - TOLERANCE
    needed = np.zeros(len(places), dtype=bool)
    needed[places.index.get_indexer(chosen.index[is_needed])] = True
    return needed
