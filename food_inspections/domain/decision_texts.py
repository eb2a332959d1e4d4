"""Which texts of a decision can be kept: the same for whoever sends them, by the API or on the monitor."""

import re
from collections.abc import Mapping

LONGEST_NAME = 100
LONGEST_REASON = 500
PLAIN_TEXT = r"^[^\u0000-\u001F\u007F]*$"
"""Without control characters; in ECMAScript's dialect too."""

IDEMPOTENCY_KEY = r"^[A-Za-z0-9._:-]{8,100}$"

_PLAIN = re.compile(PLAIN_TEXT)
_KEY = re.compile(IDEMPOTENCY_KEY)
_SURROGATES = re.compile("[\ud800-\udfff]")
_LONGEST: Mapping[str, int] = {"establishment_id": LONGEST_NAME, "inspector": LONGEST_NAME, "reason": LONGEST_REASON}


def wrong_text(name: str, text: str) -> str | None:
    """What is wrong with a text of a decision; ``None`` where it can be kept.

    Args:
        name: Which text it is: a field of :class:`~food_inspections.domain.decisions.Asked`.
        text: As it was sent.
    """
    if _SURROGATES.search(text):
        return f"{name} is not valid Unicode text."
    # Python's $ also matches before a last line break.
    if _PLAIN.fullmatch(text) is None or text.endswith("\n"):
        return f"{name} has control characters, which are not allowed."
    longest = _LONGEST.get(name)
    if longest is not None and len(text) > longest:
        return f"{name} has at most {longest} letters."
    if name == "idempotency_key" and text and _KEY.fullmatch(text) is None:
        return "idempotency_key has 8 to 100 letters, digits or . _ : -"
    return None
