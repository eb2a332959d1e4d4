import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.evaluation.metrics import evaluate, scored_from
from food_inspections.domain.monitoring.performance import COLUMNS, estimated, promised, queue_outcomes, realised
from food_inspections_tests.domain.evaluation.test_bootstrap import table


def week(rows=200):
    scored = table(rows=rows)
    ids = [f"e{number}" for number in range(rows)]
    queue = pd.DataFrame(
        {
            "establishment_id": ids,
            "score": scored.score,
            "label": scored.label,
            "is_on_list": scored.score > np.quantile(scored.score, 0.7),
            "is_random_draw": np.arange(rows) % 20 == 0,
        }
    )
    visits = pd.DataFrame(
        {
            "inspection_id": np.arange(rows),
            "inspection_date": pd.Timestamp("2014-09-01") + pd.to_timedelta(np.arange(rows) % 5, unit="D"),
            "establishment_id": ids,
            "outcome": scored.outcome,
        }
    )
    predictions = visits[["inspection_id"]].assign(score=scored.score, label=scored.label)
    return visits, queue, predictions


def test_every_source_has_every_metric_with_its_interval():
    visits, queue, predictions = week()
    validation = visits.merge(predictions, on="inspection_id")
    found = realised(visits, queue=queue, predictions=predictions, promise=promised(validation))
    assert list(found.columns) == list(COLUMNS)
    assert set(found["source"]) == {"queue", "random_share", "predictions", "validation", "estimated"}
    auc = found[(found["source"] == "queue") & (found["metric"] == "roc_auc")].iloc[0]
    assert auc["lower"] < auc["value"] < auc["upper"]
    assert not found.duplicated(["source", "metric"]).any()


def test_coverage_is_the_share_of_visits_the_queue_held():
    visits, queue, _ = week()
    found = realised(visits, queue=queue.head(150))
    assert set(found.loc[found["source"] == "queue", "coverage"]) == {0.75}
    is_of_all = (found["source"] == "queue") & (found["metric"] != "precision_at_capacity")
    assert set(found.loc[is_of_all, "row_count"]) == {150}


def test_queue_is_judged_on_the_first_visit():
    visits, queue, _ = week(10)
    again = visits.head(1).assign(
        inspection_id=99, inspection_date=pd.Timestamp("2014-09-06"), outcome=1 - visits["outcome"].iloc[0]
    )
    judged = queue_outcomes(pd.concat([again, visits]), queue)
    assert len(judged) == 10
    assert judged["outcome"].tolist() == visits["outcome"].tolist()


def test_precision_at_capacity_is_the_share_found_among_those_listed():
    visits, queue, _ = week()
    found = realised(visits, queue=queue).set_index(["source", "metric"])
    expected = visits.loc[queue["is_on_list"].to_numpy(), "outcome"].mean()
    assert found.loc[("queue", "precision_at_capacity"), "value"] == pytest.approx(expected)


def test_precision_at_capacity_counts_those_listed_only():
    visits, queue, _ = week()
    found = realised(visits, queue=queue).set_index(["source", "metric"])
    listed = visits.loc[queue["is_on_list"].to_numpy(), "outcome"]
    row = found.loc[("queue", "precision_at_capacity")]
    assert (row["row_count"], row["positives"]) == (len(listed), listed.sum())


def test_promise_of_a_week_is_the_mean_over_single_weeks_of_validation():
    visits, _, predictions = week()
    weeks = [visits.assign(inspection_date=visits["inspection_date"] + pd.Timedelta(weeks=place)) for place in range(4)]
    validation = pd.concat([rows.merge(predictions, on="inspection_id") for rows in weeks], ignore_index=True)
    one = realised(visits, predictions=predictions).set_index("metric")["value"]
    promise = promised(validation)
    # Four weeks at once would find failures by weeks earlier, which no list of one week can.
    assert {name: interval.value for name, interval in promise.values.items()} == pytest.approx(one.to_dict())
    days = promise.values["days_earlier"]
    assert days.lower < days.value < days.upper < 5


def test_precision_at_capacity_is_promised_by_visits_that_would_have_been_listed():
    visits, queue, predictions = week()
    validation = visits.merge(predictions, on="inspection_id")
    found = realised(visits, queue=queue, promise=promised(validation)).set_index(["source", "metric"])
    ranked = queue.loc[queue["is_on_list"] & ~queue["is_random_draw"], "score"]
    expected = validation.loc[validation["score"] >= ranked.min(), "outcome"]
    row = found.loc[("validation", "precision_at_capacity")]
    assert (row["value"], row["row_count"]) == (pytest.approx(expected.mean()), len(expected))
    nobody = queue.assign(is_on_list=False)
    found = realised(visits, queue=nobody, promise=promised(validation)).set_index(["source", "metric"])
    assert np.isnan(found.loc[("validation", "precision_at_capacity"), "value"])


