"""What was found nearby of late: it also stands in for how strict the area's inspectors are.

Two neighbourhoods: the postal code, and a circle whose cells count less the farther they
lie. Places are put on a grid and cells weighed by whole numbers, so sums stay exact.
"""

import math

import numpy as np
import pandas as pd

from food_inspections.domain.city.profile import Map
from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, numeric, smoothed_rate
from food_inspections.domain.features.history import NO_GROUP, IntArray, Past

FAMILY = "neighbourhood"
WINDOWS = (15, 30, 60, 180)
ALIKE_WINDOW = 90

# About 560 m each way.
_CELL_LATITUDE = 0.005
_LATITUDE_WITHOUT_A_MAP = 45.0
_GRID_COLUMNS = 1 << 17
_RADIUS_CELLS = 3
_MOST_WEIGHT = 8
_RATE_WEIGHT = 10
_RISK_RATE_WEIGHT = 3
_TYPE_RATE_WEIGHT = 5

_CIRCLES = {
    name: text
    for window in WINDOWS
    for name, text in (
        (f"zip_visits_{window}", f"Full visits in the postal code in the last {window} days."),
        (f"zip_failure_rate_{window}", "Share of them that failed, drawn towards the city's rate of the day."),
        (f"zip_critical_rate_{window}", "Share of them with a critical violation, drawn towards the city's rate."),
        (f"near_visits_{window}", f"Full visits within 2 km in the last {window} days, weighed by nearness (0 to 8)."),
        (f"near_failure_rate_{window}", "Weighed share of them that failed, drawn towards the city's rate of the day."),
        (f"near_critical_rate_{window}", "Weighed share with a critical violation, drawn towards the city's rate."),
    )
}

DESCRIPTIONS = {
    **_CIRCLES,
    "zip_risk_visits": f"Full visits in the postal code at places of the same risk in the last {ALIKE_WINDOW} days.",
    "zip_risk_failure_rate": "Share of them that failed, drawn towards the city's rate of the day.",
    "zip_risk_critical_rate": "Share of them with a critical violation, drawn towards the city's rate.",
    "zip_type_visits": f"Visits of the same inspection type in the postal code in the last {ALIKE_WINDOW} days.",
    "zip_type_failure_rate": "Share of them that failed, drawn towards the city's rate of the day.",
    "zip_type_critical_rate": "Share of them with a critical violation, drawn towards the city's rate.",
}

FEATURES = numeric(
    FAMILY,
    DESCRIPTIONS,
    own_needs={
        r"zip_.*": "zip",
        r"zip_risk_.*": "risk",
        r"zip_type_.*": "inspection_type",
        r"near_.*": "coordinates",
        r".*_critical_.*": "is_critical",
    },
)


def kernel() -> list[tuple[int, int, int]]:
    """Cell offsets (north, east) and their whole weights: 8 in the middle, falling like a bell to 1."""
    reach = range(-_RADIUS_CELLS, _RADIUS_CELLS + 1)
    weighed = [(i, j, round(_MOST_WEIGHT * 2.0 ** -((i * i + j * j) / 3))) for i in reach for j in reach]
    return [(i, j, weight) for i, j, weight in weighed if weight > 0]


def cell_longitude(bounds: Map | None) -> float:
    """Degrees of longitude that are as long as a cell is high in the middle of a city, rounded up to a metre."""
    latitude = _LATITUDE_WITHOUT_A_MAP if bounds is None else (bounds.south + bounds.north) / 2
    return math.ceil(_CELL_LATITUDE / math.cos(math.radians(latitude)) * 100_000) / 100_000


def cells(places: pd.DataFrame, longitude_degrees: float) -> IntArray:
    """Grid cell of each place, as ``row * _GRID_COLUMNS + column``; no group where it is not known.

    Args:
        places: latitude and longitude.
        longitude_degrees: Width of a cell.
    """
    rows = np.floor((places["latitude"].to_numpy(dtype=np.float64) + 90) / _CELL_LATITUDE)
    columns = np.floor((places["longitude"].to_numpy(dtype=np.float64) + 180) / longitude_degrees)
    numbers = rows * _GRID_COLUMNS + columns
    return np.where(np.isnan(numbers), NO_GROUP, numbers).astype(np.int64)


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    return {
        **(_zips(context) if "zip" in context.provides else {}),
        **(_nearby(context) if "coordinates" in context.provides else {}),
    }


def _zips(context: Context) -> Columns:
    zips = context.full_visits("zip")
    columns: dict[str, Array] = {}
    for window in WINDOWS:
        columns[f"zip_visits_{window}"] = zips.counts(window)
        for outcome, word in context.outcomes:
            columns[f"zip_{word}_rate_{window}"] = context.rate(zips, outcome, window, _RATE_WEIGHT)
    alike = {}
    if "risk" in context.provides:
        alike["zip_risk"] = context.full_visits("zip", "risk"), _RISK_RATE_WEIGHT
    if "inspection_type" in context.provides:
        alike["zip_type"] = context.past("zip", "inspection_type"), _TYPE_RATE_WEIGHT
    for prefix, (past, weight) in alike.items():
        columns[f"{prefix}_visits"] = past.counts(ALIKE_WINDOW)
        for outcome, word in context.outcomes:
            columns[f"{prefix}_{word}_rate"] = context.rate(past, outcome, ALIKE_WINDOW, weight)
    return columns


def _nearby(context: Context) -> Columns:
    """Weighed counts and shares of what was found around each visit."""
    values = {outcome: context.event(outcome) for outcome, _ in context.outcomes}
    for outcome, _ in context.outcomes:
        is_known = context.is_known(outcome)
        if not is_known.all():
            values[f"known {outcome}"] = is_known.astype(np.int64)
    place = {name: number for number, name in enumerate(values, start=1)}
    sums = _kernel_sums(context, np.column_stack(list(values.values())))
    columns: dict[str, Array] = {}
    for window, found in sums.items():
        columns[f"near_visits_{window}"] = found[:, 0]
        for outcome, word in context.outcomes:
            columns[f"near_{word}_rate_{window}"] = smoothed_rate(
                found[:, place[outcome]],
                found[:, place.get(f"known {outcome}", 0)],
                context.city_rate(outcome),
                _RATE_WEIGHT * _MOST_WEIGHT,
            )
    return columns


def _kernel_sums(context: Context, values: IntArray) -> dict[int, IntArray]:
    """Weighed counts and sums of ``values`` around each visit, by window."""
    width = cell_longitude(context.profile.map)
    events = np.where(context.is_full_visit, cells(context.history, width), NO_GROUP)
    visits = cells(context.visits, width)
    # Sorted visits make every pass over the cells walk the memory in order.
    order = np.lexsort((context.known_until, visits))
    here = Past.of(events, context.event_days, visits[order], context.known_until[order])
    totals = here.prefix(np.column_stack([np.ones(len(values), dtype=np.int64), values]))
    sums = {window: np.zeros((len(visits), values.shape[1] + 1), dtype=np.int64) for window in WINDOWS}
    for north, east, weight in kernel():
        there = here.shifted(north * _GRID_COLUMNS + east)
        for window in WINDOWS:
            sums[window] += weight * there.sums_between(totals, window)
    as_given = np.argsort(order)
    return {window: values[as_given] for window, values in sums.items()}
