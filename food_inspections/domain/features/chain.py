"""The rest of the chain: other establishments of the same name, the establishment itself left out."""

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, numeric, smoothed_rate

FAMILY = "chain"
WINDOWS = (365, 1095)

_RATE_WEIGHT = 10

DESCRIPTIONS = {
    name: text
    for window in WINDOWS
    for name, text in (
        (f"chain_visits_{window}", f"First looks at other establishments of the same name in the last {window} days."),
        (f"chain_failure_rate_{window}", "Share of them that failed, drawn towards the city's rate of the day."),
        (f"chain_critical_rate_{window}", "Share of them with a critical violation, drawn towards the city's rate."),
    )
}

FEATURES = numeric(FAMILY, DESCRIPTIONS)


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    chain = context.first_looks("chain_key")
    itself = context.first_looks("chain_key", "establishment_id")
    columns: dict[str, Array] = {}
    for window in WINDOWS:
        count = chain.counts(window) - itself.counts(window)
        columns[f"chain_visits_{window}"] = count
        for outcome, word in (("is_failure", "failure"), ("is_critical", "critical")):
            flags = context.event(outcome)
            events = chain.sums(flags, window) - itself.sums(flags, window)
            columns[f"chain_{word}_rate_{window}"] = smoothed_rate(
                events, count, context.city_rate(outcome), _RATE_WEIGHT
            )
    return columns
