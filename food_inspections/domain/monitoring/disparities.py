"""Rates of one group against those of a reference, each with its interval: even, uneven, or too few cases to tell.

One rule for small: a rate is compared where both sides hold ten cases it is about, and a verdict is given
where the whole interval of the ratio lies on one side of the tolerance. What remains is not even by default: it
cannot be told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.evaluation.proportions import NORMAL
from food_inspections.domain.inputs import IntArray, require_columns

BoolArray = npt.NDArray[np.bool_]
Answer = Literal["even", "uneven", "cannot_tell"]

TAU = 0.8
LARGEST_DISPARITY = 1 / TAU
"""The four-fifths rule (29 CFR 1607.4 D), and its inverse."""

FEWEST_CASES = 10
ELSEWHERE = "(elsewhere)"
GROUP_AND_AREA = "facility_type_zip"

HEADLINES = ("fpr", "fdr", "fnr")
"""What the verdict goes by: visits in vain, flags in vain, and failures missed."""

COLUMNS = (
    "attribute_name",
    "attribute_value",
    "reference_value",
    "rate",
    "cases",
    "events",
    "reference_cases",
    "reference_events",
    "disparity",
    "lower",
    "upper",
    "answer",
)


@dataclass(frozen=True)
class Fairness:
    """The verdict of an audit on kinds of establishment.

    Attributes:
        answer: uneven where any rate is; even where all are; else cannot_tell.
        uneven: Pairs of group and rate outside the tolerance, of the headline rates.
        even: Those within.
        cannot_tell: Those with too few cases.
        statement: The answer in a sentence.
    """

    answer: Answer
    uneven: int
    even: int
    cannot_tell: int
    statement: str


_Cases = Callable[[IntArray, IntArray], tuple[IntArray, IntArray]]
# Of outcome and flag: which inspections a rate is about, and which of them count.
_RATES: Mapping[str, _Cases] = {
    "fpr": lambda outcome, flag: (1 - outcome, flag),
    "fnr": lambda outcome, flag: (outcome, 1 - flag),
    "fdr": lambda outcome, flag: (flag, 1 - outcome),
    "for": lambda outcome, flag: (1 - flag, outcome),
    "tpr": lambda outcome, flag: (outcome, flag),
    "tnr": lambda outcome, flag: (1 - outcome, 1 - flag),
    "npv": lambda outcome, flag: (1 - flag, 1 - outcome),
    "precision": lambda outcome, flag: (flag, outcome),
    "pprev": lambda outcome, flag: (np.ones_like(flag), flag),
}
RATES = tuple(_RATES)


def disparities(scores: pd.DataFrame, references: Mapping[str, str]) -> pd.DataFrame:
    """Compare every group with its reference, by every rate.

    Args:
        scores: label (1: flagged, or on the list), outcome, and a column per attribute.
        references: The reference group of each attribute.

    Returns:
        One row per group and rate, in the columns of data.disparities but for week, model and label; groups are also
        the kinds of establishment by area, compared with the same kind elsewhere.
    """
    require_columns(scores, ("label", "outcome", *references), "The table of scores")
    outcome, flag = (scores[name].to_numpy().astype(np.int64) for name in ("outcome", "label"))
    counts = {rate: cases(outcome, flag) for rate, cases in _RATES.items()}
    rows: list[dict[str, object]] = []
    for attribute, reference in references.items():
        groups = scores[attribute].astype(str).to_numpy()
        beside = groups == reference
        for value in sorted(set(groups) - {reference}):
            rows += _compared(counts, (attribute, value, reference), groups == value, beside)
    if {"facility_type", "zip"} <= set(references):
        kinds, areas = (scores[name].astype(str).to_numpy() for name in ("facility_type", "zip"))
        pairs = pd.Series(list(zip(kinds, areas, strict=True))).value_counts()
        for kind, area in sorted(pairs[pairs >= FEWEST_CASES].index):
            is_kind, is_there = kinds == kind, areas == area
            named = (GROUP_AND_AREA, f"{kind} in {area}", ELSEWHERE)
            rows += _compared(counts, named, is_kind & is_there, is_kind & ~is_there)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compared(
    counts: Mapping[str, tuple[IntArray, IntArray]],
    named: tuple[str, str, str],
    group: BoolArray,
    beside: BoolArray,
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for rate, (about, counted) in counts.items():
        hits = about * counted
        cases, events = int(about[group].sum()), int(hits[group].sum())
        reference_cases, reference_events = int(about[beside].sum()), int(hits[beside].sum())
        disparity, lower, upper = ratio_interval(events, cases, reference_events, reference_cases)
        values = (*named, rate, cases, events, reference_cases, reference_events, disparity, lower, upper)
        answer = answer_of(lower, upper)
        rows.append(dict(zip(COLUMNS, (*values, answer), strict=True)))
    return rows


def ratio_interval(events: int, cases: int, reference_events: int, reference_cases: int) -> tuple[float, float, float]:
    """The ratio of two shares with its 90% interval; NaN where a side has under ten cases.

    On the logarithm, with half an event added to each count (Walter 1975; Katz et al. 1978), so that no event at
    all is a wide interval rather than none. The ratio itself is NaN where the reference has no event.
    """
    if min(cases, reference_cases) < FEWEST_CASES:
        return float("nan"), float("nan"), float("nan")
    share = (events + 0.5) / (cases + 0.5)
    reference = (reference_events + 0.5) / (reference_cases + 0.5)
    variance = 1 / (events + 0.5) - 1 / (cases + 0.5) + 1 / (reference_events + 0.5) - 1 / (reference_cases + 0.5)
    half = NORMAL * float(np.sqrt(max(variance, 0.0)))
    plain = (events / cases) / (reference_events / reference_cases) if reference_events else float("nan")
    return plain, float(share / reference * np.exp(-half)), float(share / reference * np.exp(half))


def answer_of(lower: float, upper: float) -> Answer:
    """What an interval of a disparity says of the tolerance."""
    if np.isnan(lower) or np.isnan(upper):
        return "cannot_tell"
    if lower > LARGEST_DISPARITY or upper < TAU:
        return "uneven"
    return "even" if lower >= TAU and upper <= LARGEST_DISPARITY else "cannot_tell"


def fairness(table: pd.DataFrame, what: str, rates: Sequence[str] = HEADLINES) -> Fairness:
    """The verdict on kinds of establishment.

    Args:
        table: As :func:`disparities` gives it.
        what: What the flag stands for, e.g. ``flagged``.
        rates: Rates it goes by.
    """
    looked_at = table[(table["attribute_name"] == "facility_type") & table["rate"].isin(rates)]
    counts = {answer: int((looked_at["answer"] == answer).sum()) for answer in ("uneven", "even", "cannot_tell")}
    pairs = f"of {len(looked_at)} pairs of kind and rate {counts['even']} are even, {counts['uneven']} uneven, of "
    said = f"{what.capitalize()}: {pairs}{counts['cannot_tell']} the cases are too few to tell."
    if counts["uneven"]:
        named = looked_at[looked_at["answer"] == "uneven"].drop_duplicates("attribute_value")["attribute_value"].head(3)
        return Fairness("uneven", **counts, statement=f"{said} Uneven: {', '.join(named)}.")
    if counts["cannot_tell"] or looked_at.empty:
        return Fairness("cannot_tell", **counts, statement=said)
    return Fairness("even", **counts, statement=said)
