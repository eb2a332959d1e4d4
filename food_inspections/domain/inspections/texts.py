"""Text as people write it into a portal: what stands for nothing, and postal codes."""

import re

import pandas as pd

from food_inspections.domain.inspections.identity import UNKNOWN

# Words by which people who filled in the portal say that there is nothing.
_MISSING = frozenset({"", "NIL", "NULL", "NONE", "NAN", "N/A", "NA", "UNKNOWN"})

_POSTAL_CODE = re.compile(r"(\d{5})(?:-?\d{4})?(?:\.0)?")


def is_missing(value: object) -> bool:
    """Whether a value is empty or one of the words for nothing."""
    # No word for nothing is longer; long texts are not worth a look.
    return not isinstance(value, str) or (len(value) < 20 and value.strip().upper() in _MISSING)


def postal_codes(values: pd.Series) -> pd.Series:
    """Five-digit postal codes from tidy text (``60614-1234`` counts); ``unknown`` where malformed."""
    found = {value: _POSTAL_CODE.fullmatch(value) for value in values.unique()}
    return values.map({value: match[1] if match else UNKNOWN for value, match in found.items()}).astype(object)
