"""Which row is of which inspection, and which place was inspected."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from food_inspections.domain.city.texts import IntArray, ObjectArray, Texts
from food_inspections.domain.inspections.identity import NAME_ID_PREFIX, normalise_words

NO_PART = "none"

_NOT_WORD = re.compile(r"[^0-9a-z]+")
PLAIN_ID = r"[A-Za-z0-9][A-Za-z0-9 ._:#-]{0,63}"
"""What an establishment's id may look like, so that it can stand in an address."""

_PLAIN_ID, _NOT_PLAIN = re.compile(PLAIN_ID), re.compile(r"[^A-Za-z0-9._:#-]+")
_MARK_DIGITS = 8
# 16 hex digits: among 100,000 places two share an id with a chance below one in three billion.
_ID_DIGITS = 16


def joined_keys(parts: Sequence[Texts]) -> Texts:
    """Ids made of several columns, such as ``30075445-2015-02-09-cycle-initial``.

    Lower-case words joined by hyphens: such an id can stand in an address, and stays the same where a
    portal changes capitals or punctuation.

    Args:
        parts: The columns; a missing part becomes ``none``.
    """
    slugs = [part.map(lambda text: _NOT_WORD.sub("-", text.lower()).strip("-") or NO_PART) for part in parts]
    codes = np.zeros(len(parts[0].codes), dtype=np.int64)
    for slug in slugs:
        combined = codes * (len(slug.words) + 1) + slug.codes + 1
        codes = pd.factorize(combined)[0].astype(np.int64)
    _, first = np.unique(codes, return_index=True)
    columns = [slug.take(first).values(NO_PART) for slug in slugs]
    words = np.array(["-".join(texts) for texts in zip(*columns, strict=True)], dtype=object)
    return Texts(codes, words)


def establishment_ids(source_ids: ObjectArray, names: ObjectArray, addresses: ObjectArray) -> ObjectArray:
    """The id of each inspection's establishment.

    Args:
        source_ids: The city's own id, ``None`` where there is none.
        names: Names, ``None`` where missing.
        addresses: Street addresses, ``None`` where missing.

    Returns:
        The city's id, with a mark of its own where characters had to be left out of it; else ``n-`` and a hash of
        normalised name and address; ``None`` where neither is known.
    """
    known: dict[tuple[str, str], str] = {}
    plain = {text: _plain_id(text) for text in set(source_ids) if text is not None}
    ids = np.array([plain.get(text) for text in source_ids], dtype=object)
    for place in np.flatnonzero(pd.isna(source_ids)):
        name, address = names[place], addresses[place]
        if name is None or address is None:
            ids[place] = None
            continue
        key = (name, address)
        if key not in known:
            known[key] = _name_id(name, address)
        ids[place] = known[key]
    return ids


def _plain_id(text: str) -> str:
    """``VM-0311-3f2a19c4`` for ``VM/0311``: the mark keeps ids apart that differ in such characters only."""
    if _PLAIN_ID.fullmatch(text):
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:_MARK_DIGITS]
    return f"{_NOT_PLAIN.sub('-', text).strip(' ._:#-')[:50] or 'id'}-{mark}"


def _name_id(name: str, address: str) -> str:
    key = f"{normalise_words(name)}|{normalise_words(address)}"
    return NAME_ID_PREFIX + hashlib.sha256(key.encode()).hexdigest()[:_ID_DIGITS]


def in_order(days: pd.Series, ids: pd.Series) -> IntArray:
    """Positions in the order of day and id; ids that are numbers in the order of the numbers."""
    frame = pd.DataFrame({"day": days.to_numpy(), "length": ids.str.len().to_numpy(), "id": ids.to_numpy()})
    return frame.sort_values(["day", "length", "id"], kind="stable").index.to_numpy(dtype=np.int64)
