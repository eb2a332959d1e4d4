import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.evaluation.backtest import PREDICTION_COLUMNS, BacktestParameters
from food_inspections.domain.evaluation.backtest_report import table, write_report
from food_inspections.domain.evaluation.queue_backtest import run_queue_backtest
from food_inspections.domain.features import FEATURES
from food_inspections.domain.learning.explanations import WHO_INSPECTS, effects, net_scores
from food_inspections.errors import DataError, ModelError
from food_inspections_tests.domain.first_city import lag_backtests, run_backtest

PLAN = BacktestParameters("fail", date(2016, 10, 5), date(2016, 12, 4), refit_weeks=4, recipe="logistic_regression")


@pytest.fixture(scope="module")
def backtest(small_city):
    return run_backtest(small_city.inspections, PLAN)


@pytest.fixture(scope="module")
def queue(small_city, backtest):
    return run_queue_backtest(small_city.inspections, small_city.closures, backtest)


def test_cutoffs_are_mondays_from_the_week_of_the_first_day():
    assert list(PLAN.periods(pd.Series(pd.to_datetime([])))) == [
        (date(2016, 10, 3), date(2016, 10, 30)),
        (date(2016, 10, 31), date(2016, 11, 27)),
        (date(2016, 11, 28), date(2016, 12, 4)),
    ]


def test_eager_plan_fits_anew_while_what_is_known_of_the_last_year_doubles():
    old = pd.date_range("2012-01-01", "2013-12-31").repeat(3)
    new = pd.date_range("2016-10-03", "2016-12-04").repeat(10)
    days = pd.Series(old.append(new))
    eager = [cutoff for cutoff, _ in replace(PLAN, is_eager=True).periods(days)]
    assert eager == [date(2016, 10, 3), date(2016, 10, 10), date(2016, 10, 17), date(2016, 10, 31), date(2016, 11, 28)]
    assert [cutoff for cutoff, _ in PLAN.periods(days)] == [date(2016, 10, 3), date(2016, 10, 31), date(2016, 11, 28)]
    steady = pd.Series(pd.date_range("2014-01-01", "2016-12-04").repeat(10))
    assert list(replace(PLAN, is_eager=True).periods(steady)) == list(PLAN.periods(steady))


def test_every_visit_of_the_period_is_scored_once(small_city, backtest):
    days = small_city.inspections["inspection_date"]
    expected = small_city.inspections[(days >= "2016-10-05") & (days <= "2016-12-04")]
    assert sorted(backtest.judged["inspection_id"]) == sorted(expected["inspection_id"])
    assert backtest.judged["outcome"].sum() == expected["is_failure"].sum()
    assert list(backtest.predictions.columns) == list(PREDICTION_COLUMNS)
    assert backtest.judged["score"].between(0, 1).all()


def test_no_model_has_seen_what_it_scores(backtest):
    assert (backtest.judged["model_cutoff"] <= backtest.judged["inspection_date"]).all()
    assert set(backtest.models) == {date(2016, 10, 3), date(2016, 10, 31), date(2016, 11, 28)}


def test_label_is_the_score_against_the_threshold_of_its_model(backtest):
    for cutoff, part in backtest.judged.groupby("model_cutoff"):
        threshold = backtest.models[cutoff.date()].threshold
        assert part["label"].eq(part["score"] >= threshold).all()


def test_outcomes_of_a_day_have_no_influence_on_its_scores(small_city, backtest):
    rows = small_city.inspections
    is_later = rows["inspection_date"] >= "2016-11-09"
    turned = rows.assign(is_failure=rows["is_failure"] ^ is_later, is_critical=rows["is_critical"] ^ is_later)
    again = run_backtest(turned, PLAN).judged
    upto = backtest.judged["inspection_date"] <= "2016-11-09"
    assert np.array_equal(again.loc[upto, "score"], backtest.judged.loc[upto, "score"])


def test_inspections_after_the_period_have_no_influence(small_city, backtest):
    rows = small_city.inspections
    again = run_backtest(rows[rows["inspection_date"] <= "2016-12-04"], PLAN)
    assert again.judged.equals(backtest.judged)


def test_features_go_on_learning_while_the_model_stays(small_city, backtest):
    rows = small_city.inspections
    hidden = rows[~rows["inspection_date"].between("2016-10-10", "2016-10-20")]
    again = run_backtest(hidden, PLAN)
    assert again.models[date(2016, 10, 3)].threshold == backtest.models[date(2016, 10, 3)].threshold
    late = backtest.judged["inspection_date"].between("2016-10-21", "2016-10-30")
    both = backtest.judged[late].merge(again.judged, on="inspection_id")
    assert (both["score_x"] != both["score_y"]).any()


def test_period_without_visits_is_an_error(small_city):
    with pytest.raises(DataError, match="no inspections from 2019-01-01 to 2019-02-01"):
        run_backtest(small_city.inspections, replace(PLAN, first_day=date(2019, 1, 1), last_day=date(2019, 2, 1)))


def test_period_that_ends_before_it_begins_is_an_error(small_city):
    with pytest.raises(DataError, match="ends on 2016-01-01, before it begins"):
        run_backtest(small_city.inspections, replace(PLAN, last_day=date(2016, 1, 1)))


def test_period_without_history_is_an_error(small_city):
    with pytest.raises(DataError, match="no inspections before 2016-01-04"):
        run_backtest(small_city.inspections, replace(PLAN, first_day=date(2016, 1, 4)))


