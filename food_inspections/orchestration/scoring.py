"""Scoring the rows of one week with the champion of that week."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from food_inspections.domain.city.profile import Wording
from food_inspections.domain.inputs import FloatArray
from food_inspections.domain.learning.explanations import effects, explain, net_scores
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.wording import COMMON_WORDS
from food_inspections.storage.models.champions import Champion

REASONS_SHOWN = 5


@dataclass(frozen=True)
class ScoredWeek:
    """Rows of one week with what the champion says of them.

    Attributes:
        champion: The decision in force for the week.
        model: Its model.
        rows: The rows scored, with a fresh index.
        values: Score of each row.
        net_values: The same with an average inspector.
        low_values, high_values: Bounds of the scores.
        reasons: What raises each score and what lowers it.
    """

    champion: Champion
    model: FittedModel
    rows: pd.DataFrame
    values: FloatArray
    net_values: FloatArray
    low_values: FloatArray
    high_values: FloatArray
    reasons: list[list[dict[str, Any]]]

    @property
    def scores(self) -> pd.DataFrame:
        """score, score_low, score_high, net_score, label, threshold, model_id, model_cutoff and reasons of each row."""
        return pd.DataFrame(
            {
                "score": self.values,
                "score_low": self.low_values,
                "score_high": self.high_values,
                "net_score": self.net_values,
                "label": self.model.labels(self.values),
                "threshold": self.model.threshold,
                "model_id": self.champion.model_id,
                "model_cutoff": pd.Timestamp(self.champion.model_cutoff),
                "reasons": pd.Series(self.reasons, dtype="object", index=self.rows.index),
            },
            index=self.rows.index,
        )

    def scored_rows(self, columns: list[str]) -> pd.DataFrame:
        """The named columns of the rows, with the scores beside them."""
        return pd.concat([self.rows[columns], self.scores], axis=1)


def score_week(champion: Champion, model: FittedModel, rows: pd.DataFrame, words: Wording = COMMON_WORDS) -> ScoredWeek:
    """Score feature rows of a week.

    Args:
        champion: The decision in force for the week.
        model: Its model.
        rows: Feature rows of the week; none for a week without inspections.
        words: The city's own words.
    """
    rows = rows.reset_index(drop=True)
    scores = model.score(rows)
    table = effects(model, rows)
    reasons = explain(model, rows, scores, table, top=REASONS_SHOWN, words=words)
    low, high = model.bounds(scores, rows["week"])
    return ScoredWeek(champion, model, rows, scores, net_scores(scores, table), low, high, reasons)
