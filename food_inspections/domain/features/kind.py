"""How establishments of the same kind have done lately."""

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, numeric

FAMILY = "kind"
WINDOWS = (90, 365)

_RATE_WEIGHT = 20

DESCRIPTIONS = {
    name: text
    for window in WINDOWS
    for name, text in (
        (f"kind_visits_{window}", f"Full visits to places of the same kind and risk class in the last {window} days."),
        (f"kind_failure_rate_{window}", "Share of them that failed, drawn towards the city's rate of the day."),
        (f"kind_critical_rate_{window}", "Share of them with a critical violation, drawn towards the city's rate."),
    )
}

_GROUPS = ("facility_type", "risk")

FEATURES = numeric(FAMILY, DESCRIPTIONS, ("|".join(_GROUPS),), {r".*_critical_.*": "is_critical"})


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    groups = [column for column in _GROUPS if column in context.provides]
    if not groups:
        return {}
    kind = context.full_visits(*groups)
    columns: dict[str, Array] = {}
    for window in WINDOWS:
        columns[f"kind_visits_{window}"] = kind.counts(window)
        for outcome, word in context.outcomes:
            columns[f"kind_{word}_rate_{window}"] = context.rate(kind, outcome, window, _RATE_WEIGHT)
    return columns
