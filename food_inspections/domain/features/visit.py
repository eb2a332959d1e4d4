"""What is known of the visit itself on the morning it takes place."""

from datetime import date

import numpy as np
import numpy.typing as npt

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Columns, Feature, numeric

FAMILY = "visit"

# The city's inspectors work on weekdays; a rare Saturday counts as its own day.
DESCRIPTIONS = {
    "visit_weekday": "Day of the week, 0 for Monday.",
    "visit_is_newest_code": "1 since the newest code of law replaced the one before.",
    "visit_days_of_code": "Days since the code of law in force began, at most 730: how used to it inspectors are.",
}

# Groups double as features: the models encode them.
CATEGORIES = (
    Feature("facility_type", "categorical", FAMILY, "Kind of establishment, normalised.", ("facility_type",)),
    Feature("risk", "categorical", FAMILY, "Risk class the city gave the establishment.", ("risk",)),
    Feature(
        "inspection_type",
        "categorical",
        FAMILY,
        "Kind of visit, normalised; a first look in the queue.",
        ("inspection_type",),
    ),
)

FEATURES = (*numeric(FAMILY, DESCRIPTIONS, own_needs={r"visit_.*_code": "laws"}), *CATEGORIES)

_USED_TO_AFTER_DAYS = 730


def compute(context: Context) -> Columns:
    """The family's numeric columns, one value per visit; its categories are columns of the visits already."""
    days = context.visits["inspection_date"].to_numpy().astype("datetime64[D]")
    return {
        "visit_weekday": context.visits["inspection_date"].dt.weekday.to_numpy().astype(np.int64),
        **(_laws(days, context.profile) if "laws" in context.provides else {}),
    }


def _laws(days: npt.NDArray[np.datetime64], profile: Profile) -> Columns:
    # The first code is older than the data: nobody has to get used to it.
    starts = np.array([date(profile.city.first_week.year, 1, 1), *profile.law_starts], dtype="datetime64[D]")
    in_force = np.maximum(np.searchsorted(starts, days, side="right") - 1, 0)
    return {
        "visit_is_newest_code": (in_force == len(starts) - 1).astype(np.int64),
        "visit_days_of_code": np.clip((days - starts[in_force]).astype(np.int64), 0, _USED_TO_AFTER_DAYS),
    }
