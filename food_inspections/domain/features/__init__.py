"""Features of inspections and establishments as of a day, in families.

Nothing from the future: a feature of day *d* is computed from inspections before *d* only.
"""

from food_inspections.domain.features.build import (
    ESTABLISHMENT_COLUMNS,
    FEATURES,
    GROUP_COLUMNS,
    HISTORY_COLUMNS,
    INSPECTION_COLUMNS,
    build_establishment_features,
    build_features,
    features_of,
)
from food_inspections.domain.features.feature import Feature

__all__ = [
    "ESTABLISHMENT_COLUMNS",
    "FEATURES",
    "GROUP_COLUMNS",
    "HISTORY_COLUMNS",
    "INSPECTION_COLUMNS",
    "Feature",
    "build_establishment_features",
    "build_features",
    "features_of",
]
