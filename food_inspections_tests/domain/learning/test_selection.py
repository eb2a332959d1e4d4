import pandas as pd
import pytest

from food_inspections.domain.learning.selection import contender_rows, select
from food_inspections.errors import DataError


def table(**values):
    """Contenders named recipe_1 with an AUC each."""
    return pd.concat(
        [
            contender_rows(name, name.partition("_")[0], {"roc_auc": value, "brier_score": 0.2})
            for name, value in values.items()
        ]
    )


def test_best_wins_where_nobody_reigns():
    decision = select(table(knn_1=0.61, xgboost_1=0.66), "roc_auc", 0.01)
    assert (decision.model_id, decision.recipe, decision.value) == ("xgboost_1", "xgboost", 0.66)
    assert decision.reason == "xgboost has the best roc_auc, 0.6600; next is knn with 0.6100."
    assert decision.metrics["knn_1"] == {"roc_auc": 0.61, "brier_score": 0.2}


def test_lower_is_better_where_the_metric_says_so():
    rows = pd.concat(
        [contender_rows("a", "knn", {"brier_score": 0.2}), contender_rows("b", "xgboost", {"brier_score": 0.15})]
    )
    assert select(rows, "brier_score", 0.0).model_id == "b"


def test_ties_are_broken_by_name():
    decision = select(table(xgboost_1=0.6, knn_1=0.6), "roc_auc", 0.0)
    assert decision.recipe == "knn"
    assert "tie is broken by name" in decision.reason


def test_champion_stays_within_the_margin():
    decision = select(table(knn_1=0.650, xgboost_1=0.659), "roc_auc", 0.01, champion="knn_1")
    assert decision.model_id == "knn_1"
    assert decision.reason == (
        "The champion knn stays with roc_auc 0.6500: "
        "the best challenger xgboost has 0.6590, a lead of +0.0090 where 0.01 is asked."
    )


@pytest.mark.parametrize("value", [0.66, 0.67])
def test_challenger_at_or_over_the_margin_takes_over(value):
    decision = select(table(knn_1=0.65, xgboost_1=value), "roc_auc", 0.01, champion="knn_1")
    assert decision.model_id == "xgboost_1"
    assert decision.reason.startswith("xgboost replaces the champion knn: roc_auc")


def test_without_a_margin_an_equal_challenger_does_not_take_over():
    assert select(table(knn_1=0.65, xgboost_1=0.65), "roc_auc", 0.0, champion="xgboost_1").model_id == "xgboost_1"


def test_margin_counts_in_the_direction_of_the_metric():
    rows = pd.concat(
        [contender_rows("a", "knn", {"brier_score": 0.20}), contender_rows("b", "xgboost", {"brier_score": 0.19})]
    )
    assert select(rows, "brier_score", 0.02, champion="a").model_id == "a"
    assert select(rows, "brier_score", 0.005, champion="a").model_id == "b"


def test_champion_alone_stays():
    decision = select(table(knn_1=0.6), "roc_auc", 0.0, champion="knn_1")
    assert decision.reason == "The champion knn stays with roc_auc 0.6000: it has no challenger."


def test_contender_without_a_value_cannot_win():
    rows = pd.concat([contender_rows("a", "knn", {"roc_auc": None}), contender_rows("b", "xgboost", {"roc_auc": 0.51})])
    decision = select(rows, "roc_auc", 0.0)
    assert decision.model_id == "b"
    assert decision.metrics["a"] == {"roc_auc": None}
    assert "The champion has no value" in select(rows, "roc_auc", 0.0, champion="a").reason


def test_nobody_with_a_value_is_an_error():
    with pytest.raises(DataError, match="No contender has a value for roc_auc: a"):
        select(contender_rows("a", "knn", {"roc_auc": None}), "roc_auc", 0.0)


def test_unknown_metric_lists_those_there_are():
    with pytest.raises(DataError, match="no metric 'luck' to select by: choose one of roc_auc"):
        select(table(knn_1=0.6), "luck", 0.0)


def test_champion_must_take_part():
    with pytest.raises(DataError, match="champion gone is not among the contenders"):
        select(table(knn_1=0.6), "roc_auc", 0.0, champion="gone")
