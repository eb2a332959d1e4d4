"""What was found nearby of late: it also stands in for how strict the area's inspectors are.

Two neighbourhoods: the postal code, and a circle whose cells count less the farther they
lie. Places are put on a grid and cells weighed by whole numbers, so sums stay exact.
"""

import numpy as np
import pandas as pd

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, numeric, smoothed_rate
from food_inspections.domain.features.history import NO_GROUP, IntArray, Past

FAMILY = "neighbourhood"
WINDOWS = (15, 30, 60, 180)
ALIKE_WINDOW = 90

# About 560 m each way at the city's latitude.
_CELL_LATITUDE = 0.005
_CELL_LONGITUDE = 0.00672
_GRID_COLUMNS = 1 << 17
_RADIUS_CELLS = 3
_RATE_WEIGHT = 10
_RISK_RATE_WEIGHT = 3
_TYPE_RATE_WEIGHT = 5

_OUTCOMES = (("is_failure", "failure"), ("is_critical", "critical"))

_CIRCLES = {
    name: text
    for window in WINDOWS
    for name, text in (
        (f"zip_visits_{window}", f"First looks in the postal code in the last {window} days."),
        (f"zip_failure_rate_{window}", "Share of them that failed, drawn towards the city's rate of the day."),
        (f"zip_critical_rate_{window}", "Share of them with a critical violation, drawn towards the city's rate."),
        (f"near_visits_{window}", f"First looks within 2 km in the last {window} days, weighed by nearness (0 to 8)."),
        (f"near_failure_rate_{window}", "Weighed share of them that failed, drawn towards the city's rate of the day."),
        (f"near_critical_rate_{window}", "Weighed share with a critical violation, drawn towards the city's rate."),
    )
}

DESCRIPTIONS = {
    **_CIRCLES,
    "zip_risk_visits": f"First looks in the postal code at places of the same risk in the last {ALIKE_WINDOW} days.",
    "zip_risk_failure_rate": "Share of them that failed, drawn towards the city's rate of the day.",
    "zip_risk_critical_rate": "Share of them with a critical violation, drawn towards the city's rate.",
    "zip_type_visits": f"Visits of the same inspection type in the postal code in the last {ALIKE_WINDOW} days.",
    "zip_type_failure_rate": "Share of them that failed, drawn towards the city's rate of the day.",
    "zip_type_critical_rate": "Share of them with a critical violation, drawn towards the city's rate.",
}

FEATURES = numeric(FAMILY, DESCRIPTIONS)


def kernel() -> list[tuple[int, int, int]]:
    """Cell offsets (north, east) and their whole weights: 8 in the middle, falling like a bell to 1."""
    reach = range(-_RADIUS_CELLS, _RADIUS_CELLS + 1)
    weighed = [(i, j, round(8 * 2.0 ** -((i * i + j * j) / 3))) for i in reach for j in reach]
    return [(i, j, weight) for i, j, weight in weighed if weight > 0]


def cells(places: pd.DataFrame) -> IntArray:
    """Grid cell of each place, as ``row * _GRID_COLUMNS + column``."""
    rows = np.floor((places["latitude"].to_numpy() + 90) / _CELL_LATITUDE).astype(np.int64)
    columns = np.floor((places["longitude"].to_numpy() + 180) / _CELL_LONGITUDE).astype(np.int64)
    return rows * _GRID_COLUMNS + columns


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    flags = np.column_stack([context.event(outcome) for outcome, _ in _OUTCOMES]).astype(np.int64)
    zips = context.first_looks("zip")
    in_zip = {window: np.column_stack([zips.counts(window), zips.sums(flags, window)]) for window in WINDOWS}
    near = _kernel_sums(context, flags)
    columns: dict[str, Array] = {}
    for prefix, sums, scale in (("zip", in_zip, 1), ("near", near, 8)):
        for window in WINDOWS:
            columns[f"{prefix}_visits_{window}"] = sums[window][:, 0]
            for k, (outcome, word) in enumerate(_OUTCOMES, start=1):
                columns[f"{prefix}_{word}_rate_{window}"] = smoothed_rate(
                    sums[window][:, k], sums[window][:, 0], context.city_rate(outcome), _RATE_WEIGHT * scale
                )
    alike = {
        "zip_risk": (context.first_looks("zip", "risk"), _RISK_RATE_WEIGHT),
        "zip_type": (context.past("zip", "inspection_type"), _TYPE_RATE_WEIGHT),
    }
    for prefix, (past, weight) in alike.items():
        count = past.counts(ALIKE_WINDOW)
        columns[f"{prefix}_visits"] = count
        for outcome, word in _OUTCOMES:
            events = past.sums(context.event(outcome), ALIKE_WINDOW)
            columns[f"{prefix}_{word}_rate"] = smoothed_rate(events, count, context.city_rate(outcome), weight)
    return columns


def _kernel_sums(context: Context, values: IntArray) -> dict[int, IntArray]:
    """Weighed counts and sums of ``values`` around each visit, by window."""
    events = np.where(context.is_first_look, cells(context.history), NO_GROUP)
    visits = cells(context.visits)
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
