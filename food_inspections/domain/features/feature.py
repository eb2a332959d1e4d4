"""What a feature is, and the small pieces all families share."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from food_inspections.domain.features.history import IntArray

FloatArray = npt.NDArray[np.float64]
Array = npt.NDArray[np.generic]
Columns = Mapping[str, Array]


@dataclass(frozen=True)
class Feature:
    """One input of the models.

    Attributes:
        name: Column in ``data.inspection_features`` and ``data.establishment_features``.
        kind: Whether it is a number or a word.
        family: Group of features it belongs to.
        description: What it says, as in the data dictionary.
        needs: What a city must provide for it, of :attr:`~food_inspections.domain.city.profile.Profile.provides`;
            ``a|b`` is either. Where a city does not, the feature is left out: missing in every row.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    family: str
    description: str
    needs: tuple[str, ...] = ()

    def is_in(self, provides: Set[str]) -> bool:
        """Whether a city that provides these has the feature."""
        return all(not provides.isdisjoint(need.split("|")) for need in self.needs)


def numeric(
    family: str, descriptions: Mapping[str, str], needs: Sequence[str] = (), own_needs: Mapping[str, str] | None = None
) -> tuple[Feature, ...]:
    """Numeric features of one family, by name.

    Args:
        family: Name of the family.
        descriptions: What each says, by name.
        needs: What all of them need.
        own_needs: What features need whose names match a regular expression, in whole.
    """
    return tuple(
        Feature(
            name,
            "numeric",
            family,
            text,
            (*needs, *(need for pattern, need in (own_needs or {}).items() if re.fullmatch(pattern, name))),
        )
        for name, text in descriptions.items()
    )


def smoothed_rate(events: IntArray, of: IntArray, prior: FloatArray, weight: int) -> FloatArray:
    """Share of ``of`` that were ``events``, drawn towards ``prior`` as if ``weight`` more had been seen.

    The posterior mean of a binomial rate under a beta prior of that mean and weight
    (empirical Bayes): few observations say little, and none give the prior itself.
    """
    return (events + prior * weight) / (of + weight)


def days_since(query_days: IntArray, event_days: IntArray, events: IntArray, cap: int) -> IntArray:
    """Days from each found event to its query, at most ``cap``; ``cap`` where there is none.

    Args:
        query_days: Day number of each query.
        event_days: Day number of each event.
        events: Position of the event found for each query, -1 where there is none.
        cap: Largest value, which also stands for "never".
    """
    found = events >= 0
    days = np.full(len(query_days), cap, dtype=np.int64)
    days[found] = np.minimum(query_days[found] - event_days[events[found]], cap)
    return days


def looked_up(values: npt.NDArray[np.generic], events: IntArray) -> npt.NDArray[np.int64]:
    """Values of the found events as integers; 0 where there is none."""
    result = np.zeros(len(events), dtype=np.int64)
    found = events >= 0
    result[found] = values[events[found]]
    return result
