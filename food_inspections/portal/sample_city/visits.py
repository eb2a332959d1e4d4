"""Who is visited when, and what comes of it: the weeks of the sample city, one after the other."""

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pandas as pd

from food_inspections.portal.sample_city.hygiene import Hygiene
from food_inspections.portal.sample_city.outcomes import Outcomes, look
from food_inspections.portal.sample_city.parameters import CityParameters
from food_inspections.portal.sample_city.places import Places
from food_inspections.portal.sample_city.randomness import stream
from food_inspections.portal.sample_city.working_days import capacity_factor, day_shares

CANVASS = "Canvass"
LICENSE = "License"
COMPLAINT = "Complaint"
RE_INSPECTION = " Re-Inspection"
CANVASS_INTERVAL_WEEKS = np.array([26.0, 52.0, 104.0])
"""By risk; the most overdue are visited as far as the inspectors get."""

COMPLAINTS = {"Complaint": 0.9, "Short Form Complaint": 0.07, "Suspected Food Poisoning": 0.03}
COMPLAINT_SHARE = 0.11
ODDMENTS = (
    "License",
    "License",
    "License",
    "Consultation",
    "Recent Inspection",
    "Tag Removal",
    "Task Force Liquor 1475",
)
ODDMENT_SHARE = 0.04
EVENT = "Special Events (Festivals)"


@dataclass
class _City:
    """What the office knows of every establishment."""

    places: Places
    since_visit: np.ndarray
    is_found_closed: np.ndarray
    due_week: np.ndarray
    due_type: np.ndarray
    tries: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.tries = np.zeros(len(self.due_week), dtype=int)


def make_visits(plan: CityParameters, places: Places) -> pd.DataFrame:
    """Simulate all weeks of the plan.

    Returns:
        One row per visit in the order of the days: ``day``, ``establishment`` (row of ``places``),
        ``inspection_type`` and the columns of :class:`Outcomes`.
    """
    hygiene = Hygiene(plan, places)
    size = len(places.opens)
    interval = CANVASS_INTERVAL_WEEKS[places.risk_index]
    city = _City(
        places,
        since_visit=np.where(places.opens < 0, stream(plan.seed, "since").random(size) * interval, 0.0),
        is_found_closed=np.zeros(size, dtype=bool),
        due_week=np.full(size, -1),
        due_type=np.full(size, "", dtype=object),
    )
    weeks = []
    for week in range(plan.week_count):
        rates = hygiene.advance(week)
        visited, types = _choose(plan, city, week, rates, interval)
        outcomes = look(plan.seed, week, visited, types, rates[visited], is_closed=places.closes[visited] <= week)
        _learn(plan.seed, week, city, visited, outcomes)
        hygiene.teach(visited[outcomes.result == "Fail"])
        weeks.append(_week(plan, week, visited, outcomes))
    visits = pd.concat(weeks, ignore_index=True).sort_values(["day", "establishment"], kind="stable")
    is_asked = visits["day"].between(pd.Timestamp(plan.first_day), pd.Timestamp(plan.last_day))
    return visits[is_asked].reset_index(drop=True)


