"""Takes apart violations written as ``N. TITLE - Comments: TEXT | N. TITLE ...``.

A bar may also stand inside a comment: which pieces are violations of their own is decided by their
comments and by the official titles that the profile lists.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from food_inspections.domain.city.texts import IntArray, ObjectArray

_BOUNDARY = re.compile(r"\|\s*(?=\d{1,2}\.\s)")
_ENTRY = re.compile(r"\s*(\d{1,2})\.\s+(.{0,40})", re.DOTALL)
_COMMENTS = re.compile(r"-\s*Comments\s*:", re.IGNORECASE)
_NOT_LETTER = re.compile(r"[^A-Z]+")
_TITLE_LETTERS = 10


@dataclass(frozen=True)
class Entries:
    """Violations, one an element.

    Attributes:
        rows: Position of the text they come from.
        codes: Their numbers as text.
        texts: Number, title and comments as written.
    """

    rows: IntArray
    codes: ObjectArray
    texts: ObjectArray


def read_entries(texts: Sequence[object], titles: Sequence[Mapping[str, str]]) -> Entries:
    """One entry per violation.

    A piece after a bar is an entry of its own where it has comments, bears the official title of its number,
    or follows an entry without comments; otherwise it is a comment that happens to hold ``| 2. ``.

    Args:
        texts: Violations of each inspection; what is no text has none.
        titles: Official titles by number, of each code of law.
    """
    rows: list[int] = []
    pieces: list[str] = []
    for row, text in enumerate(texts):
        if isinstance(text, str) and text:
            split = _BOUNDARY.split(text)
            rows.extend([row] * len(split))
            pieces.extend(split)
    found = [(row, piece, start) for row, piece in zip(rows, pieces, strict=True) if (start := _ENTRY.match(piece))]
    row_of = np.array([row for row, _, _ in found], dtype=np.int64)
    has_comments = np.fromiter((_has_comments(piece) for _, piece, _ in found), np.bool_, len(found))
    is_titled = _has_known_title([(start[1], start[2]) for _, _, start in found], _starts(titles))
    is_first = np.ones(len(found), dtype=np.bool_)
    is_first[1:] = row_of[1:] != row_of[:-1]
    is_sure = is_first | has_comments | is_titled
    last_sure = np.maximum.accumulate(np.where(is_sure, np.arange(len(found)), 0)) if found else row_of
    kept = np.flatnonzero(is_sure | ~has_comments[last_sure])
    return Entries(
        row_of[kept],
        np.array([str(int(found[place][2][1])) for place in kept], dtype=object),
        np.array([found[place][1] for place in kept], dtype=object),
    )


def title_of(text: str) -> str:
    """The title of an entry, without its number and its comments."""
    return _COMMENTS.split(text, maxsplit=1)[0].partition(".")[2].strip()


def _has_comments(text: str) -> bool:
    return "- Comments:" in text or _COMMENTS.search(text) is not None


def _has_known_title(starts: list[tuple[str, str]], known: Mapping[int, tuple[str, ...]]) -> np.ndarray:
    answers = {start: _letters(start[1]).startswith(known.get(int(start[0]), ())) for start in set(starts)}
    return np.array([answers[start] for start in starts], dtype=np.bool_)


def _starts(titles: Sequence[Mapping[str, str]]) -> dict[int, tuple[str, ...]]:
    numbers = {number for law in titles for number in law}
    return {
        int(number): tuple(_letters(law[number])[:_TITLE_LETTERS] for law in titles if number in law)
        for number in numbers
        if number.isdecimal()
    }


def _letters(title: str) -> str:
    return _NOT_LETTER.sub("", title.upper())
