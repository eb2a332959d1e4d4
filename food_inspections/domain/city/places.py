"""Where a place is: coordinates and addresses in the forms that portals publish them."""

import json
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.texts import Texts

FloatArray = npt.NDArray[np.float64]

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_PAIR = re.compile(rf"\(\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\)")
_POINT = re.compile(rf"POINT\s*\(\s*{_NUMBER}\s+{_NUMBER}\s*\)", re.IGNORECASE)
_TOWN = re.compile(r"^(?P<city>.*?)(?:,\s*|\s+)(?P<state>[A-Za-z]{2})\.?(?:\s+(?P<zip>\d{5}(?:-\d{4})?))?$")


@dataclass(frozen=True)
class Location:
    """What one location field says; ``None`` for what it does not."""

    latitude: float | None = None
    longitude: float | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None


def read_location(text: str) -> Location:
    """A location in any of the forms that Socrata has had.

    ``(30.28, -97.68)``, ``POINT (-97.68 30.28)``, a GeoJSON point, an object with ``latitude`` and
    ``longitude``; and lines of a street, ``TOWN, ST ZIP`` and the pair in parentheses.
    """
    if text.lstrip().startswith("{"):
        return _from_object(text)
    point, pair = _POINT.search(text), _PAIR.search(text)
    found = (point[2], point[1]) if point else (pair[1], pair[2]) if pair else None
    lines = [line.strip() for line in _PAIR.sub("", _POINT.sub("", text)).splitlines() if line.strip()]
    town = _TOWN.match(lines[-1]) if len(lines) > 1 else None
    street = " ".join(" ".join(lines[:-1] if town else lines).split())
    return Location(
        latitude=float(found[0]) if found else None,
        longitude=float(found[1]) if found else None,
        address=street or None,
        city=town["city"] if town else None,
        state=town["state"] if town else None,
        zip=town["zip"] if town else None,
    )


def _from_object(text: str) -> Location:
    try:
        value = json.loads(text)
    except ValueError:
        return Location()
    coordinates = value.get("coordinates")
    if isinstance(coordinates, list) and len(coordinates) >= 2:
        return Location(_degrees(coordinates[1]), _degrees(coordinates[0]))
    address = value.get("human_address")
    parts = json.loads(address) if isinstance(address, str) and address.startswith("{") else {}
    return Location(
        _degrees(value.get("latitude")),
        _degrees(value.get("longitude")),
        *(parts.get(name) or None for name in ("address", "city", "state", "zip")),
    )


def _degrees(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Places:
    """The locations of a column, read once per distinct text."""

    texts: Texts
    locations: list[Location]

    @classmethod
    def of(cls, texts: Texts) -> "Places":
        """Read a column."""
        return cls(texts, [read_location(str(word)) for word in texts.words])

    def coordinates(self) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes, NaN where there are none."""
        pairs = np.array(
            [[np.nan, np.nan], *([place.latitude, place.longitude] for place in self.locations)], dtype=np.float64
        )
        taken = pairs[self.texts.codes + 1]
        return taken[:, 0], taken[:, 1]

    def part(self, name: str) -> Texts:
        """One part of the addresses."""
        parts = {str(word): getattr(place, name) for word, place in zip(self.texts.words, self.locations, strict=True)}
        return self.texts.map(parts.__getitem__)


def sane_coordinates(latitude: FloatArray, longitude: FloatArray) -> tuple[pd.Series, pd.Series]:
    """Degrees; both missing where either is, or lies off the map.

    0, 0 is what geocoders answer when they mean "not found".
    """
    is_sane = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180) & ~((latitude == 0) & (longitude == 0))
    return pd.Series(np.where(is_sane, latitude, np.nan)), pd.Series(np.where(is_sane, longitude, np.nan))
