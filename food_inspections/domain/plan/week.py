"""The plan of a week from its published queue: choose, route, time, account."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.inputs import IntArray, require_columns
from food_inspections.domain.plan.areas import areas_of
from food_inspections.domain.plan.choice import Choice, Frequencies, choose, days_overdue, must_reasons
from food_inspections.domain.plan.handed_out import HandedOut
from food_inspections.domain.plan.inspectors import Inspector, Staff, like_inspectors
from food_inspections.domain.plan.notes import notes_on
from food_inspections.domain.plan.rounds import Round, deal
from food_inspections.domain.plan.routes import FLOOR_PRIZE, MUST_PRIZE, ROUNDS, SCORE_PRIZE
from food_inspections.domain.plan.schedule import day_table, stop_table
from food_inspections.domain.plan.service import service_table, visit_shares
from food_inspections.domain.plan.travel import TravelRules
from food_inspections.domain.queue import week_seed
from food_inspections.errors import DataError

QUEUE_COLUMNS = (
    "establishment_id",
    "rank",
    "score",
    "net_score",
    "reasons",
    "is_on_list",
    "is_random_draw",
    "dba_name",
    "address",
    "zip",
    "facility_type",
    "risk",
    "latitude",
    "longitude",
    "days_since_last_visit",
    "is_reinspection_open",
)
FIRST_LOOK_MINUTES = 60
REINSPECTION_MINUTES = 30
NO_REASON = "nothing known of it raises its score"


@dataclass(frozen=True)
class PlanRules:
    """How a week is planned.

    Attributes:
        travel: How travel is reckoned.
        visit_minutes: Minutes by kind of establishment; ``visit`` for all others, ``re-inspection`` for these.
        frequencies: Days between visits that the city's rules ask for.
        score: What places are chosen by: the score, or the one with an average inspector.
        area_floor: Share of what business as usual would find in an area that the plan is to find at least; 1 is no
            area later than without the program, 0 is no floor.
        must_share: Share of the visits that may go to re-inspections and overdue places whatever their score.
        rounds: Rounds of the search for ways.
    """

    travel: TravelRules = field(default_factory=TravelRules)
    visit_minutes: Mapping[str, int] = field(default_factory=dict)
    frequencies: Frequencies = field(default_factory=dict)
    score: Literal["score", "net_score"] = "score"
    area_floor: float = 1.0
    must_share: float = 0.5
    rounds: int = ROUNDS

    def minutes_of(self, places: pd.DataFrame) -> IntArray:
        """Minutes of a visit to each place."""
        usual = self.visit_minutes.get("visit", FIRST_LOOK_MINUTES)
        again = self.visit_minutes.get("re-inspection", REINSPECTION_MINUTES)
        minutes = places["facility_type"].map(dict(self.visit_minutes)).fillna(usual)
        return np.where(places["is_reinspection_open"], again, minutes).astype(np.int64)


@dataclass(frozen=True)
class WeekPlan:
    """A plan.

    Attributes:
        stops: Columns of data.inspection_plan without version.
        days: Columns of data.plan_days without version.
        unserved: Columns of data.plan_unserved without version.
        service: Columns of data.plan_service without version.
        notes: What was wrong with the input and what was done about it, a sentence each.
        facts: Sums of the plan, by name.
    """

    stops: pd.DataFrame
    days: pd.DataFrame
    unserved: pd.DataFrame
    service: pd.DataFrame
    notes: tuple[str, ...]
    facts: Mapping[str, Any]


def make_week_plan(
    queue: pd.DataFrame,
    visited: pd.Series,
    *,
    week: date,
    staff: Staff | None,
    rules: PlanRules,
    districts: pd.Series | None = None,
    handed_out: HandedOut | None = None,
) -> WeekPlan:
    """Plan a week.

    Args:
        queue: The published queue of the week: :data:`QUEUE_COLUMNS`, one row per establishment.
        visited: Establishment of every visit of the year before the Monday: what business as usual is.
        week: The week's Monday.
        staff: Who can visit; ``None`` for as many like ones as the length of the list asks for.
        rules: How a week is planned.
        districts: District of an establishment as the city names it, by id; for others, and without any, the postal
            code is one.
        handed_out: What an earlier version handed out; its stops stay.

    Raises:
        DataError: The queue lacks columns, or net scores where the plan goes by them.
    """
    require_columns(queue, QUEUE_COLUMNS, "The queue")
    fixed = handed_out or HandedOut()
    places = _by_score(queue, rules.score, week)
    capacity = int(places["is_on_list"].sum())
    shares = visit_shares(places["establishment_id"], visited)
    named = places["establishment_id"].map({} if districts is None else districts).fillna(places["zip"])
    places = places.assign(
        area=areas_of(named, places, pd.Series(capacity * shares, index=places.index)),
        days_overdue=days_overdue(places, rules.frequencies),
        minutes=rules.minutes_of(places),
        expected_finding=places["score"],
    )
    places["must"] = must_reasons(places)
    known = like_inspectors(capacity, float(places["minutes"].mean())) if staff is None else staff
    inspectors = [with_start(inspector, places) for inspector in known.inspectors]
    round_ = Round(week, places, inspectors, rules.travel, fixed, week_seed(week), rules.rounds)
    notes = [*known.notes, *notes_on(week, inspectors, places, round_.gone)]
    is_kept = places["establishment_id"].isin(round_.kept_ids).to_numpy()
    possible = round_.reachable.any(axis=1) & ~places["establishment_id"].isin(list(fixed.left_out)).to_numpy()

    def chosen_for(visits: int) -> Choice:
        return choose(
            places,
            shares,
            visits=visits,
            floor=rules.area_floor,
            must_share=rules.must_share,
            handed_out=is_kept,
            possible=possible,
        )

    choice = chosen_for(capacity)
    routes = deal(round_, _candidates(choice, 0), _prizes(choice))
    planned = _planned(routes, len(places))
    if planned.sum() < (choice.places["why"] != "").sum():
        # The hours hold fewer: choose for as many as they hold, with others at hand to take the room of far ones.
        choice = chosen_for(int(planned.sum()))
        routes = deal(round_, _candidates(choice, capacity - int(planned.sum())), _prizes(choice))
        planned = _planned(routes, len(places))
    why = choice.places["why"].where(choice.places["why"] != "", places["must"].where(places["must"] != "", "score"))
    # What was handed out keeps the reason it was handed out for.
    why = places["establishment_id"].map(fixed.stops.set_index("establishment_id")["why"]).where(is_kept).fillna(why)
    reason = _raising(places["reasons"])
    described = places.assign(
        why=why, rank=places["rank_in_queue"], is_kept=is_kept, is_must=places["must"] != "", reason=reason
    )
    stops = stop_table(week, described, inspectors, routes, rules.travel)
    days = day_table(week, described, inspectors, routes, rules.travel)
    unserved = _unserved(week, places, planned, choice, round_)
    service = service_table(places, planned, shares, rules.area_floor).assign(week=pd.Timestamp(week))
    finds = float(places["score"][planned].sum())
    facts = {
        "visits": int(planned.sum()),
        "capacity": capacity,
        "inspectors": len(inspectors),
        "inspector_days": int((days["stop_count"] > 0).sum()) if len(days) else 0,
        "expected_finds": round(finds, 4),
        "floor_cost_finds": round(choice.finds_without_floor - choice.finds, 4),
        "score": rules.score,
        "area_floor": rules.area_floor,
        "areas_below_floor": sorted(service.loc[~service["is_kept"], "value"]),
        "must_visits_unserved": len(unserved),
        "kilometres": round(float(days["kilometres"].sum()), 3) if len(days) else 0.0,
        "minutes_free": int((days["minutes"] - days["end_minute"] + days["start_minute"]).sum()) if len(days) else 0,
        "left_out": sorted(fixed.left_out),
        "handed_out_version": fixed.version,
        "new_stops_from": None if fixed.from_day is None else fixed.from_day.isoformat(),
        "not_in_queue": round_.gone,
        "notes": notes,
    }
    return WeekPlan(stops, days, unserved, service, tuple(notes), facts)


def _by_score(queue: pd.DataFrame, column: str, week: date) -> pd.DataFrame:
    """The places in the order of the score that the plan goes by, which is the queue's unless told otherwise."""
    places = queue.sort_values("rank", kind="stable", ignore_index=True)
    places = places.assign(rank_in_queue=places["rank"])
    if column == "score":
        return places
    if places[column].isna().any():
        raise DataError(
            f"The queue of {week} was published without net scores: make it again (food-inspections run --week {week} "
            "--force), or plan by FOOD_INSPECTIONS_PLAN_SCORE=score."
        )
    places = places.assign(score=places[column]).sort_values("score", ascending=False, kind="stable")
    return places.reset_index(drop=True).assign(rank=np.arange(1, len(places) + 1))


