"""The clock of a plan: when each stop begins, how long the ways are, when everybody is back."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.plan.inspectors import Inspector
from food_inspections.domain.plan.rounds import Routes, joined, points_of, starts_of
from food_inspections.domain.plan.travel import TravelRules, travel_between

STOP_COLUMNS = (
    "establishment_id",
    "why",
    "is_must",
    "is_kept",
    "expected_finding",
    "rank",
    "reason",
    "days_overdue",
    "area",
    "dba_name",
    "address",
    "zip",
    "facility_type",
    "latitude",
    "longitude",
)

DAY_COLUMNS = (
    "inspector", "day", "start_latitude", "start_longitude", "start_minute", "minutes", "end_minute", "stop_count",
    "visit_minutes", "travel_minutes", "return_minutes", "return_km", "kilometres",
)  # fmt: skip


@dataclass(frozen=True)
class _Leg:
    """A way, from the start point or a stop to the next, or back."""

    place: int | None
    minutes: int
    kilometres: float


def _legs(places: pd.DataFrame, inspector: Inspector, stops: list[int], rules: TravelRules) -> Iterator[_Leg]:
    points = joined(starts_of([inspector]), points_of(places.iloc[stops]))
    travel = travel_between(points, points, rules)
    order = [*range(len(stops) + 1), 0]
    for start, end in itertools.pairwise(order):
        kilometres = travel.metres[start, end] / 1000 if travel.is_known[start, end] else np.nan
        yield _Leg(stops[end - 1] if end else None, int(travel.minutes[start, end]), float(kilometres))


def stop_table(
    week: date, places: pd.DataFrame, inspectors: list[Inspector], routes: Routes, rules: TravelRules
) -> pd.DataFrame:
    """Columns of data.inspection_plan without version, in the order of inspectors, days and stops."""
    rows, minutes = [], places["minutes"].tolist()
    for (who, day), stops in sorted(routes.items()):
        clock = inspectors[who].start_minute
        for number, leg in enumerate(_legs(places, inspectors[who], stops, rules), start=1):
            if leg.place is None:
                continue
            clock += leg.minutes
            visit = minutes[leg.place]
            name = inspectors[who].name
            rows.append((leg.place, name, pd.Timestamp(day), number, clock, visit, leg.minutes, leg.kilometres))
            clock += visit
    columns = ["place", "inspector", "day", "stop", "arrival_minute", "visit_minutes", "travel_minutes", "travel_km"]
    table = pd.DataFrame(rows, columns=columns)
    described = places.iloc[table.pop("place").astype(np.int64)][list(STOP_COLUMNS)].reset_index(drop=True)
    return pd.concat([table, described], axis=1).assign(week=pd.Timestamp(week))


def day_table(
    week: date, places: pd.DataFrame, inspectors: list[Inspector], routes: Routes, rules: TravelRules
) -> pd.DataFrame:
    """Columns of data.plan_days without version: every working day of every inspector."""
    rows = []
    for who, inspector in enumerate(inspectors):
        for day in sorted({*inspector.days(week), *(day for number, day in routes if number == who)}):
            stops = routes.get((who, day), [])
            legs = list(_legs(places, inspector, stops, rules))
            travel = sum(leg.minutes for leg in legs)
            visits = int(places["minutes"].iloc[stops].sum())
            start, kilometres = inspector.start_minute, float(np.nansum([leg.kilometres for leg in legs]))
            rows.append(
                (
                    inspector.name, pd.Timestamp(day), inspector.latitude, inspector.longitude, start,
                    inspector.minutes, start + travel + visits, len(stops), visits, travel, legs[-1].minutes,
                    legs[-1].kilometres, kilometres,
                )
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(DAY_COLUMNS)).assign(week=pd.Timestamp(week))
