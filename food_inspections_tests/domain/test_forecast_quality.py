"""The forecast on real inspections: enough to notice that it got worse, not to prove how good it is.

How good it is stands in ``docs/forecast.md``, measured by ``food-inspections backtest``.
"""

from datetime import date

import pytest

from food_inspections.cli.backtest import read_inspections
from food_inspections.domain.evaluation.backtest import BacktestParameters
from food_inspections.domain.evaluation.bootstrap import leads
from food_inspections.domain.evaluation.metrics import evaluate
from food_inspections_tests.domain.first_city import CITY, clean, run_backtest

pytestmark = pytest.mark.real_data
RIVALS = ("order_of_reality", "base_rate", "past_rate")


@pytest.fixture(scope="module")
def inspections(real_data):
    return clean(read_inspections([real_data / "canvass_2011-09_2014-08.csv.gz"], CITY)).inspections


@pytest.mark.parametrize(("label", "auc"), [("critical", 0.68), ("fail", 0.66)])
def test_two_months_of_canvass_are_ranked_better_than_by_any_baseline(inspections, label, auc):
    plan = BacktestParameters(label, date(2014, 5, 5), date(2014, 7, 4), refit_weeks=9, recipe="logistic_regression")
    backtest = run_backtest(inspections, plan)
    found = evaluate(backtest.scored)
    assert found["roc_auc"] > auc
    assert found["first_half"] > 0.66
    lead = leads(backtest.scored, dict(backtest.baselines), ("roc_auc", "days_earlier"), resamples=100)
    for rival in RIVALS:
        assert lead[rival]["roc_auc"].lower > 0
        assert lead[rival]["days_earlier"].lower > 0
