"""What an inspection cited, in words for people: the titles of its violations without the inspector's comments."""

import re

_PARTS = re.compile(r"\s*\|\s*(?=\d)|\s*\|\s*$")
_NUMBER = re.compile(r"^\s*\d{1,3}[A-Z]?[.)]\s+")
_COMMENTS = re.compile(r"\s*-\s*Comments\s*:.*", re.IGNORECASE | re.DOTALL)
_NOTHING = frozenset({"", "unknown"})


def in_words(violations: str) -> list[str]:
    """The violations' titles, in the order they were cited, each once.

    Args:
        violations: The text as the city publishes it: ``N. TITLE - Comments: TEXT | N. TITLE ...``, or one of another
            form, which is shown as it is.

    Returns:
        Titles as sentences; those written in capitals are not shouted. None where nothing was cited.
    """
    titles = (_COMMENTS.sub("", _NUMBER.sub("", part)).strip(" .") for part in _PARTS.split(violations))
    return list(dict.fromkeys(_as_sentence(title) for title in titles if title.lower() not in _NOTHING))


def _as_sentence(title: str) -> str:
    words = title.lower() if title.isupper() else title
    return words[:1].upper() + words[1:]
