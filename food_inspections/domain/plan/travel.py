"""How far it is from one stop to the next: great circle times a street factor, or as a given table says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import FloatArray, IntArray, require_columns
from food_inspections.errors import DataError

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""

UNKNOWN_MINUTES = 20
UNKNOWN_MINUTES_NEAR = 10
"""Minutes of a way of which one end has no coordinates: in general, and within one postal code."""

TABLE_COLUMNS = ("from", "to", "minutes", "kilometres")


@dataclass(frozen=True)
class TravelRules:
    """How travel is reckoned.

    Attributes:
        kilometres_per_hour: Speed from door to door.
        street_factor: Way by street over the great circle.
        table: Ways that are known better: from, to (establishment ids, or names of inspectors for their start
            points), minutes, kilometres.
    """

    kilometres_per_hour: float = 25.0
    street_factor: float = 1.3
    table: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if self.table is not None:
            require_columns(self.table, TABLE_COLUMNS, "The table of travel")
            numbers = self.table[["minutes", "kilometres"]].apply(pd.to_numeric, errors="coerce")
            wrong = ~(numbers >= 0).all(axis=1) | ~np.isfinite(numbers).all(axis=1)
            if wrong.any():
                row = self.table[wrong].iloc[0]
                raise DataError(
                    f"The table of travel has {row['minutes']!r} minutes and {row['kilometres']!r} kilometres from "
                    f"{row['from']} to {row['to']}: give numbers from 0 on."
                )


@dataclass(frozen=True)
class Points:
    """Places and start points.

    Attributes:
        names: Establishment ids, or names of inspectors.
        latitude, longitude: Degrees; NaN where they are not known.
        near: What close ones have in common, such as the postal code.
    """

    names: Sequence[str]
    latitude: FloatArray
    longitude: FloatArray
    near: Sequence[str]


@dataclass(frozen=True)
class Travel:
    """Ways between points, from rows to columns.

    Attributes:
        minutes: Whole minutes, rounded up.
        metres: Whole metres; where the way is not known what its minutes come to at the usual speed.
        is_known: Whether the metres are known: both ends have coordinates, or the table gives the way.
    """

    minutes: IntArray
    metres: IntArray
    is_known: np.ndarray


def travel_between(origins: Points, destinations: Points, rules: TravelRules) -> Travel:
    """All ways from some points to others.

    A way with an end that has no coordinates takes twenty minutes, ten within what is near.
    """
    metres = (
        rules.street_factor
        * 1000
        * great_circle_km(origins.latitude, origins.longitude, destinations.latitude, destinations.longitude)
    )
    is_known = np.isfinite(metres)
    metres_a_minute = rules.kilometres_per_hour * 1000 / 60
    is_near = np.asarray(origins.near, dtype=object)[:, None] == np.asarray(destinations.near, dtype=object)[None, :]
    unknown = np.where(is_near, UNKNOWN_MINUTES_NEAR, UNKNOWN_MINUTES)
    whole_metres = np.round(np.where(is_known, metres, unknown * metres_a_minute)).astype(np.int64)
    minutes = np.where(is_known, np.ceil(whole_metres / metres_a_minute), unknown).astype(np.int64)
    if rules.table is not None:
        rows = {name: place for place, name in enumerate(origins.names)}
        columns = {name: place for place, name in enumerate(destinations.names)}
        table = rules.table[rules.table["from"].isin(rows) & rules.table["to"].isin(columns)]
        given = table["from"].map(rows).to_numpy(dtype=np.int64), table["to"].map(columns).to_numpy(dtype=np.int64)
        minutes[given] = np.ceil(table["minutes"].to_numpy(dtype=np.float64)).astype(np.int64)
        whole_metres[given] = np.round(table["kilometres"].to_numpy(dtype=np.float64) * 1000).astype(np.int64)
        is_known[given] = True
    is_same = np.asarray(origins.names, dtype=object)[:, None] == np.asarray(destinations.names, dtype=object)[None, :]
    return Travel(np.where(is_same, 0, minutes), np.where(is_same, 0, whole_metres), is_known | is_same)


def great_circle_km(
    latitude: FloatArray, longitude: FloatArray, to_latitude: FloatArray, to_longitude: FloatArray
) -> FloatArray:
    """Kilometres from each point to each other one by the haversine formula; NaN where one of the two is not known."""
    lat, lon = np.radians(latitude)[:, None], np.radians(longitude)[:, None]
    to_lat, to_lon = np.radians(to_latitude)[None, :], np.radians(to_longitude)[None, :]
    half = np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    distances: FloatArray = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return distances
