import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.domain.evaluation.baselines import NEVER_VISITED_DAYS, baselines, heuristics, past_rates
from food_inspections_tests.domain.model_frames import feature_rows


def visits(rows):
    frame = pd.DataFrame(rows, columns=["establishment_id", "inspection_date", "label_fail"])
    frame["inspection_date"] = pd.to_datetime(frame["inspection_date"])
    return frame.assign(inspection_id=range(len(frame)))


HISTORY = visits(
    [
        ("a", "2014-01-01", 1),
        ("a", "2014-01-10", 0),
        ("b", "2014-01-10", 1),
        ("a", "2014-01-10", 1),
        ("a", "2014-02-01", 1),
    ]
)


def test_only_earlier_days_count():
    rates = past_rates(visits([("a", "2014-01-10", 0)]), HISTORY, "fail", base_rate=0.2)
    assert rates == pytest.approx([(1 + 0.2) / 2])


def test_unknown_establishment_gets_the_base_rate():
    assert past_rates(visits([("zz", "2014-03-01", 0)]), HISTORY, "fail", base_rate=0.2) == pytest.approx([0.2])


def test_all_of_the_past_counts():
    rates = past_rates(visits([("a", "2014-03-01", 0), ("b", "2014-03-01", 0)]), HISTORY, "fail", base_rate=0.2)
    assert rates == pytest.approx([(3 + 0.2) / 5, (1 + 0.2) / 2])


def test_lag_hides_the_newest_days():
    rates = past_rates(visits([("a", "2014-02-10", 0)]), HISTORY, "fail", base_rate=0.2, lag_days=14)
    assert rates == pytest.approx([(2 + 0.2) / 4])


def test_empty_history_is_the_base_rate():
    rates = past_rates(visits([("a", "2014-02-10", 0)]), HISTORY.iloc[:0], "fail", base_rate=0.3)
    assert rates == pytest.approx([0.3])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1_000), lag_days=st.integers(0, 20))
def test_past_rates_agree_with_counting_one_by_one(seed, lag_days):
    rows = feature_rows(rows=120, weeks=10, seed=seed)
    rates = past_rates(rows, rows, "fail", base_rate=0.25, lag_days=lag_days)
    for position, visit in enumerate(rows.itertuples()):
        known = rows[
            (rows["establishment_id"] == visit.establishment_id)
            & (rows["inspection_date"] < visit.inspection_date - pd.Timedelta(days=lag_days))
        ]
        assert rates[position] == pytest.approx((known["label_fail"].sum() + 0.25) / (len(known) + 1))


def test_the_three_baselines_judge_the_same_visits():
    rows = feature_rows()
    late = rows[rows["inspection_date"] >= "2013-08-01"]
    found = baselines(late, rows, "fail")
    assert list(found) == ["order_of_reality", "base_rate", "past_rate"]
    for scored in found.values():
        assert np.array_equal(scored.outcome, late["label_fail"])
    early = rows[rows["inspection_date"] < "2013-08-01"]
    assert set(found["base_rate"].score) == {early["label_fail"].mean()}
    assert not found["order_of_reality"].is_probability


def test_no_baseline_knows_the_period_it_is_judged_on():
    rows = feature_rows()
    late = rows[rows["inspection_date"] >= "2013-08-01"]
    turned = rows.assign(label_fail=rows["label_fail"].where(rows["inspection_date"] < "2013-10-07", 1))
    before, after = baselines(late, rows, "fail"), baselines(late, turned, "fail")
    first_days = (late["inspection_date"] < "2013-10-07").to_numpy()
    assert before["base_rate"].score[0] == after["base_rate"].score[0]
    assert np.array_equal(before["past_rate"].score[first_days], after["past_rate"].score[first_days])
    assert np.array_equal(before["past_rate"].label[first_days], after["past_rate"].label[first_days])


def test_the_last_result_is_that_of_the_last_earlier_day():
    late = visits([("a", "2014-01-11", 0), ("b", "2014-02-02", 0), ("zz", "2014-02-02", 0)])
    found = heuristics(late, HISTORY, "fail")["last_result"]
    assert found.score.tolist() == [1, 1, 0.75], "a place never visited has the rate before the first visit judged"
    turned = HISTORY.assign(label_fail=1 - HISTORY["label_fail"])
    assert heuristics(late, turned, "fail")["last_result"].score[0] == 0


def test_the_most_overdue_was_not_visited_for_longest_and_never_visited_places_come_first():
    late = visits([("a", "2014-03-01", 0), ("b", "2014-03-01", 0), ("zz", "2014-03-01", 0)])
    score = heuristics(late, HISTORY, "fail")["most_overdue"].score
    assert score[:2].tolist() == [28, 50]
    assert score[2] > NEVER_VISITED_DAYS


def test_a_lag_hides_the_newest_days_from_every_heuristic():
    late = visits([("a", "2014-02-10", 0)])
    assert heuristics(late, HISTORY, "fail", lag_days=14)["most_overdue"].score.tolist() == [31]
    assert heuristics(late, HISTORY, "fail", lag_days=39)["last_result"].score.tolist() == [1]


def test_own_mean_points_leave_out_visits_without_points():
    history = HISTORY.assign(points=[10.0, np.nan, 50.0, 30.0, 0.0])
    late = visits([("a", "2014-01-20", 0), ("b", "2014-01-20", 0), ("zz", "2014-01-20", 0)])
    score = heuristics(late, history, "fail")["mean_points"].score
    prior = (10 + 50 + 30) / 3
    assert score == pytest.approx([(10 + 30 + prior) / 3, (50 + prior) / 2, prior])
    assert "mean_points" not in heuristics(late, HISTORY, "fail")


def test_no_heuristic_knows_the_day_itself_or_later():
    rows = feature_rows(rows=200, weeks=20)
    day = rows["inspection_date"].iloc[100]
    late = rows[rows["inspection_date"] == day]
    turned = rows.assign(label_fail=rows["label_fail"].where(rows["inspection_date"] < day, 1 - rows["label_fail"]))
    before, after = heuristics(late, rows, "fail"), heuristics(late, turned, "fail")
    assert all(np.array_equal(before[name].score, after[name].score) for name in before)
