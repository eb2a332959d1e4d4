"""Why a row has its score: what raises it, the place's own facts first, in words, with sign and size.

Every recipe says how much each input moves a row's log-odds from those of an average
inspection: exactly for trees (SHAP) and for linear models, through a surrogate whose
fidelity is measured for neighbours. Effects are after calibration, so that together
with the average they add up to the log-odds of the score.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.domain.city.profile import Wording
from food_inspections.domain.features import FEATURES
from food_inspections.domain.inputs import FloatArray, IntArray
from food_inspections.domain.learning.arguments import LOWERING, ranks
from food_inspections.domain.learning.calibration import log_odds_of, sigmoid
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.wording import COMMON_WORDS, NO_REASONS, phrase

IMPORTANCE_ROWS = 2_000
WHO_INSPECTS = ("inspector", "neighbourhood")
"""Families of features that tell of inspectors as much as of places."""


def effects(model: FittedModel, features: pd.DataFrame) -> pd.DataFrame:
    """Effect of every input on every row, in log-odds after calibration; positive raises the score."""
    inputs = model.inputs.frame(features)
    values = np.zeros((0, len(model.feature_columns)))
    if len(inputs):
        values = model.calibration.slope * model.estimator.contributions(inputs)
    return pd.DataFrame(values, columns=list(model.feature_columns), index=features.index)


def net_scores(scores: FloatArray, table: pd.DataFrame) -> FloatArray:
    """Scores as they would be with an average inspector: without what stands in for who usually drives there.

    What inspectors lately found in the area tells of the area and of who inspects it, and nothing in the
    published rows tells the two apart; within one inspector's visits the score is better without either
    (docs/forecast.md). What is left is about the place: its own record, chain, kind, name and the season.

    Args:
        scores: The scores of some rows.
        table: The :func:`effects` on them.

    Returns:
        One per row in [0, 1]; calibrated only as far as the full score is.
    """
    names = [feature.name for feature in FEATURES if feature.family in WHO_INSPECTS and feature.name in table]
    return sigmoid(log_odds_of(scores, 1e-12) - table[names].sum(axis=1).to_numpy(dtype=np.float64))


def explain(
    model: FittedModel,
    features: pd.DataFrame,
    scores: FloatArray,
    table: pd.DataFrame,
    top: int = 5,
    against: int = 2,
    words: Wording = COMMON_WORDS,
) -> list[list[dict[str, Any]]]:
    """What argues for visiting each row's place, and what most argues against it.

    Args:
        model: The model that scores.
        features: Feature rows, of inspections or of establishments.
        scores: Their scores by the model.
        table: The :func:`effects` on them.
        top: Number of reasons a row that raise its score.
        against: Number of reasons a row that lower it; they fill up where too few raise it.
        words: The city's own words.

    Returns:
        Per row a list of {feature, text, value, effect, points}: the input's column, what a manager reads, the
        value it had, its effect in log-odds, and by how many percentage points the score would be lower without
        it. First those that raise the score: the place's own facts, then what it shares with a few others, then
        what is so of most places or reads as praise, the strongest first in each; then those that lower it.
    """
    matrix = table.to_numpy()
    odds = log_odds_of(scores)
    names = list(model.feature_columns)
    inputs = model.inputs.frame(features)
    numbers = inputs[list(model.inputs.numeric)].to_numpy().T
    words_of = [inputs[name].to_numpy(dtype=object) for name in model.inputs.categorical]
    kinds = np.full(matrix.shape, LOWERING, dtype=np.int8)
    columns = dict(zip(names, [*numbers, *words_of], strict=True))
    for place, name in enumerate(names):
        kinds[:, place] = ranks(name, columns, matrix[:, place])
    # Ties in strength go by the order of the inputs, so that reasons never change places at random.
    strength = np.argsort(-np.abs(matrix), axis=1, kind="stable")
    order = np.take_along_axis(
        strength, np.argsort(np.take_along_axis(kinds, strength, axis=1), axis=1, kind="stable"), axis=1
    )
    return [
        _reasons(dict(zip(names, values, strict=True)), row_order, row_effects, float(row_odds), top, against, words)
        for values, row_order, row_effects, row_odds in zip(
            zip(*numbers.tolist(), *words_of, strict=True), order, matrix, odds, strict=True
        )
    ]


def _reasons(
    row: Mapping[str, Any],
    order: IntArray,
    row_effects: FloatArray,
    odds: float,
    top: int,
    against: int,
    words: Wording,
) -> list[dict[str, Any]]:
    """The first effects of one row; of two that read the same, as sine and cosine do, the first.

    The code of law in force is the same for all, and left out.
    """
    names, texts = list(row), set[str]()
    reasons: list[dict[str, Any]] = []
    raising = 0
    for position in order:
        effect, name = float(row_effects[position]), names[position]
        if effect == 0 or name in NO_REASONS or (effect > 0 and raising == top):
            continue
        if effect < 0 and len(reasons) >= max(raising + against, top):
            break
        text = phrase(name, row[name], row, words)
        if text not in texts:
            texts.add(text)
            raising += effect > 0
            points = 100 * (_chance(odds) - _chance(odds - effect))
            reasons.append(
                {
                    "feature": name,
                    "text": text,
                    "value": row[name],
                    "effect": round(effect, 4),
                    "points": round(points, 1),
                }
            )
    return reasons


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def importance(model: FittedModel, features: pd.DataFrame) -> pd.DataFrame:
    """Which inputs matter over many rows.

    Args:
        model: The model that scores.
        features: Feature rows; of more than 2,000 an even sample in their order is taken.

    Returns:
        feature, mean_effect_size (mean absolute effect in log-odds), mean_effect, share (of the sum
        of the sizes), the strongest first, ties by name.
    """
    table = effects(model, thinned(features))
    sizes = table.abs().mean()
    total = float(sizes.sum())
    result = pd.DataFrame(
        {
            "feature": list(table.columns),
            "mean_effect_size": sizes.to_numpy(),
            "mean_effect": table.mean().to_numpy(),
            "share": sizes.to_numpy() / total if total > 0 else 0.0,
        }
    )
    return result.sort_values(
        ["mean_effect_size", "feature"], ascending=[False, True], kind="stable", ignore_index=True
    )


def thinned(features: pd.DataFrame, row_count: int = IMPORTANCE_ROWS) -> pd.DataFrame:
    """At most so many rows, evenly spaced in the order they have."""
    if len(features) <= row_count:
        return features
    return features.iloc[np.linspace(0, len(features) - 1, row_count).astype(np.int64)]


def relative_values(model: FittedModel, features: pd.DataFrame) -> FloatArray:
    """Rows x inputs in [0, 1]: the rank of each number within its column; categories have no order and are 0.5."""
    ranks = np.full((len(features), len(model.feature_columns)), 0.5)
    for position, name in enumerate(model.inputs.numeric):
        ranks[:, position] = features[name].rank(pct=True).to_numpy()
    return ranks
