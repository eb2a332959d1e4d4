"""What lies under the points of the map: the city's boundaries, or where its places are."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

Ring = list[float]

# Steps finer than this, in parts of the world's width (about 20 m in the middle latitudes), show on no screen.
_FINEST = 7e-7
# A place stands for the ground around it so far, about 700 m; cells are as wide.
_REACH_KM = 0.7
_EARTH_KM = 40_075.0


def mercator(latitude: Any, longitude: Any) -> tuple[Any, Any]:
    """Web Mercator position, 0 to 1 over the world, x to the east and y to the south.

    Args:
        latitude: Degrees north, within 85.
        longitude: Degrees east.
    """
    radians = np.radians(latitude)
    return longitude / 360 + 0.5, 0.5 - np.log(np.tan(np.pi / 4 + radians / 2)) / (2 * np.pi)


def rings(geojson: dict[str, Any]) -> list[Ring]:
    """The outlines in a GeoJSON object, polygons and lines alike.

    Args:
        geojson: A geometry, a feature or a collection of them.

    Returns:
        Each outline as x, y, x, y ... in Web Mercator, without steps too fine to be seen.

    Raises:
        ValueError: Positions are not in degrees.
    """
    found = []
    for line in _lines(geojson):
        north, east = np.array([point[1] for point in line]), np.array([point[0] for point in line])
        if max(np.abs(north).max(), np.abs(east).max() / 2) > 90:
            raise ValueError(f"{line[0]} is no position in degrees")
        x, y = mercator(north, east)
        kept = [0]
        for place in range(1, len(line)):
            if max(abs(x[place] - x[kept[-1]]), abs(y[place] - y[kept[-1]])) >= _FINEST:
                kept.append(place)
        if len(kept) > 1:
            found.append([round(float(value), 7) for place in kept for value in (x[place], y[place])])
    return found


def _lines(part: dict[str, Any]) -> Iterator[list[list[float]]]:
    match part.get("type"):
        case "FeatureCollection":
            for feature in part["features"]:
                yield from _lines(feature)
        case "Feature":
            yield from _lines(part["geometry"] or {})
        case "GeometryCollection":
            for geometry in part["geometries"]:
                yield from _lines(geometry)
        case "MultiPolygon":
            for polygon in part["coordinates"]:
                yield from polygon
        case "Polygon" | "MultiLineString":
            yield from part["coordinates"]
        case "LineString":
            yield part["coordinates"]


def built_up(places: pd.DataFrame) -> dict[str, Any]:
    """Where the city's places are, in place of boundaries that its profile does not have.

    Args:
        places: latitude and longitude of every place.

    Returns:
        ``cells``, the middles of the cells that hold a place as x, y, x, y ...; ``reach``, how far each extends.
    """
    placed = places[places["latitude"].between(-85, 85) & (places["latitude"] != 0)]
    if placed.empty:
        return {"cells": [], "reach": 0.0}
    x, y = mercator(placed["latitude"].to_numpy(dtype=float), placed["longitude"].to_numpy(dtype=float))
    reach = _REACH_KM / _EARTH_KM * float(np.cosh(2 * np.pi * (0.5 - y.mean())))
    cells = np.unique(np.column_stack([np.round(x / reach), np.round(y / reach)]), axis=0) * reach
    return {"cells": [round(float(value), 7) for value in cells.ravel()], "reach": reach}


def area_labels(places: pd.DataFrame) -> list[list[Any]]:
    """A name for each zip at the middle of its places, the one with most places first.

    Args:
        places: latitude, longitude and zip of every place.

    Returns:
        Lists of x, y and text.
    """
    placed = places[places["latitude"].between(-85, 85) & (places["latitude"] != 0) & (places["zip"] != "unknown")]
    middles = placed.groupby("zip").agg(
        latitude=("latitude", "median"), longitude=("longitude", "median"), count=("zip", "size")
    )
    middles = middles.sort_values("count", ascending=False, kind="stable")
    x, y = mercator(middles["latitude"].to_numpy(dtype=float), middles["longitude"].to_numpy(dtype=float))
    return [
        [round(float(east), 7), round(float(south), 7), str(name)]
        for east, south, name in zip(x, y, middles.index, strict=True)
    ]
