"""Areas large enough to be compared: the city's own districts or postal codes, or neighbouring ones together."""

import numpy as np
import pandas as pd

from food_inspections.domain.plan.travel import great_circle_km

SMALLEST_VISITS = 5.0
"""Usual visits a week below which an area is put together with the nearest: a share of a visit keeps no floor."""

NAMED = 3
"""Districts that the name of an area spells out."""


def areas_of(districts: pd.Series, places: pd.DataFrame, usual_visits: pd.Series) -> pd.Series:
    """The area of every place.

    The smallest area joins the nearest one, by the middle of their places, until every one has enough visits a
    week; without coordinates the next one in the order of names.

    Args:
        districts: District of each place as the city names it, or its postal code.
        places: latitude, longitude, in the same order.
        usual_visits: Visits to each place in a usual week, in the same order.

    Returns:
        Name of the area of each place, on the same index.
    """
    codes = districts.astype(str)
    table = pd.DataFrame(
        {
            "visits": usual_visits.groupby(codes).sum(),
            "latitude": places["latitude"].groupby(codes).mean(),
            "longitude": places["longitude"].groupby(codes).mean(),
        }
    ).sort_index()
    members = [[code] for code in table.index]
    visits, lat, lon = (table[name].to_numpy(dtype=np.float64).tolist() for name in ("visits", "latitude", "longitude"))
    while len(members) > 1 and min(visits) < SMALLEST_VISITS:
        small = int(np.argmin(visits))
        here = [np.array(values) for values in (lat, lon)]
        distances = great_circle_km(here[0][[small]], here[1][[small]], *here)[0]
        distances[small] = np.inf
        nearest = int(np.argmin(np.where(np.isnan(distances), 1e9, distances)))
        kept, gone = min(small, nearest), max(small, nearest)
        sizes = len(members[kept]), len(members[gone])
        lat[kept], lon[kept] = _middle(lat, kept, gone, sizes), _middle(lon, kept, gone, sizes)
        visits[kept] += visits[gone]
        members[kept] += members[gone]
        for values in (members, visits, lat, lon):
            del values[gone]
    return codes.map({code: _name(sorted(group)) for group in members for code in group})


def _middle(values: list[float], one: int, other: int, sizes: tuple[int, int]) -> float:
    pairs = zip((one, other), sizes, strict=True)
    known = [(values[place], size) for place, size in pairs if not np.isnan(values[place])]
    return sum(value * size for value, size in known) / sum(size for _, size in known) if known else np.nan


def _name(codes: list[str]) -> str:
    shown = codes if len(codes) <= NAMED else codes[: NAMED - 1]
    more = f" and {len(codes) - len(shown)} near" if len(shown) < len(codes) else ""
    return ", ".join(shown) + more