def test_period_right_after_a_gap_of_years_is_scored(small_city):
    rows = small_city.inspections
    is_later = rows["inspection_date"] >= "2016-10-03"
    years = pd.Timedelta(weeks=3 * 52)
    days = rows["inspection_date"].where(~is_later, rows["inspection_date"] + years)
    plan = replace(PLAN, first_day=date(2019, 9, 30), last_day=date(2019, 11, 24), refit_weeks=9)
    judged = run_backtest(rows.assign(inspection_date=days), plan).judged
    assert len(judged) == (is_later & (rows["inspection_date"] <= "2016-11-27")).sum()


def test_violations_left_out_of_the_data_are_no_absence_of_critical_ones(small_city):
    rows = small_city.inspections.assign(is_critical=pd.Series(pd.NA, small_city.inspections.index, dtype="boolean"))
    with pytest.raises(DataError, match=r"do not tell whether critical holds of any of the .* label fail"):
        run_backtest(rows, replace(PLAN, label="critical"))


def test_what_is_not_known_is_neither_learned_from_nor_judged(small_city):
    rows = small_city.inspections
    is_silent = rows["inspection_date"].between("2016-11-07", "2016-11-13")
    unknown = rows.assign(is_critical=rows["is_critical"].astype("boolean").mask(is_silent))

    judged = run_backtest(unknown, replace(PLAN, label="critical")).judged

    assert is_silent.sum() > 20
    assert not judged["inspection_date"].between("2016-11-07", "2016-11-13").any()
    assert set(judged["outcome"]) == {0, 1}


def test_first_looks_alone_may_be_judged(small_city, backtest):
    judged = run_backtest(small_city.inspections, replace(PLAN, is_first_looks=True)).judged

    assert set(judged["inspection_type"]) == {"Canvass"}
    both = judged.merge(backtest.judged, on="inspection_id")
    assert len(both) == len(judged) < len(backtest.judged)
    assert both["score_x"].equals(both["score_y"])


def test_unknown_recipe_is_refused_before_any_work(small_city):
    with pytest.raises(ModelError, match="no recipe 'tarot'"):
        run_backtest(small_city.inspections, replace(PLAN, recipe="tarot"))


def test_late_knowledge_changes_scores(small_city, backtest):
    late = lag_backtests(small_city.inspections, PLAN, lags=(14,))
    assert list(late) == [14]
    assert len(late[14].judged) == len(backtest.judged)
    assert not np.array_equal(late[14].judged["score"], backtest.judged["score"])


def test_queue_is_judged_on_whole_weeks(queue):
    assert queue.weeks["week"].dt.weekday.eq(0).all()
    assert queue.weeks["week"].min() == pd.Timestamp("2016-10-10")
    assert queue.weeks["week"].max() == pd.Timestamp("2016-11-28")
    assert not queue.judged.duplicated(["week", "establishment_id"]).any()
    assert 0 < queue.coverage <= 1


def test_queue_scores_are_as_of_the_monday(small_city, backtest, queue):
    rows = small_city.inspections
    is_later = rows["inspection_date"] >= "2016-11-14"
    turned = rows.assign(is_failure=rows["is_failure"] ^ is_later, is_critical=rows["is_critical"] ^ is_later)
    again = run_queue_backtest(turned, small_city.closures, backtest)
    week = pd.Timestamp("2016-11-14")
    before, after = (each.judged[each.judged["week"] == week] for each in (queue, again))
    assert np.array_equal(before["score"], after["score"])


def test_report_has_every_section_and_picture(backtest, queue):
    report = write_report(backtest, queue, {7: backtest}, resamples=20)
    for heading in (
        "# Backtest: label `fail`, 2016-10-05 to 2016-12-04",
        "## Results",
        "## Lead over the baselines",
        "## By cutoff",
        "## Calibration",
        "## By facility type",
        "## The queue as of each Monday",
        "## Late publication",
        "## What the last model looks at",
    ):
        assert heading in report.markdown
    for name, content in report.files.items():
        assert f"]({name})" in report.markdown
        assert content.startswith(b"\x89PNG")


def test_report_of_one_class_has_dashes_instead_of_numbers(small_city):
    plan = replace(PLAN, first_day=date(2016, 10, 3), last_day=date(2016, 10, 3))
    rows = small_city.inspections
    quiet = rows.assign(is_failure=rows["is_failure"] & (rows["inspection_date"] < "2016-10-03"))
    report = write_report(run_backtest(quiet, plan), resamples=5)
    assert re.search(r"^\| AUC +(\| +- ){4,}\|$", report.markdown, re.MULTILINE)


def test_table_is_markdown():
    assert table(["a", "b"], [["1", "2"]]) == "| a   |   b |\n|:----|----:|\n| 1   |   2 |"


def test_the_net_score_leaves_out_what_stands_in_for_who_inspects(backtest):
    model, features = next(iter(backtest.models.values())), backtest.features.head(200)
    names = [feature.name for feature in FEATURES if feature.family in WHO_INSPECTS]
    shifted = features.assign(**{name: features[name] + 1 for name in names})

    def net(rows):
        return net_scores(model.score(rows), effects(model, rows))

    assert np.allclose(net(shifted), net(features))
    assert not np.allclose(model.score(shifted), model.score(features))
    assert net(features.iloc[:0]).shape == (0,)
    assert backtest.net.score.tolist() == backtest.judged["net_score"].tolist()
