import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.performance import COLUMNS, queue_outcomes, realised
from food_inspections_tests.domain.test_bootstrap import table


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
    found = realised(visits, queue=queue, predictions=predictions, validation=validation)
    assert list(found.columns) == list(COLUMNS)
    assert set(found["source"]) == {"queue", "random_share", "predictions", "validation"}
    auc = found[(found["source"] == "queue") & (found["metric"] == "roc_auc")].iloc[0]
    assert auc["lower"] < auc["value"] < auc["upper"]
    assert not found.duplicated(["source", "metric"]).any()


def test_coverage_is_the_share_of_visits_the_queue_held():
    visits, queue, _ = week()
    found = realised(visits, queue=queue.head(150))
    assert set(found.loc[found["source"] == "queue", "coverage"]) == {0.75}
    assert set(found.loc[found["source"] == "queue", "row_count"]) == {150}


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


def test_random_share_is_judged_alone():
    visits, queue, _ = week()
    found = realised(visits, queue=queue)
    assert set(found.loc[found["source"] == "random_share", "row_count"]) == {10}


def test_week_without_visits_has_rows_without_values():
    visits, queue, predictions = week()
    found = realised(visits.iloc[:0], queue=queue, predictions=predictions.iloc[:0])
    assert found["value"].isna().all()
    assert found["coverage"].isna().all()
    assert set(found["row_count"]) == {0}


def test_nothing_published_gives_nothing():
    assert realised(week()[0]).empty
