"""What a command says when it ends with an error: a sentence where a person can act on it, a traceback for a bug."""

import errno
import sys
from collections.abc import Iterator

from food_inspections.errors import FoodInspectionsError

LONGEST = 500
"""Characters of another program's message that are shown."""

_REMEDIES = {
    "53100": "has a full disk ({}): make room, then run this again.",
    "55P03": "waited too long for what another process holds ({}): end that one or wait for it, then run this again.",
    "57014": "took too long ({}): see what else keeps it busy, then run this again.",
}
"""What to say of PostgreSQL's error codes, around its own message."""

_LOST = "was lost or refused to go on: {}. Check that its server runs, then run this again."


def of_a_lost_database(said: str) -> str:
    """The sentence for a lost connection.

    Args:
        said: The driver's own words.
    """
    return f"The database {_LOST.format(_shortened(said))}"


def last_words(error: BaseException) -> str | None:
    """The sentence for an error that a person can act on, in one line; ``None`` for a bug.

    What raised it may have been wrapped by others on its way, and PostgreSQL's errors may come from Dagster's own
    records, of which a failure could then not be recorded either.
    """
    for each in _causes(error):
        words = str(each) if isinstance(each, FoodInspectionsError) else _of_the_machine(each)
        if words is not None:
            return " ".join(words.split())
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _of_the_machine(error: BaseException) -> str | None:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f" to {error.filename}" if error.filename else ""
        return f"The disk is full: nothing more could be written{where}. Make room, then run this again."
    # Where nobody has imported the driver, no error is its.
    driver = sys.modules.get("psycopg2")
    if driver is None:
        return None
    # Of the bare class are the driver's errors that no server sent, as when it loses one in the middle of an answer.
    is_lost = isinstance(error, driver.OperationalError | driver.InterfaceError) or type(error) is driver.DatabaseError
    if not is_lost:
        return None
    remedy = _REMEDIES.get(getattr(error, "pgcode", None) or "", _LOST)
    return f"The database {remedy.format(_shortened(str(error)))}"


def _shortened(said: str) -> str:
    return " ".join(said.split()).rstrip(".")[:LONGEST]
