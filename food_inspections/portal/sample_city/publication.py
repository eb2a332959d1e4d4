"""The sample city's inspections as its portal publishes them: text, with the slips of real records, and late."""

import numpy as np
import pandas as pd

from food_inspections.portal.sample_city.places import Places
from food_inspections.portal.sample_city.randomness import stream
from food_inspections.portal.sample_city.words import SPELLINGS

PUBLISHED_AT = "published_at"
FIELDS = (
    "inspection_id",
    "dba_name",
    "aka_name",
    "license_",
    "facility_type",
    "risk",
    "address",
    "city",
    "state",
    "zip",
    "inspection_date",
    "inspection_type",
    "results",
    "violations",
    "latitude",
    "longitude",
    "location",
)
"""Fields of an inspection: the sample city publishes as the default city does."""

FIRST_ID = 2_000_000
CITIES = (
    ("CHICAGO", 0.985),
    ("Chicago", 0.005),
    ("chicago", 0.003),
    ("CCHICAGO", 0.003),
    ("CHICAGO.", 0.002),
    (None, 0.002),
)
TYPE_SPELLINGS = {
    "Canvass": ("CANVASS", "canvass", "CANVAS"),
    "License": ("LICENSE", "license"),
    "Complaint": ("COMPLAINT", "Complaint-Fire"),
    "Canvass Re-Inspection": ("CANVASS RE-INSPECTION",),
    "Suspected Food Poisoning": ("SFP", "SFP/COMPLAINT"),
}
LAGS = ((0.45, 1, 4), (0.80, 5, 10), (0.95, 11, 25), (1.0, 26, 60))
"""Days from visit to publication: up to this share, from and to."""


def publish(seed: int, places: Places, visits: pd.DataFrame, violations: list[str | None]) -> pd.DataFrame:
    """The portal's columns and ``published_at``, text or ``None``, in the order of the visits."""
    size = len(visits)
    rows = places.frame.iloc[visits["establishment"].to_numpy()].reset_index(drop=True)
    has_no_coordinates = stream(seed, "no coordinates").random(len(places.frame)) < 0.004
    is_lost = has_no_coordinates[visits["establishment"].to_numpy()]
    for column in ("latitude", "longitude"):
        rows[column] = rows[column].mask(is_lost, None)
    rows["location"] = ("(" + rows["latitude"] + ", " + rows["longitude"] + ")").where(~is_lost, None)
    rows["inspection_id"] = _ids(seed, size)
    rows["facility_type"] = _misspelt(seed, "facility", rows["facility_type"], SPELLINGS, 0.05, 0.012)
    rows["inspection_type"] = _misspelt(seed, "type", visits["inspection_type"], TYPE_SPELLINGS, 0.01, 0.0)
    rows["zip"] = rows["zip"].mask(stream(seed, "no zip").random(size) < 0.001, None)
    draws = stream(seed, "risk gaps").random(size)
    rows["risk"] = rows["risk"].mask(draws < 0.002, None).mask(draws > 0.998, "All")
    rows["license_"] = rows["license_"].mask(stream(seed, "no licence").random(size) < 0.0005, None)
    cities = np.searchsorted(np.cumsum([share for _, share in CITIES]), stream(seed, "city").random(size))
    rows["city"] = np.array([city for city, _ in CITIES], dtype=object)[cities.clip(max=len(CITIES) - 1)]
    rows["state"] = pd.Series("IL", index=rows.index, dtype=object).mask(
        stream(seed, "state").random(size) < 0.0005, None
    )
    rows["inspection_date"] = visits["day"].dt.strftime("%Y-%m-%dT00:00:00.000")
    rows["results"] = visits["result"]
    rows["violations"] = pd.Series(violations, dtype=object)
    rows[PUBLISHED_AT] = (visits["day"] + pd.to_timedelta(_lags(seed, size), unit="D")).dt.strftime("%Y-%m-%d")
    return rows[[*FIELDS, PUBLISHED_AT]].astype(object)


def _ids(seed: int, size: int) -> np.ndarray:
    return (FIRST_ID + np.cumsum(stream(seed, "id").integers(1, 4, size))).astype(str).astype(object)


def _misspelt(
    seed: int, purpose: str, values: pd.Series, spellings: dict[str, tuple[str, ...]], share: float, missing: float
) -> np.ndarray:
    draws = stream(seed, f"{purpose} slip").random(len(values))
    picks = stream(seed, f"{purpose} spelling").random(len(values))
    result = values.to_numpy(dtype=object).copy()
    for i in np.flatnonzero(draws < share):
        others = spellings.get(result[i], (result[i],))
        result[i] = others[int(picks[i] * len(others))]
    result[draws > 1 - missing] = None
    return result


def _lags(seed: int, size: int) -> np.ndarray:
    draws = stream(seed, "lag").random(size)
    within = stream(seed, "lag within").random(size)
    bins = np.searchsorted([share for share, _, _ in LAGS], draws)
    low = np.array([first for _, first, _ in LAGS])[bins]
    high = np.array([last for _, _, last in LAGS])[bins]
    return np.asarray(low + (within * (high - low + 1)).astype(int))
