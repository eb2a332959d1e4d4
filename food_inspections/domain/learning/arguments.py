"""Which of the effects on a score a manager is told first: a place's own facts, then what holds for others too.

The strongest effect is often shared by half the list (what inspectors in the area report, the
season, "no visit in the last 14 days"), counts visits that nobody acts on ("1,131 visits to places of
its kind"), or reads as praise: a model can hold "did not fail in a year" against a place, because of
what else is so of it. None of these tells why to go to this place rather than the next.
"""

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from food_inspections.domain.features import FEATURES
from food_inspections.domain.inputs import FloatArray
from food_inspections.domain.wording import visits_behind

Columns = Mapping[str, npt.NDArray[np.generic]]

OWN, ALIKE, SHARED, LOWERING, CONTRARY = range(5)
"""What raises the score: the place's own record; how it compares with others and what it shares with a few of them;
what is so of most places, or reads as praise. What lowers it: in words that agree, and in words that rather accuse."""

MATERIAL_EFFECT = 0.05
"""In log-odds, about a point: below it a fact of its own does not go before a stronger reason."""

LONG_AGO_DAYS = 1095
YEAR_DAYS = 365
_SHARED_FAMILIES = ("season", "visit", "inspector")
_OWN_FAMILIES = ("establishment",)
_COMPARISON = "own_surprise_"
_OF_THE_PLACE = ("facility_type", "risk")
_PRAISED_BY_ZERO = re.compile(
    r"own_(failures|criticals|complaints|recent_failures|failure_streak|reinspection_open|has_failure|has_critical)"
    r"(_\d+)?|own_last_(conditions|was_\w+|topic_\w+)|own_(last|recent)_\w+_violations"
)
_PRAISED_BELOW_ZERO = re.compile(rf"{_COMPARISON}\w+|name_\w+|inspector_\w+")
_PRAISED_BY_LENGTH = re.compile(r"own_days_since_(failure|critical)")
_ALWAYS_PRAISE = ("own_visits_since_failure",)
_COUNTS_VISITS = re.compile(r"(\w+_)?visits(_\d+)?|own_(recent_)?full_visits|own_last_was_first_look|points_city_\d+")
_SAYS_SOMETHING_FROM_A_YEAR = re.compile(r"own_days_since_(visit|first_look)")


def reads_as_praise(name: str, values: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Per row, whether a feature's words speak for the place: nothing found, less than expected, long ago."""
    if _PRAISED_BY_ZERO.fullmatch(name):
        return np.asarray(values.astype(np.float64) == 0)
    if _PRAISED_BELOW_ZERO.fullmatch(name):
        return np.asarray(values.astype(np.float64) <= 0)
    if _PRAISED_BY_LENGTH.fullmatch(name):
        return np.asarray(values.astype(np.float64) >= LONG_AGO_DAYS)
    return np.full(len(values), name in _ALWAYS_PRAISE)


def is_so_of_most(name: str, columns: Columns) -> npt.NDArray[np.bool_]:
    """Per row, whether a feature's words hold for most places: how often one goes, and a rate that only stands in.

    Args:
        name: Column of the feature.
        columns: The values of the rows by feature, with the counts of visits behind the rates.
    """
    values = columns[name]
    if _COUNTS_VISITS.fullmatch(name):
        return np.ones(len(values), dtype=np.bool_)
    if _SAYS_SOMETHING_FROM_A_YEAR.fullmatch(name):
        return np.asarray(values.astype(np.float64) < YEAR_DAYS)
    if name == "own_age_days":
        return np.asarray(values.astype(np.float64) >= YEAR_DAYS)
    count = visits_behind(name)
    return np.asarray(columns[count] == 0) if count != name and count in columns else np.zeros(len(values), np.bool_)


def reads_as_blame(name: str, values: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Per row, whether a feature's words tell of something found, or of more than expected."""
    if not (_PRAISED_BY_ZERO.fullmatch(name) or _PRAISED_BELOW_ZERO.fullmatch(name)):
        return np.zeros(len(values), dtype=np.bool_)
    return np.asarray(values.astype(np.float64) > 0)


def ranks(name: str, columns: Columns, effect: FloatArray) -> npt.NDArray[np.int8]:
    """What kind of argument a feature is for each row: OWN, ALIKE, SHARED, LOWERING or CONTRARY.

    Args:
        name: Column of the feature.
        columns: The values of the rows by feature.
        effect: Its effect in log-odds, one a row.
    """
    values = columns[name]
    family = _families().get(name, "")
    is_record = family in _OWN_FAMILIES and not name.startswith(_COMPARISON)
    is_own = is_record & (effect >= MATERIAL_EFFECT)
    usual = SHARED if family in _SHARED_FAMILIES and name not in _OF_THE_PLACE else ALIKE
    kind = np.where(is_own, OWN, usual)
    kind = np.where(reads_as_praise(name, values) | is_so_of_most(name, columns), SHARED, kind)
    against = np.where(reads_as_blame(name, values), CONTRARY, LOWERING)
    return np.asarray(np.where(effect > 0, kind, against), dtype=np.int8)


@cache
def _families() -> dict[str, str]:
    return {feature.name: feature.family for feature in FEATURES}
