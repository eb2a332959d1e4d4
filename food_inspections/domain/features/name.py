"""What the words of the name tell: cuisine, chain, franchise, kind of shop.

Each word of three letters or more remembers how places that bear it did beyond what
their kind and their inspectors let expect; a visit adds up the words of its name.
"""

import re
from functools import lru_cache
from itertools import chain

import numpy as np
import pandas as pd

from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Columns, FloatArray, numeric
from food_inspections.domain.features.history import NO_GROUP, IntArray, Past, group_codes
from food_inspections.domain.features.surprise import MEASURES, SCALE
from food_inspections.domain.inspections.identity import UNKNOWN

FAMILY = "name"

# A word needs some eighty visits to count for half of what it shows.
_WORD_WEIGHT = 80
# Sums over the words of a name are of whole millionths, so that their order does not matter.
_FINE = 1_000_000

DESCRIPTIONS = {
    "name_critical": "How much more often than expected places with these words in their name had critical violations.",
    "name_failure": "How much more often than expected places with these words in their name failed.",
}

FEATURES = numeric(FAMILY, DESCRIPTIONS, ("name",), {"name_critical": "is_critical"})

_MARKS = re.compile("['\u2019`.]")
_WORD = re.compile(r"[A-Z]{3,}")


@lru_cache(maxsize=1 << 17)
def words(name: str, also_known_as: str) -> tuple[str, ...]:
    """The distinct words of both names, in alphabetical order; known again when a check makes the features anew."""
    known = "" if also_known_as == UNKNOWN else also_known_as
    return tuple(sorted(set(_WORD.findall(_MARKS.sub("", f"{name} {known}".upper())))))


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    vocabulary: dict[str, int] = {}
    visit_rows, visit_words = _words_of(context.visits, vocabulary)
    event_rows, event_words = _words_of(context.history, vocabulary)
    event_words = np.where(context.is_full_visit[event_rows], event_words, NO_GROUP)
    past = Past.of_asked(event_words, context.event_days[event_rows], visit_words, context.known_until[visit_rows])
    position = list(MEASURES).index
    columns = {}
    for column, outcome in context.outcomes:
        surprise = context.surprises.beyond_inspector[event_rows, position(outcome)]
        is_known = context.is_known(column)[event_rows]
        known = past if is_known.all() else past.only(is_known)
        shares = past.sums(surprise) / (SCALE * (known.counts() + _WORD_WEIGHT))
        columns[f"name_{outcome}"] = _sums_by_row(np.rint(_FINE * shares), visit_rows, len(context.visits)) / _FINE
    return columns


def _words_of(places: pd.DataFrame, vocabulary: dict[str, int]) -> tuple[IntArray, IntArray]:
    """Row and number of each word of each place's names; new words are added to the vocabulary."""
    codes, _ = group_codes([places["dba_name"], places["aka_name"]], [places["dba_name"][:0], places["aka_name"][:0]])
    # Names in the order in which they come, as the codes are.
    names = dict.fromkeys(zip(places["dba_name"], places["aka_name"], strict=True))
    numbers = [[vocabulary.setdefault(word, len(vocabulary)) for word in words(*both)] for both in names]
    lengths = np.fromiter(map(len, numbers), dtype=np.int64, count=len(numbers))
    of_names = np.fromiter(chain.from_iterable(numbers), dtype=np.int64)
    rows = np.repeat(np.arange(len(codes)), lengths[codes])
    first_of_name = np.cumsum(lengths) - lengths
    first_of_row = np.cumsum(lengths[codes]) - lengths[codes]
    within_row = np.arange(len(rows)) - first_of_row[rows]
    return rows, of_names[first_of_name[codes][rows] + within_row]


def _sums_by_row(values: FloatArray, rows: IntArray, row_count: int) -> IntArray:
    """Sums of whole numbers by row; rows come sorted."""
    totals = np.concatenate([[0], np.cumsum(values.astype(np.int64))])
    bounds = np.searchsorted(rows, np.arange(row_count + 1))
    sums: IntArray = totals[bounds[1:]] - totals[bounds[:-1]]
    return sums
