"""When in the year the visit takes place, and how strict the whole city is then."""

import numpy as np

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Columns, numeric, smoothed_rate

FAMILY = "season"
_SHORT_WINDOW_DAYS = 28
_RATE_WEIGHT = 50
_DAYS_A_YEAR = 365.25

DESCRIPTIONS = {
    "season_sin": "Sine of the day of the year: high in spring, low in autumn.",
    "season_cos": "Cosine of the day of the year: high in winter, low in summer.",
    "city_failure_rate": "Share of the city's full visits of the last 365 days that failed.",
    "city_critical_rate": "Share of the city's full visits of the last 365 days with a critical violation.",
    "city_failure_rate_28": "The same failures over the last 28 days, drawn towards the year's rate.",
    "city_critical_rate_28": "The same critical violations over the last 28 days, drawn towards the year's rate.",
}

FEATURES = numeric(FAMILY, DESCRIPTIONS, own_needs={r".*_critical_.*": "is_critical"})


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    # Table lookups keep one day's value the same whatever rows it is computed beside.
    angles = [2 * np.pi * day / _DAYS_A_YEAR for day in range(367)]
    day_of_year = context.visits["inspection_date"].dt.dayofyear.to_numpy()
    columns = {
        "season_sin": np.array([np.sin(angle) for angle in angles])[day_of_year],
        "season_cos": np.array([np.cos(angle) for angle in angles])[day_of_year],
    }
    for outcome, word in context.outcomes:
        year_rate = context.city_rate(outcome)
        known = context.with_known(context.city, outcome)
        recent = known.sums(context.event(outcome), _SHORT_WINDOW_DAYS)
        columns[f"city_{word}_rate"] = year_rate
        columns[f"city_{word}_rate_{_SHORT_WINDOW_DAYS}"] = smoothed_rate(
            recent, known.counts(_SHORT_WINDOW_DAYS), year_rate, _RATE_WEIGHT
        )
    return columns
