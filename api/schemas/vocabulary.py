"""The words of the deployment's city, as far as callers may use them."""

from collections.abc import Sequence

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.words import OTHER, Word
from food_inspections.domain.inspections.cleaning import NOT_VISITED_MEANINGS
from food_inspections.domain.inspections.identity import UNKNOWN
from food_inspections.settings import Settings

PROFILE = load_profile(Settings.from_environment().city)


def _words(vocabulary: Sequence[Word]) -> tuple[str, ...]:
    return (*(word.word for word in vocabulary), OTHER, UNKNOWN)


FACILITY_TYPES = _words(PROFILE.kinds)
RISKS = _words(PROFILE.risks)
FIRST_LOOK = PROFILE.first_look_type

_NOTHING_INSPECTED = {result.word for result in PROFILE.results if result.meaning in NOT_VISITED_MEANINGS}
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
