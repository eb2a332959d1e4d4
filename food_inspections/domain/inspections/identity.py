"""Who was inspected: stable ids for establishments and keys for chains.

An establishment is one licence. Temporary events and some schools carry the
licence 0 or none at all; they get an id made from name and address.
"""

import hashlib
import re

import pandas as pd

NAME_ID_PREFIX = "n-"
UNKNOWN = "unknown"

# 16 hex digits: among 100,000 places two share an id with a chance below one in three billion.
_ID_DIGITS = 16

_LARGEST_LICENCE = 2**63 - 1

_DIGITS = re.compile(r"([0-9]{1,20})(?:\.0*)?")
_MARKS = re.compile("['\u2019`.]")
_AMPERSAND = re.compile(r"\s*&\s*")
_NOT_WORD = re.compile(r"[^0-9A-Z]+")
_STORE_NUMBER = re.compile(r"(?:#|\bNO\.?\s*|\bSTORE\s*)\s*\d.*$")
_COMPANY_WORDS = frozenset(
    {"INC", "INCORPORATED", "LLC", "L", "LC", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LP", "THE"}
)


def licence_numbers(licences: pd.Series) -> pd.Series:
    """Licence numbers as int64; 0 where missing, malformed, not positive or too large to be one.

    Args:
        licences: Text as the portal gives it, None where missing.
    """
    return pd.Series([_number(text) for text in licences], index=licences.index, dtype="int64")


def _number(text: object) -> int:
    found = _DIGITS.fullmatch(text.strip()) if isinstance(text, str) else None
    number = int(found[1]) if found else 0
    return number if number <= _LARGEST_LICENCE else 0


def normalise_words(text: str) -> str:
    """Upper-case words without punctuation, ``&`` spelt out: what two spellings of one name share."""
    upper = _AMPERSAND.sub(" AND ", _MARKS.sub("", text.upper()))
    return _NOT_WORD.sub(" ", upper).strip()


def establishment_ids(licences: pd.Series, names: pd.Series, addresses: pd.Series) -> pd.Series:
    """The id of each row's establishment.

    Args:
        licences: Licence numbers, 0 where there is none.
        names: Names, ``unknown`` where missing.
        addresses: Street addresses, ``unknown`` where missing.

    Returns:
        The licence number as text; else ``n-`` and a hash of normalised name and address;
        None where neither a licence nor both name and address are known.
    """
    ids = licences.astype(str).astype(object)
    without = licences.eq(0)
    ids[without] = [
        None if UNKNOWN in (name, address) else _name_id(name, address)
        for name, address in zip(names[without], addresses[without], strict=True)
    ]
    return ids


def _name_id(name: str, address: str) -> str:
    key = f"{normalise_words(name)}|{normalise_words(address)}"
    return NAME_ID_PREFIX + hashlib.sha256(key.encode()).hexdigest()[:_ID_DIGITS]


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
