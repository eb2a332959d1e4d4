"""What Dagster's own commands refuse before any code of ours runs, said in a sentence that names it.

``dagster asset materialize`` ends with a traceback where a day is no Monday or a run config names an unknown metric: it
settles both before a run exists. The hook below is what Python asks before it prints the traceback; a bug keeps its.
"""

import re
import sys
from collections.abc import Callable
from types import TracebackType

import dagster as dg

from food_inspections.last_words import last_words
from food_inspections.orchestration.instance.dagster_private import DagsterInvalidAssetSelectionError

_OF_THE_COMMAND_LINE = {
    "no '--partition' option was provided": (
        "Assets are made by the week: give --partition MONDAY, or --partition-range FIRST...LAST."
    ),
    "Invalid partition range format": "--partition-range is written FIRST...LAST: two Mondays with three dots between.",
}
"""What Dagster says of arguments by errors that are bugs elsewhere, and what to say."""
_KEY = re.compile(r"partition key `([^`]*)`")
_CHOICE = re.compile(
    r"^Value at path root:(?:ops:)?(?P<place>\S+) not in enum type Literal\[(?P<known>.*)\] got (?P<got>.*)$"
)


def say_refusals_in_a_sentence() -> None:
    """Have this process end with a sentence rather than a traceback where a person can act on the error."""
    if sys.excepthook is not _hook:
        _others.append(sys.excepthook)
        sys.excepthook = _hook


def sentence(error: BaseException) -> str | None:
    """The sentence for an error; ``None`` for a bug."""
    if isinstance(error, dg.DagsterInvalidConfigError):
        return f"The run config is refused: {' '.join(map(_of_the_config, error.error_messages))}"
    if isinstance(error, dg.DagsterInvalidSubsetError | dg.DagsterUnknownPartitionError):
        # It reads the settings, whose own refusals are to be said in a sentence as well.
        from food_inspections.orchestration.partitions import CALENDAR  # noqa: PLC0415

        key = _KEY.search(str(error))
        reasons = [] if key is None else [CALENDAR.why_no_week(each, CALENDAR.today()) for each in _given_with(key[1])]
        # What is no week's fault names an asset that is not there, and the nearest that is.
        return " ".join(reason for reason in reasons if reason is not None) or " ".join(str(error).split())
    if isinstance(error, DagsterInvalidAssetSelectionError):
        return f"{' '.join(str(error).split()).rstrip('.')}: name assets, such as 'predictions,group:training'."
    for words, meant in _OF_THE_COMMAND_LINE.items():
        if words in str(error):
            return meant
    return last_words(error)


_others: list[Callable[[type[BaseException], BaseException, TracebackType | None], object]] = []


def _hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    words = sentence(error)
    if words is None:
        _others[-1](kind, error, traceback)
    else:
        print(f"Error: {words}", file=sys.stderr)  # noqa: T201 - the program ends here


def _given_with(key: str) -> list[str]:
    """The weeks given on the command line: of a range Dagster names the first, whichever it refuses."""
    for argument in sys.argv:
        keys = argument.rpartition("=")[2].split("...")
        if key in keys:
            return keys
    return [key]


def _of_the_config(message: str) -> str:
    found = _CHOICE.match(" ".join(message.split()))
    if found is None:
        return f"{' '.join(message.split()).rstrip('.')}."
    known = found["known"].replace("'", "")
    return f"{found['place'].replace(':', '.')} is {found['got']!r}: choose one of {known}."
