"""The rest of the chain: other establishments of the same name, the establishment itself left out."""

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, numeric

FAMILY = "chain"
WINDOWS = (365, 1095)

_RATE_WEIGHT = 10

DESCRIPTIONS = {
    name: text
    for window in WINDOWS
    for name, text in (
        (f"chain_visits_{window}", f"Full visits to other establishments of the same name in the last {window} days."),
        (f"chain_failure_rate_{window}", "Share of them that failed, drawn towards the city's rate of the day."),
        (f"chain_critical_rate_{window}", "Share of them with a critical violation, drawn towards the city's rate."),
    )
}

FEATURES = numeric(FAMILY, DESCRIPTIONS, ("name",), {r".*_critical_.*": "is_critical"})


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    chain = context.full_visits("chain_key")
    itself = context.full_visits("chain_key", "establishment_id")
    columns: dict[str, Array] = {}
    for window in WINDOWS:
        columns[f"chain_visits_{window}"] = chain.counts(window) - itself.counts(window)
        for outcome, word in context.outcomes:
            columns[f"chain_{word}_rate_{window}"] = context.rate_elsewhere(
                chain, itself, outcome, window, _RATE_WEIGHT
            )
    return columns
