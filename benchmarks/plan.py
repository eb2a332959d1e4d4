"""A week of a full-size city: how long planning takes, and what it saves against the list in the order of its ranks.

A place has the chance of failure that the sample city gives it, so that no model has to be trained: what is measured is
the plan. The rival visits the same places, dealt round-robin in the order of the ranks, in days of the same hours.
"""

import argparse
import math
import time
from datetime import date

import numpy as np
import pandas as pd

CITY_PLACES, VISITS, INSPECTORS = 15_000, 340, 30
WEEK = date(2025, 1, 6)


def main() -> None:
    """Print the table."""
    from food_inspections.domain.plan.inspectors import Inspector, Staff
    from food_inspections.domain.plan.week import PlanRules, make_week_plan

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=CITY_PLACES)
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--inspectors", type=int, default=INSPECTORS)
    asked = parser.parse_args()
    queue, visited = _city(asked.places, asked.visits)
    rng = np.random.default_rng(7)
    homes = queue.iloc[np.sort(rng.permutation(len(queue))[: asked.inspectors])]
    rules = PlanRules(frequencies={"risk": {"Risk 1 (High)": 182, "Risk 2 (Medium)": 365, "Risk 3 (Low)": 730}})
    print(f"{len(queue):,} places, {asked.visits} visits, {asked.inspectors} inspectors\n")
    print("start points | hours a day | s | visits | finds | km | km by rank | fewer km | finds by rank in these hours")
    for spread, minutes in ((True, 420), (False, 420), (True, 180)):
        staff = tuple(
            Inspector(f"I{number:02}", *((row.latitude, row.longitude) if spread else (None, None)), minutes=minutes)
            for number, row in enumerate(homes.itertuples(index=False))
        )
        began = time.monotonic()
        plan = make_week_plan(queue, visited, week=WEEK, staff=Staff(staff), rules=rules)
        took = time.monotonic() - began
        again = make_week_plan(queue, visited, week=WEEK, staff=Staff(staff), rules=rules)
        if not again.stops.equals(plan.stops):
            raise SystemExit("The same input gave another plan.")
        starts = plan.days.groupby("inspector")[["start_latitude", "start_longitude"]].first().to_numpy()
        kilometres, finds = _round_robin(plan.stops, starts, minutes, plan.days)
        facts = plan.facts
        print(
            f"{'spread' if spread else 'one':12} | {minutes / 60:11.1f} | {took:2.0f} | {facts['visits']:6} | "
            f"{facts['expected_finds']:5.1f} | {facts['kilometres']:.0f} | {kilometres:.0f} | "
            f"{1 - facts['kilometres'] / kilometres:.0%} | {finds:.1f} | "
            f"areas below their floor: {len(facts['areas_below_floor'])}"
        )


def _city(places: int, visits: int) -> tuple[pd.DataFrame, pd.Series]:
    """A queue over the sample city's places, scored with its own chances, and the visits of its last year."""
    from food_inspections.portal.sample_city import CityParameters, make_city

    city = make_city(CityParameters(0, date(2022, 1, 3), date(2025, 1, 5), places, inspections_per_week=visits))
    rows = city.inspections.merge(city.truth[["inspection_id", "probability"]], on="inspection_id")
    rows = rows[rows["latitude"].notna()].assign(day=lambda frame: pd.to_datetime(frame["inspection_date"].str[:10]))
    last = rows.groupby("license_", sort=True).tail(1).head(places).reset_index(drop=True)
    score = last["probability"].astype(float)
    rank = score.rank(ascending=False, method="first").astype(int)
    draws = round(0.05 * visits)
    drawn = rank.isin(np.random.default_rng(1).permutation(np.arange(visits, len(last)))[:draws])
    risk = last["risk"].str.extract(r"(Risk \d \(\w+\))")[0].fillna("All")
    queue = pd.DataFrame(
        {
            "establishment_id": last["license_"].astype(str),
            "rank": rank,
            "score": score,
            "net_score": score,
            "reasons": [[]] * len(last),
            "is_on_list": (rank <= visits - draws) | drawn,
            "is_random_draw": drawn,
            "dba_name": last["dba_name"],
            "address": last["address"],
            "zip": last["zip"].fillna("unknown"),
            "facility_type": last["facility_type"].fillna("unknown"),
            "risk": risk,
            "latitude": last["latitude"].astype(float),
            "longitude": last["longitude"].astype(float),
            "days_since_last_visit": (pd.Timestamp(WEEK) - last["day"]).dt.days,
            "is_reinspection_open": last["results"] == "Fail",
        }
    )
    return queue, rows.loc[rows["day"] >= pd.Timestamp(WEEK) - pd.Timedelta(weeks=52), "license_"].astype(str)


def _round_robin(stops: pd.DataFrame, starts: np.ndarray, minutes: int, days: pd.DataFrame) -> tuple[float, float]:
    """Kilometres of the same places by rank, and the finds of as many of them as the hours of the plan hold."""
    used = int((days["end_minute"] - days["start_minute"]).sum())
    ranked = stops.sort_values("rank").to_dict("records")
    state = [[*start, 0.0] for start in starts]
    total = spent = finds = 0.0
    for number, stop in enumerate(ranked):
        here = state[number % len(state)]
        start = starts[number % len(starts)]
        out, back = (_km(point, (stop["latitude"], stop["longitude"])) for point in (here[:2], start))
        visit = stop["visit_minutes"]
        if here[2] and here[2] + _minutes(out) + visit + _minutes(back) > minutes:
            home = _km(here[:2], start)
            total, spent, out, here[2] = total + home, spent + _minutes(home), back, 0.0
        total, spent = total + out, spent + _minutes(out) + visit
        here[:] = [stop["latitude"], stop["longitude"], here[2] + _minutes(out) + visit]
        finds += stop["expected_finding"] if spent <= used else 0
    return total + sum(_km(here[:2], start) for here, start in zip(state, starts, strict=True)), finds


def _km(one: tuple[float, float], other: tuple[float, float]) -> float:
    lat, lon, to_lat, to_lon = map(math.radians, (*one, *other))
    cosine = math.sin(lat) * math.sin(to_lat) + math.cos(lat) * math.cos(to_lat) * math.cos(to_lon - lon)
    return 1.3 * 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))


def _minutes(kilometres: float) -> float:
    return kilometres / 25 * 60


if __name__ == "__main__":
    main()
