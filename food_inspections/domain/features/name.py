"""What the words of the name tell: cuisine, chain, franchise, kind of shop.

Each word of three letters or more remembers how places that bear it did beyond what
their kind and their inspectors let expect; a visit adds up the words of its name.
"""

import re

import numpy as np
import pandas as pd

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Columns, numeric
from food_inspections.domain.features.surprise import MEASURES, SCALE
from food_inspections.domain.history import IntArray, Past
from food_inspections.domain.identity import UNKNOWN

FAMILY = "name"

# A word needs some eighty visits to count for half of what it shows.
_WORD_WEIGHT = 80
_OUTCOMES = ("critical", "failure")
# Sums over the words of a name are of whole millionths, so that their order does not matter.
_FINE = 1_000_000

DESCRIPTIONS = {
    "name_critical": "How much more often than expected places with these words in their name had critical violations.",
    "name_failure": "How much more often than expected places with these words in their name failed.",
}

FEATURES = numeric(FAMILY, DESCRIPTIONS)

_MARKS = re.compile("['\u2019`.]")
_WORD = re.compile(r"[A-Z]{3,}")


def words(name: str, also_known_as: str) -> list[str]:
    """The distinct words of both names, in alphabetical order."""
    known = "" if also_known_as == UNKNOWN else also_known_as
    return sorted(set(_WORD.findall(_MARKS.sub("", f"{name} {known}".upper()))))


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    event_rows, event_words = _words_of(context.history)
    visit_rows, visit_words = _words_of(context.visits)
    numbers = pd.factorize(np.concatenate([event_words, visit_words]))[0].astype(np.int64)
    event_groups, visit_groups = numbers[: len(event_words)], numbers[len(event_words) :]
    counted = context.is_first_look[event_rows]
    past = Past.of(
        np.where(counted, event_groups, -1),
        context.event_days[event_rows],
        visit_groups,
        context.known_until[visit_rows],
    )
    position = list(MEASURES).index
    columns = {}
    for outcome in _OUTCOMES:
        surprise = context.surprises.beyond_inspector[event_rows, position(outcome)]
        shares = past.sums(surprise) / (SCALE * (past.counts() + _WORD_WEIGHT))
        totals = np.zeros(len(context.visits), dtype=np.int64)
        np.add.at(totals, visit_rows, np.rint(_FINE * shares).astype(np.int64))
        columns[f"name_{outcome}"] = totals / _FINE
    return columns


def _words_of(places: pd.DataFrame) -> tuple[IntArray, np.ndarray]:
    """Row and word, one entry per word of each place's names."""
    known: dict[tuple[str, str], list[str]] = {}
    rows: list[int] = []
    found: list[str] = []
    for row, names in enumerate(zip(places["dba_name"], places["aka_name"], strict=True)):
        if names not in known:
            known[names] = words(*names)
        rows.extend([row] * len(known[names]))
        found.extend(known[names])
    return np.asarray(rows, dtype=np.int64), np.asarray(found, dtype=object)
