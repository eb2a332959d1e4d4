"""What a manager reads instead of a column's name.

A phrase is made from the feature's description in the registry; the columns where a
sentence with the numbers in it reads better have a template here.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from food_inspections.domain.features import FEATURES


def phrase(name: str, value: float | str, row: Mapping[str, Any]) -> str:
    """One feature of one row in words.

    Args:
        name: Column of the feature.
        value: What it is for the row.
        row: All input columns of the row, for phrases that need the count beside the rate.
    """
    del row
    return f"{_descriptions().get(name, name.replace('_', ' '))}: {_number(value)}"


@cache
def _descriptions() -> dict[str, str]:
    return {feature.name: feature.description.rstrip(".") for feature in FEATURES}


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
