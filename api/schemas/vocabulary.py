"""The words of the deployment's city, as far as callers may use them, and examples of them."""

from collections.abc import Sequence
from typing import Any

from food_inspections.domain.city.identifiers import PLAIN_ID
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.words import NOTHING_INSPECTED, OTHER, Word
from food_inspections.domain.inspections.identity import UNKNOWN
from food_inspections.settings import Settings

PROFILE = load_profile(Settings.from_environment().city)


def _words(vocabulary: Sequence[Word]) -> tuple[str, ...]:
    """The words that callers may use; none where the city has no vocabulary, so that its own words are kept."""
    return (*(word.word for word in vocabulary), OTHER, UNKNOWN) if vocabulary else ()


FACILITY_TYPES = _words(PROFILE.kinds)
RISKS = _words(PROFILE.risks)
FIRST_LOOK = PROFILE.first_look_type

_NOTHING_INSPECTED = {result.word for result in PROFILE.results if result.meaning in NOTHING_INSPECTED}
VISIT_TYPES = tuple(
    word
    for word in _words([visit for visit in PROFILE.inspection_types if visit.meaning != "not_an_inspection"])
    if word not in _NOTHING_INSPECTED
)

# A pair of numbers far outside the city is most likely a latitude taken for a longitude.
_MARGIN_DEGREES = 1.0
LATITUDES, LONGITUDES = (-90.0, 90.0), (-180.0, 180.0)
if PROFILE.map is not None:
    LATITUDES = (PROFILE.map.south - _MARGIN_DEGREES, PROFILE.map.north + _MARGIN_DEGREES)
    LONGITUDES = (PROFILE.map.west - _MARGIN_DEGREES, PROFILE.map.east + _MARGIN_DEGREES)

# A city whose ids are whole numbers has no others; elsewhere an id is what the portal writes.
_IS_NUMBERED = PROFILE.columns.establishment_id in PROFILE.rows.whole_numbers
ESTABLISHMENT_ID = r"^([1-9][0-9]{0,18}|n-[0-9a-f]{16})$" if _IS_NUMBERED else rf"^{PLAIN_ID}$"
ZIP = rf"^({PROFILE.columns.zip_pattern or '[0-9]{5}'}|{UNKNOWN})$"


def _first(vocabulary: Sequence[Word], otherwise: str = UNKNOWN) -> str:
    return next((word.word for word in vocabulary), otherwise)


_ZIP = UNKNOWN if PROFILE.columns.zip_pattern else "12345"

EXAMPLES: dict[str, Any] = {
    "establishment_id": "1000001",
    "facility_type": PROFILE.fairness.kind or _first(PROFILE.kinds),
    "reference_value": PROFILE.fairness.kind or _first(PROFILE.kinds),
    "attribute_value": _first(PROFILE.kinds[::-1]),
    "risk": _first(PROFILE.risks),
    "zip": _ZIP,
    "area": _ZIP if PROFILE.columns.area is None else UNKNOWN,
    "inspection_type": FIRST_LOOK,
    "results": _first(PROFILE.results),
    "result": _first(PROFILE.results),
    "last_result": _first(PROFILE.results),
    "latitude": round((PROFILE.map.south + PROFILE.map.north) / 2, 2) if PROFILE.map else None,
    "longitude": round((PROFILE.map.west + PROFILE.map.east) / 2, 2) if PROFILE.map else None,
}
"""What a column of the city may hold, for the documentation."""

BOX = "0,0,1,1"
if PROFILE.map is not None:
    BOX = f"{PROFILE.map.west},{PROFILE.map.south},{PROFILE.map.east},{PROFILE.map.north}"
"""Corners of the city, as the parameter ``bbox`` has them."""
