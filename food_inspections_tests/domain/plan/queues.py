"""Queues to plan from, and a plan's checker that shares no code with the planner."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.domain.plan.inspectors import Inspector
from food_inspections.domain.plan.week import PlanRules, WeekPlan

WEEK = date(2025, 1, 6)
FREQUENCIES = {"risk": {"Risk 1 (High)": 182, "Risk 2 (Medium)": 365}}


def queue_of(size: int, capacity: int, *, seed: int = 1, draws: int = 1) -> pd.DataFrame:
    """A queue over sixteen postal codes; failures are likelier in the north."""
    rng = np.random.default_rng(seed)
    north, east = rng.random(size), rng.random(size)
    score = np.clip(rng.beta(2, 8, size) + 0.15 * north, 0.01, 0.95)
    order = np.argsort(-score, kind="stable")
    rank = np.empty(size, dtype=np.int64)
    rank[order] = np.arange(1, size + 1)
    drawn = np.isin(rank, capacity + 7 + 11 * np.arange(draws))
    return pd.DataFrame(
        {
            "establishment_id": [f"E{number:05}" for number in range(size)],
            "rank": rank,
            "score": score,
            "net_score": np.clip(score - 0.15 * north, 0.01, 0.95),
            "reasons": [[{"text": "failed its last full visit", "effect": 0.4}]] * size,
            "is_on_list": (rank <= capacity - draws) | drawn,
            "is_random_draw": drawn,
            "dba_name": [f"Place {number}" for number in range(size)],
            "address": "1 Main St",
            "zip": [f"606{int(n * 4)}{int(e * 4)}" for n, e in zip(north, east, strict=True)],
            "facility_type": np.where(rng.random(size) < 0.8, "Restaurant", "School"),
            "risk": np.where(rng.random(size) < 0.5, "Risk 1 (High)", "Risk 2 (Medium)"),
            "latitude": 41.7 + 0.25 * north,
            "longitude": -87.8 + 0.2 * east,
            "days_since_last_visit": rng.integers(5, 500, size),
            "is_reinspection_open": rng.random(size) < 0.03,
        }
    )


def staff_of(count: int, **changes: object) -> tuple[Inspector, ...]:
    """Inspectors who start from corners of the city."""
    corners = [(41.75, -87.75), (41.9, -87.65), (41.72, -87.64), (41.93, -87.78)]
    return tuple(
        Inspector(f"I{number}", *corners[number % 4], **changes)  # type: ignore[arg-type]
        for number in range(count)
    )


def kilometres(one: Sequence[float], other: Sequence[float]) -> float:
    """By the spherical law of cosines, on the sphere the documentation names."""
    (lat, lon), (to_lat, to_lon) = ([math.radians(degrees) for degrees in point] for point in (one, other))
    cosine = math.sin(lat) * math.sin(to_lat) + math.cos(lat) * math.cos(to_lat) * math.cos(to_lon - lon)
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))


def faults(plan: WeekPlan, queue: pd.DataFrame, inspectors: Sequence[Inspector], rules: PlanRules) -> list[str]:
    """What is wrong with a plan, recomputed from its input alone."""
    places = {row["establishment_id"]: row for row in queue.to_dict("records")}
    who = {inspector.name: inspector for inspector in inspectors}
    planned = list(plan.stops["establishment_id"])
    found, total = [], 0.0
    for (name, day), stops in plan.stops.groupby(["inspector", "day"]):
        wrong, way = _walk(stops.sort_values("stop").to_dict("records"), places, who[name], rules)
        found += [f"{name} on {day:%A}: {what}" for what in wrong]
        total += way
        if (day.date() - WEEK).days not in who[name].weekdays:
            found.append(f"{name} does not work on {day:%A}")
    due = {name for name, place in places.items() if _must_be_visited(place, rules)}
    lost = due - set(planned) - set(plan.unserved["establishment_id"])
    wrong_in_all = {
        "a place is visited twice": len(planned) != len(set(planned)),
        "more visits than the list has": len(planned) > int(queue["is_on_list"].sum()),
        f"{plan.facts['kilometres']} km instead of {total:.3f}": abs(total - plan.facts["kilometres"])
        > 0.01 * len(planned),
        f"{len(lost)} must-visits are neither served nor named": bool(lost),
        f"{plan.facts['inspector_days']} days of inspectors": plan.facts["inspector_days"]
        != len(plan.stops[["inspector", "day"]].drop_duplicates()),
    }
    return found + [what for what, is_wrong in wrong_in_all.items() if is_wrong]


def _must_be_visited(place: dict[str, Any], rules: PlanRules) -> bool:
    is_drawn = place["is_random_draw"] and place["is_on_list"]
    between = min(days.get(place[column], math.inf) for column, days in rules.frequencies.items())
    is_overdue = place["days_since_last_visit"] > between
    return bool(is_drawn or place["is_reinspection_open"] or is_overdue)


def _walk(
    stops: list[dict[str, Any]], places: dict[str, dict[str, Any]], inspector: Inspector, rules: PlanRules
) -> tuple[list[str], float]:
    """Faults of one day, and its kilometres."""
    found, total = [], 0.0
    speed, start = rules.travel.kilometres_per_hour / 60, (inspector.latitude, inspector.longitude)
    clock, here = float(inspector.start_minute), start
    for number, stop in enumerate(stops, start=1):
        place = places[stop["establishment_id"]]
        there, minutes = (place["latitude"], place["longitude"]), 30 if place["is_reinspection_open"] else 60
        way = kilometres(here, there) * rules.travel.street_factor
        clock += way / speed
        wrong = {
            f"stop {number} is {stop['stop']}": stop["stop"] != number,
            f"{stop['visit_minutes']} minutes": stop["visit_minutes"] != minutes,
            # Ways are rounded up to whole minutes: never earlier than possible, at most a minute later a stop.
            f"at {stop['arrival_minute']}, not {clock:.1f}": not clock - 0.1
            <= stop["arrival_minute"]
            <= clock + number,
            f"{stop['travel_km']} km instead of {way:.3f}": abs(stop["travel_km"] - way) > 0.01,
            f"sent to {place['zip']}": bool(inspector.districts) and place["zip"] not in inspector.districts,
            f"sent to a {place['facility_type']}": bool(inspector.kinds)
            and place["facility_type"] not in inspector.kinds,
        }
        found += [what for what, is_wrong in wrong.items() if is_wrong]
        clock, here, total = clock + minutes, there, total + way
    back = kilometres(here, start) * rules.travel.street_factor
    if clock + back / speed > inspector.start_minute + inspector.minutes + 0.1:
        found.append("back late")
    return found, total + back


def areas_below(plan: WeekPlan, queue: pd.DataFrame, visited: pd.Series, areas: pd.Series, floor: float) -> list[str]:
    """Areas that find less than the floor asks for, recomputed; areas by establishment."""
    score = queue.set_index("establishment_id")["score"]
    counts = visited[visited.isin(score.index)].value_counts()
    usual = (counts / counts.sum() * score.reindex(counts.index) * len(plan.stops)).groupby(areas).sum()
    planned = score.reindex(plan.stops["establishment_id"]).groupby(areas).sum()
    gap = planned.reindex(usual.index, fill_value=0) - floor * usual
    return sorted(gap.index[gap < -1e-6])
