from datetime import date

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.evaluation.backtest import Backtest, BacktestParameters
from food_inspections.domain.evaluation.replay_scores import MondayScores
from food_inspections_tests.domain.first_city import run_backtest

PLAN = BacktestParameters("fail", date(2016, 10, 3), date(2016, 11, 13), refit_weeks=2, recipe="logistic_regression")
FIRST, THIRD = date(2016, 10, 3), date(2016, 10, 17)


@pytest.fixture(scope="module")
def backtest(small_city) -> Backtest:
    return run_backtest(small_city.inspections, PLAN)


def made_of(backtest: Backtest) -> pd.Series:
    """The last sixty visits, moved to the first two weeks."""
    ids = backtest.judged["inspection_id"].tail(60).tolist()
    return pd.Series(pd.Timestamp(FIRST) + pd.to_timedelta(np.arange(60) % 12, unit="D"), index=ids)


def played(backtest: Backtest, inspections: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Scores of the first Monday, and of the third, once sixty visits are made."""
    scores = MondayScores(backtest, inspections)
    return scores(FIRST, pd.Series(dtype="datetime64[ns]")), scores(THIRD, made_of(backtest))


def test_every_visit_that_is_left_has_a_score(small_city, backtest):
    first, third = played(backtest, small_city.inspections)
    made = made_of(backtest)

    assert set(first.index) == set(backtest.judged["inspection_id"])
    assert set(third.index) == set(first.index) - set(made.index)
    assert third.between(0, 1).all()


def test_what_the_replay_has_not_found_yet_is_in_no_score_and_in_no_model(small_city, backtest):
    rows, made = small_city.inspections, made_of(backtest)
    is_hidden = (rows["inspection_date"] >= pd.Timestamp(PLAN.first_day)) & ~rows["inspection_id"].isin(made.index)
    turned = rows.assign(is_failure=rows["is_failure"] ^ is_hidden, is_critical=rows["is_critical"] ^ is_hidden)

    for told, otherwise in zip(played(backtest, rows), played(backtest, turned), strict=True):
        pd.testing.assert_series_equal(told, otherwise)


def test_what_the_replay_has_found_is(small_city, backtest):
    rows, made = small_city.inspections, made_of(backtest)
    is_made = rows["inspection_id"].isin(made.index)
    turned = rows.assign(is_failure=rows["is_failure"] ^ is_made)
    first, third = played(backtest, rows)
    first_turned, third_turned = played(backtest, turned)

    pd.testing.assert_series_equal(first, first_turned)
    assert not np.allclose(third, third_turned)