def test_random_share_is_judged_alone():
    visits, queue, _ = week()
    found = realised(visits, queue=queue)
    assert set(found.loc[found["source"] == "random_share", "row_count"]) == {10}


def test_a_draw_that_found_nothing_is_not_certain_to_find_nothing():
    visits, queue, _ = week()
    drawn = queue["is_random_draw"].to_numpy()
    nothing = visits.assign(outcome=visits["outcome"].mask(drawn, 0))
    row = realised(nothing, queue=queue).set_index(["source", "metric"]).loc[("random_share", "precision_at_capacity")]
    assert (row["value"], row["row_count"]) == (0, 10)
    assert 0 == row["lower"] < row["upper"] < 0.3


def test_coverage_of_the_draws_is_the_share_of_them_that_was_visited():
    visits, queue, _ = week()
    found = realised(visits[visits["inspection_id"] < 60], queue=queue)
    assert set(found.loc[found["source"] == "random_share", "coverage"]) == {0.3}


def test_a_visit_of_unknown_outcome_counts_in_the_coverage_and_in_no_rate():
    visits, queue, predictions = week()
    unknown = visits["inspection_id"] >= 150
    some = visits.assign(outcome=visits["outcome"].astype("Int64").mask(unknown))
    found = realised(some, queue=queue, predictions=predictions).query("metric == 'roc_auc'").set_index("source")
    only_known = realised(visits[~unknown], queue=queue, predictions=predictions).query("metric == 'roc_auc'")
    assert found["row_count"].to_dict() == {"queue": 150, "estimated": 150, "random_share": 8, "predictions": 150}
    assert found["coverage"].eq(1).all()
    assert found["value"].tolist() == only_known["value"].tolist()


def test_week_without_visits_has_rows_without_values():
    visits, queue, predictions = week()
    found = realised(visits.iloc[:0], queue=queue, predictions=predictions.iloc[:0])
    assert found["value"].isna().all()
    is_drawn = found["source"] == "random_share"
    assert found.loc[~is_drawn, "coverage"].isna().all()
    assert found.loc[is_drawn, "coverage"].eq(0).all(), "no draw was visited"
    assert set(found["row_count"]) == {0}


def test_nothing_published_gives_nothing():
    assert realised(week()[0]).empty


def test_the_estimate_is_what_calibrated_scores_bring_about():
    generator = np.random.default_rng(3)
    score = generator.beta(2, 6, 4_000)
    rows = pd.DataFrame(
        {
            "inspection_date": pd.Timestamp("2014-09-01") + pd.to_timedelta(np.arange(4_000) % 5, unit="D"),
            "score": score,
            "label": (score > 0.3).astype(int),
        }
    )
    expected = estimated(rows)
    found = realised_of(rows.assign(outcome=(generator.random(4_000) < score).astype(int)))
    for name in ("roc_auc", "first_half", "precision", "recall", "brier_score"):
        # Twice the half of a 90% range: what chance passes about once in a thousand.
        range_of_chance = expected[name].upper - expected[name].lower
        assert abs(found[name] - expected[name].value) <= range_of_chance, name
    changed = realised_of(rows.assign(outcome=(generator.random(4_000) < 0.25).astype(int)))
    assert changed["roc_auc"] < expected["roc_auc"].lower, "what ties scores to outcomes has changed"


def test_an_estimate_looks_at_no_outcome():
    visits, queue, _ = week()
    some, others = (
        realised(visits.assign(outcome=outcome), queue=queue).query("source == 'estimated'").drop(columns="positives")
        for outcome in (visits["outcome"], 1 - visits["outcome"])
    )
    pd.testing.assert_frame_equal(some, others)
    listed = queue[queue["is_on_list"]]
    expected = some.set_index("metric").loc["precision_at_capacity"]
    assert expected["value"] == pytest.approx(listed["score"].mean())
    half = 1.645 * np.sqrt((listed["score"] * (1 - listed["score"])).sum()) / len(listed)
    ends = np.clip([expected["value"] - half, expected["value"] + half], 0, 1)
    assert expected[["lower", "upper"]].tolist() == pytest.approx(ends.tolist(), abs=1e-3)
    assert expected["row_count"] == len(listed)


def realised_of(rows):
    return evaluate(scored_from(rows))
