"""What the rules of a profile say of inspections: yes, no, or unknown where a value is missing."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.rules import Rule
from food_inspections.domain.city.texts import Texts

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Values = Callable[[Rule], Texts | FloatArray]
"""The values that a comparison is about: texts, or numbers with NaN."""

_OPERATORS: Mapping[str, Callable[[FloatArray, float], BoolArray]] = MappingProxyType(
    {"at_least": operator.ge, "above": operator.gt, "at_most": operator.le, "below": operator.lt}
)


@dataclass(frozen=True)
class _Answer:
    is_true: BoolArray
    is_known: BoolArray


def judged(rule: Rule, values: Values) -> pd.Series:
    """The rule's answer for each inspection, ``boolean``: missing where it cannot be known.

    Any of several is true as soon as one is, whatever is unknown of the others; likewise all of several
    are false as soon as one is.
    """
    answer = _answer(rule, values)
    return pd.Series(pd.arrays.BooleanArray(answer.is_true, ~answer.is_known))


def _answer(rule: Rule, values: Values) -> _Answer:
    if rule.any_ is not None:
        parts = [_answer(part, values) for part in rule.any_]
        is_true = np.any([part.is_true & part.is_known for part in parts], axis=0)
        return _Answer(is_true, is_true | np.all([part.is_known for part in parts], axis=0))
    if rule.all_ is not None:
        parts = [_answer(part, values) for part in rule.all_]
        is_false = np.any([~part.is_true & part.is_known for part in parts], axis=0)
        is_known = is_false | np.all([part.is_known for part in parts], axis=0)
        return _Answer(is_known & ~is_false, is_known)
    return _compared(rule, values(rule))


def _compared(rule: Rule, values: Texts | FloatArray) -> _Answer:
    if rule.is_numeric:
        numbers = values.numbers() if isinstance(values, Texts) else values
        bound = float(getattr(rule, rule.comparison))
        return _Answer(_OPERATORS[rule.comparison](numbers, bound), ~np.isnan(numbers))
    if not isinstance(values, Texts):
        raise TypeError(f"{rule.field} is a number and cannot be compared by {rule.comparison}")
    wanted = [text.upper() for text in getattr(rule, rule.comparison)]
    fits = np.array([_fits(rule.comparison, str(word).upper(), wanted) for word in (*values.words, "")], dtype=np.bool_)
    return _Answer(fits[values.codes], ~values.is_missing)


def _fits(comparison: str, text: str, wanted: list[str]) -> bool:
    if comparison == "contains":
        return any(piece in text for piece in wanted)
    return (text in wanted) == (comparison == "is_")
