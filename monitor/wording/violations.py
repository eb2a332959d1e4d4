"""What was found at a visit, from the one text in which it is kept, entry by entry."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_NUMBER = re.compile(r"^\s*[\w-]{1,8}\.\s+")
_COMMENTS = re.compile(r"\s*-\s*Comments:\s*", re.IGNORECASE)
# Titles in capitals throughout are read letter by letter.
_SHOUTED = 0.8


class Violation(NamedTuple):
    """A rule that was not kept, and what the inspector wrote about it."""

    title: str
    comment: str


def entries(text: str | None) -> Iterator[Violation]:
    """The violations of a visit.

    Args:
        text: ``CODE. TITLE - Comments: TEXT | CODE. TITLE``; nothing or ``unknown`` where none are known.
    """
    if not text or text == "unknown":
        return
    for entry in text.split("|"):
        title, *comment = _COMMENTS.split(_NUMBER.sub("", entry), maxsplit=1)
        if title.strip():
            yield Violation(_sentence(title.strip()), "".join(comment).strip())


def _sentence(title: str) -> str:
    letters = [letter for letter in title if letter.isalpha()]
    is_shouted = sum(letter.isupper() for letter in letters) > _SHOUTED * len(letters)
    return title[:1] + title[1:].lower() if is_shouted else title
