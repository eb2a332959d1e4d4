"""The visits to describe and the history they may know, prepared once for all families."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.features.lookups import Lookups
from food_inspections.domain.features.surprise import Surprises, surprises
from food_inspections.domain.inspections.identity import UNKNOWN, normalise_words


@dataclass(frozen=True)
class Context(Lookups):
    """What the families compute from."""

    @classmethod
    def of(cls, visits: pd.DataFrame, history: pd.DataFrame, profile: Profile, knowledge_lag_days: int) -> "Context":
        """Prepare ordered frames: no history from the last visit on, and the premises of both."""
        known_until = visits["inspection_date"].max() - pd.Timedelta(days=knowledge_lag_days)
        known = history[history["inspection_date"] < known_until].reset_index(drop=True)
        return cls(_with_premises(visits), _with_premises(known), profile, knowledge_lag_days)

    @cached_property
    def surprises(self) -> Surprises:
        """How far the visits of the history went beyond what was to be expected of them."""
        return surprises(self.history, self.profile)


def _with_premises(inspections: pd.DataFrame) -> pd.DataFrame:
    """With the column ``premises``: the normalised address, which several establishments may share."""
    addresses = inspections["address"]
    normalised = {text: UNKNOWN if text == UNKNOWN else normalise_words(text) for text in addresses.unique()}
    return inspections.assign(premises=addresses.map(normalised).astype(object))