def with_start(inspector: Inspector, places: pd.DataFrame) -> Inspector:
    """The inspector with a start point: where none is given the middle of the city."""
    if inspector.latitude is not None or places["latitude"].isna().all():
        return inspector
    middle = places[["latitude", "longitude"]].median()
    latitude, longitude = (round(float(middle[axis]), 6) for axis in ("latitude", "longitude"))
    return replace(inspector, latitude=latitude, longitude=longitude)


def _candidates(choice: Choice, reserves: int) -> IntArray:
    """Positions of the places to route, and of so many next ones by rank."""
    why = choice.places["why"].to_numpy()
    chosen = np.flatnonzero(why != "")
    spare = np.flatnonzero((why == "") & (choice.places["must"].to_numpy() == ""))[:reserves]
    return np.sort(np.concatenate([chosen, spare])).astype(np.int64)


def _prizes(choice: Choice) -> IntArray:
    """What a visit to each place is worth."""
    places = choice.places
    is_must = places["why"].isin(["random", "reinspection", "overdue"]).to_numpy()
    prizes = SCORE_PRIZE * places["score"].to_numpy(dtype=np.float64)
    # A draw that is visited where it lies near is no random one any more: it goes before all.
    prizes += np.where(places["why"] == "random", MUST_PRIZE, 0)
    prizes += np.where(is_must, MUST_PRIZE, np.where(places["is_needed"], FLOOR_PRIZE, 0))
    return np.round(prizes).astype(np.int64)


