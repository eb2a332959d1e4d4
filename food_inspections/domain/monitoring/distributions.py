"""Histograms of scores on fixed bins, so that any two of them can be laid on top of each other."""

from typing import Literal

import numpy as np
import pandas as pd

from food_inspections.domain.inputs import IntArray, require_columns

BIN_COUNT = 40
ALL_FACILITY_TYPES = "all"
COLUMNS = ("source", "facility_type", "bin", "bin_lower", "bin_upper", "count", "share")


def score_histograms(scores: pd.DataFrame, source: Literal["validation", "predictions"]) -> pd.DataFrame:
    """Count scores in 40 bins of width 0.025, over all and by facility type.

    Args:
        scores: Columns facility_type and score, the scores in [0, 1].
        source: Where the scores come from.

    Returns:
        Columns of monitoring.score_distributions but for week and model_id; every bin is present, also
        the empty ones, and "all" also when there are no scores. The shares of a facility type sum to one.
    """
    require_columns(scores, ("facility_type", "score"), "The table of scores")
    numbers = np.minimum((scores["score"].to_numpy().astype(np.float64) * BIN_COUNT).astype(np.int64), BIN_COUNT - 1)
    facility_types = scores["facility_type"].astype(str).to_numpy()
    parts = [_histogram(numbers, source, ALL_FACILITY_TYPES)]
    parts += [_histogram(numbers[facility_types == name], source, name) for name in sorted(set(facility_types))]
    return pd.concat(parts, ignore_index=True)


def _histogram(numbers: IntArray, source: str, facility_type: str) -> pd.DataFrame:
    counts = np.bincount(numbers, minlength=BIN_COUNT)
    total = int(counts.sum())
    return pd.DataFrame(
        {
            "source": source,
            "facility_type": facility_type,
            "bin": np.arange(BIN_COUNT, dtype=np.int16),
            "bin_lower": np.arange(BIN_COUNT) / BIN_COUNT,
            "bin_upper": np.arange(1, BIN_COUNT + 1) / BIN_COUNT,
            "count": counts.astype(np.int64),
            "share": counts / total if total else np.zeros(BIN_COUNT),
        }
    )
