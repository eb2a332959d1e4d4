"""What is known of the visit itself on the morning it takes place."""

from datetime import date

import numpy as np

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Columns, Feature, numeric
from food_inspections.domain.inspections.violations import FOOD_CODE_DAY

FAMILY = "visit"

# The city's inspectors work on weekdays; a rare Saturday counts as its own day.
DESCRIPTIONS = {
    "visit_weekday": "Day of the week, 0 for Monday.",
    "visit_is_food_code": "1 since 2018-07-01, when the FDA Food Code replaced the city's older code.",
    "visit_days_of_code": "Days since the code of law in force began, at most 730: how used to it inspectors are.",
}

# Groups double as features: the models encode them.
CATEGORIES = (
    Feature("facility_type", "categorical", FAMILY, "Kind of establishment, normalised."),
    Feature("risk", "categorical", FAMILY, "Risk class the city gave the establishment."),
    Feature("inspection_type", "categorical", FAMILY, "Kind of visit, normalised; a canvass in the queue."),
)

FEATURES = (*numeric(FAMILY, DESCRIPTIONS), *CATEGORIES)

_OLDER_CODE_DAY = date(2010, 1, 1)
_USED_TO_AFTER_DAYS = 730


def compute(context: Context) -> Columns:
    """The family's numeric columns, one value per visit; its categories are columns of the visits already."""
    days = context.visits["inspection_date"].to_numpy().astype("datetime64[D]")
    is_food_code = days >= np.datetime64(FOOD_CODE_DAY)
    began = np.where(is_food_code, np.datetime64(FOOD_CODE_DAY), np.datetime64(_OLDER_CODE_DAY))
    return {
        "visit_weekday": context.visits["inspection_date"].dt.weekday.to_numpy().astype(np.int64),
        "visit_is_food_code": is_food_code.astype(np.int64),
        "visit_days_of_code": np.clip((days - began).astype(np.int64), 0, _USED_TO_AFTER_DAYS),
    }
