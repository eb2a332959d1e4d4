import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.monitoring.distributions import COLUMNS, score_histograms


def frame(scores, kinds=None):
    return pd.DataFrame(
        {"facility_type": kinds or ["Restaurant"] * len(scores), "score": np.array(scores, dtype=float)}
    )


def test_every_bin_is_there_and_shares_sum_to_one():
    table = score_histograms(frame([0.01, 0.51, 0.99], ["Restaurant", "School", "School"]), "validation")
    assert list(table.columns) == list(COLUMNS)
    sizes = table.groupby("facility_type").agg({"bin": "nunique", "share": "sum", "count": "sum"})
    assert sizes["bin"].tolist() == [40, 40, 40]
    assert sizes["share"].tolist() == pytest.approx([1, 1, 1])
    assert sizes.loc["all", "count"] == 3
    assert sizes.loc["School", "count"] == 2


def test_edges_belong_to_the_bin_they_open_and_one_to_the_last():
    table = score_histograms(frame([0.0, 0.025, 0.3, 1.0]), "predictions")
    overall = table[table["facility_type"] == "all"]
    assert overall.loc[overall["count"] > 0, "bin"].tolist() == [0, 1, 12, 39]
    assert (overall["bin_lower"].iloc[0], overall["bin_upper"].iloc[-1]) == (0.0, 1.0)


def test_a_week_without_inspections_has_empty_bins():
    table = score_histograms(frame([]), "predictions")
    assert table["facility_type"].unique().tolist() == ["all"]
    assert len(table) == 40
    assert table["share"].sum() == 0