def _choose(
    plan: CityParameters, city: _City, week: int, rates: np.ndarray, interval: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The establishments of this week's visits, and the kinds of visit."""
    places = city.places
    monday = plan.first_monday + timedelta(weeks=week)
    size = len(rates)
    is_open = (places.opens <= week) & (week < places.closes) & ~places.is_event
    is_ghost = (places.closes <= week) & ~city.is_found_closed & (places.opens < week)
    city.since_visit += is_open | is_ghost
    types = np.full(size, "", dtype=object)

    odd = stream(plan.seed, "oddments", week)
    is_odd = odd.random(size) < ODDMENT_SHARE * plan.weekly_visits / plan.establishments
    types[is_odd & is_open] = np.array(ODDMENTS, dtype=object)[odd.integers(0, len(ODDMENTS), size)][is_odd & is_open]
    complaint_rate = COMPLAINT_SHARE * plan.weekly_visits / plan.establishments
    excess = np.exp(0.4 * (rates - rates.mean()))
    is_complaint = (stream(plan.seed, "complaints", week).random(size) < complaint_rate * excess) & is_open
    kinds = np.searchsorted(
        np.cumsum(list(COMPLAINTS.values())), stream(plan.seed, "complaint kind", week).random(size)
    )
    types[is_complaint] = np.array([*COMPLAINTS, COMPLAINT], dtype=object)[kinds][is_complaint]
    types[is_open & (places.opens == week)] = LICENSE
    is_due = is_open & (city.due_week >= 0) & (city.due_week <= week)
    types[is_due] = city.due_type[is_due]
    if monday.month in (6, 7, 8, 9):
        types[places.is_event & (stream(plan.seed, "events", week).random(size) < 0.04)] = EVENT

    capacity = stream(plan.seed, "capacity", week).poisson(plan.weekly_visits * capacity_factor(monday))
    called = np.flatnonzero(types != "")
    if len(called) > capacity:
        keys = stream(plan.seed, "put off", week).random(size)[called]
        called = called[np.sort(np.argsort(keys, kind="stable")[:capacity])]
        return called, types[called]
    urgency = city.since_visit / interval * np.exp(stream(plan.seed, "urgency", week).normal(0, 0.3, size))
    urgency[~(is_open | is_ghost) | (types != "")] = -1
    wanted = min(capacity - len(called), int((urgency >= 0).sum()))
    canvassed = np.argsort(-urgency, kind="stable")[:wanted]
    types[canvassed] = CANVASS
    visited = np.sort(np.concatenate([called, canvassed]))
    return visited, types[visited]


def _learn(seed: int, week: int, city: _City, visited: np.ndarray, outcomes: Outcomes) -> None:
    """Note who was seen, who is gone, and who must be seen again soon."""
    result = outcomes.result
    is_seen = np.isin(result, ["Pass", "Pass w/ Conditions", "Fail"])
    city.since_visit[visited[is_seen]] = 0
    city.is_found_closed[visited[np.isin(result, ["Out of Business", "Business Not Located"])]] = True
    city.due_week[visited] = -1
    draws = stream(seed, "re-inspections", week)
    wait_weeks = draws.choice([1, 2, 3], len(visited), p=[0.45, 0.35, 0.2])
    is_again = (
        np.isin(result, ["Fail", "Not Ready"])
        & (draws.random(len(visited)) < 0.92)
        & (city.tries[visited] < 3)
        & ~city.places.is_event[visited]
    )
    again = visited[is_again]
    city.due_week[again] = week + wait_weeks[is_again]
    city.due_type[again] = [_re_inspection(kind) for kind in outcomes.inspection_type[is_again]]
    city.tries[visited[~is_again]] = 0
    city.tries[again] += 1


def _re_inspection(kind: str) -> str:
    if kind.startswith(LICENSE):
        return LICENSE + RE_INSPECTION
    return (COMPLAINT if COMPLAINT in kind else CANVASS) + RE_INSPECTION


def _week(plan: CityParameters, week: int, visited: np.ndarray, outcomes: Outcomes) -> pd.DataFrame:
    monday = plan.first_monday + timedelta(weeks=week)
    shares = day_shares(monday)
    weekdays = np.searchsorted(np.cumsum(shares), stream(plan.seed, "weekday", week).random(len(visited)), side="right")
    # The shares add up to 1 but for rounding.
    weekdays = np.minimum(weekdays, np.flatnonzero(shares).max(initial=0))
    return pd.DataFrame(
        {
            "day": pd.Timestamp(monday) + pd.to_timedelta(weekdays, unit="D"),
            "establishment": visited,
            **vars(outcomes),
        }
    )
