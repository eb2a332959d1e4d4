"""Whether a new model is asked for: the verdicts of the drift report decide, and nothing else.

The table of moves is for people. As a trigger it is noise: on real weeks some input is
over the line almost always.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import FloatArray
from food_inspections.domain.monitoring.verdicts import Verdict

MOVE_LIMIT_PERCENT = 15.0
STATISTICS = ("mean", "standard_deviation", "median", "upper_quartile")
WEEKS_NEEDED = 4
COOL_DOWN_WEEKS = 4
RULES = {"scores": "score_drift", "ranking": "performance", "outcomes": "outcome_drift", "features": "feature_drift"}
"""The rule that asks for a new model where the answer to a question changed, in the order they are asked."""


def moves(reference: pd.DataFrame, current: pd.DataFrame, numeric: Sequence[str]) -> pd.DataFrame:
    """By how much each number's mean, deviation, median and upper quartile moved.

    Args:
        reference: Feature rows of the champion's validation weeks.
        current: Feature rows of the newest weeks.
        numeric: Columns of numbers.

    Returns:
        Columns of monitoring.moves but for week; none where either side has no inspections.
        A change of over 15% of the reference is marked; where that is 0 any change is.
    """
    columns = ["feature", "statistic", "reference", "current", "change_percent", "is_over"]
    if reference.empty or current.empty:
        return pd.DataFrame(columns=columns)
    before, after = (_summary(frame[list(numeric)]) for frame in (reference, current))
    rows = []
    for name in numeric:
        for place, statistic in enumerate(STATISTICS):
            was, now = float(before[name][place]), float(after[name][place])
            change = 100 * (now - was) / abs(was) if was else None
            is_over = abs(change) > MOVE_LIMIT_PERCENT if change is not None else now != was
            rows.append((name, statistic, was, now, change, is_over))
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"change_percent": "float64"})


def _summary(frame: pd.DataFrame) -> dict[str, FloatArray]:
    values = frame.to_numpy(dtype=np.float64)
    stacked = np.stack(
        [values.mean(axis=0), values.std(axis=0), np.median(values, axis=0), np.quantile(values, 0.75, axis=0)]
    )
    return {name: stacked[:, place] for place, name in enumerate(frame.columns)}


@dataclass(frozen=True)
class Seen:
    """What a drift report concluded in one week on one model.

    Attributes:
        weeks: Complete weeks the model has scored since its cutoff, four at most.
        rows: Their inspections.
        verdicts: The answers, by question.
    """

    weeks: int
    rows: int
    verdicts: Mapping[str, Verdict]

    @classmethod
    def of(cls, weeks: int, rows: int, verdicts: Sequence[Verdict]) -> "Seen":
        """From the answers of a drift report."""
        return cls(weeks, rows, {verdict.question: verdict for verdict in verdicts})

    def as_json(self) -> dict[str, Any]:
        """For the record of the week, and for the log of what a rule looked at."""
        verdicts = {question: verdict.as_json() for question, verdict in self.verdicts.items()}
        return {"weeks": self.weeks, "rows": self.rows, "verdicts": verdicts}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Seen":
        """Back from the record, whose keys come in any order: PostgreSQL sorts them."""
        verdicts = {question: Verdict.from_json(each) for question, each in kept["verdicts"].items()}
        return cls(kept["weeks"], kept["rows"], verdicts)


@dataclass(frozen=True)
class RetrainingDecision:
    """Whether to retrain, by which rule, on which numbers, and why in words."""

    is_retraining: bool
    rule: str
    values: dict[str, Any]
    reason: str


def decide(seen: Seen, week: date, model_from: date, last_retraining: date | None = None) -> RetrainingDecision:
    """Decide on a new model.

    Args:
        seen: What the drift report of the week concluded.
        week: Monday of the newest complete week.
        model_from: First week of the model's decision.
        last_retraining: Week of the last decision to retrain; none for never.
    """
    values = seen.as_json()
    if seen.weeks < WEEKS_NEEDED:
        reason = f"the model of {model_from} has scored {seen.weeks} complete weeks, {WEEKS_NEEDED} are needed"
        return RetrainingDecision(False, "too_early", values, reason)
    newest = max(model_from, last_retraining or model_from)
    if week < newest + timedelta(weeks=COOL_DOWN_WEEKS - 1):
        reason = f"the last retraining was decided for {newest}, less than {COOL_DOWN_WEEKS} weeks ago"
        return RetrainingDecision(False, "cool_down", values, reason)
    for question, rule in RULES.items():
        verdict = seen.verdicts.get(question)
        if verdict is not None and verdict.answer == "changed":
            return RetrainingDecision(True, rule, values, verdict.statement)
    unknown = [question for question in RULES if _answer(seen, question) == "cannot_tell"]
    too_little = f"; too little to say on {', '.join(unknown)}" if unknown else ""
    return RetrainingDecision(False, "none", values, f"scores, ranking, outcomes and features hold{too_little}")


def _answer(seen: Seen, question: str) -> str:
    verdict = seen.verdicts.get(question)
    return "cannot_tell" if verdict is None else verdict.answer