def _planned(routes: Mapping[tuple[int, date], list[int]], size: int) -> npt.NDArray[np.bool_]:
    planned = np.zeros(size, dtype=bool)
    for stops in routes.values():
        planned[stops] = True
    return planned


def _raising(reasons: pd.Series) -> list[str]:
    """The strongest reason that raises each score, in words."""
    return [next((reason["text"] for reason in row if reason.get("effect", 0) > 0), NO_REASON) for row in reasons]


def _unserved(
    week: date, places: pd.DataFrame, planned: npt.NDArray[np.bool_], choice: Choice, round_: Round
) -> pd.DataFrame:
    """Must-visits that the plan does not hold, and stops handed out that it could not keep, with causes."""
    is_handed_out = places["establishment_id"].isin(round_.lost).to_numpy()
    is_left_out = places["establishment_id"].isin(list(round_.handed_out.left_out)).to_numpy()
    missing = np.flatnonzero(((places["must"] != "").to_numpy() | is_handed_out) & ~planned & ~is_left_out)
    rows = places.iloc[missing]
    causes = [round_.why_not(position) or choice.left.get(position, _TIME_SHORT) for position in missing.tolist()]
    return pd.DataFrame(
        {
            "week": pd.Timestamp(week),
            "establishment_id": rows["establishment_id"],
            "why": np.where(is_handed_out[missing], "handed_out", rows["must"]),
            "cause": causes,
            "expected_finding": rows["score"],
            "days_overdue": rows["days_overdue"],
            "dba_name": rows["dba_name"],
            "address": rows["address"],
            "area": rows["area"],
        }
    ).reset_index(drop=True)


_TIME_SHORT = "the working time of the inspectors does not reach it: add inspectors, days or minutes."
