"""Who was inspected: what the spellings of a name share, and keys for chains."""

import re
from functools import lru_cache

import pandas as pd

NAME_ID_PREFIX = "n-"
UNKNOWN = "unknown"

_MARKS = re.compile("['\u2019`.]")
_AMPERSAND = re.compile(r"\s*&\s*")
_NOT_WORD = re.compile(r"[^0-9A-Z]+")
_STORE_NUMBER = re.compile(r"(?:#|\bNO\.?\s*|\bSTORE\s*)\s*\d.*$")
_COMPANY_WORDS = frozenset(
    {"INC", "INCORPORATED", "LLC", "L", "LC", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LP", "THE"}
)


@lru_cache(maxsize=1 << 17)
def normalise_words(text: str) -> str:
    """Upper-case words without punctuation, ``&`` spelt out: what two spellings of one name share."""
    upper = _AMPERSAND.sub(" AND ", _MARKS.sub("", text.upper()))
    return _NOT_WORD.sub(" ", upper).strip()


def chain_key(name: str) -> str:
    """The name without store numbers, company words and punctuation, so that branches share it.

    ``SUBWAY 21649`` and ``Subway #3`` give ``SUBWAY``; ``7-ELEVEN #25841C`` gives ``7 ELEVEN``.
    A missing name stays ``unknown`` and is nobody's chain.
    """
    if name == UNKNOWN:
        return UNKNOWN
    words = normalise_words(_STORE_NUMBER.sub("", name.upper())).split()
    kept = [word for word in words if word not in _COMPANY_WORDS] or words
    while len(kept) > 1 and kept[-1].isdigit():
        kept.pop()
    return " ".join(kept) or normalise_words(name) or UNKNOWN


def chain_keys(names: pd.Series) -> pd.Series:
    """:func:`chain_key` of a column, worked out once per distinct name."""
    return names.map({name: chain_key(name) for name in names.unique()}).astype(object)
