"""How establishments of the same kind have done lately."""

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, numeric, smoothed_rate

FAMILY = "kind"
WINDOWS = (90, 365)

_RATE_WEIGHT = 20

DESCRIPTIONS = {
    name: text
    for window in WINDOWS
    for name, text in (
        (f"kind_visits_{window}", f"First looks at the same facility type and risk class in the last {window} days."),
        (f"kind_failure_rate_{window}", "Share of them that failed, drawn towards the city's rate of the day."),
        (f"kind_critical_rate_{window}", "Share of them with a critical violation, drawn towards the city's rate."),
    )
}

FEATURES = numeric(FAMILY, DESCRIPTIONS)


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    kind = context.first_looks("facility_type", "risk")
    columns: dict[str, Array] = {}
    for window in WINDOWS:
        columns[f"kind_visits_{window}"] = kind.counts(window)
        for outcome, word in (("is_failure", "failure"), ("is_critical", "critical")):
            columns[f"kind_{word}_rate_{window}"] = smoothed_rate(
                kind.sums(context.event(outcome), window), kind.counts(window), context.city_rate(outcome), _RATE_WEIGHT
            )
    return columns
