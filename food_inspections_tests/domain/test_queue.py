from datetime import date

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.queue import random_rows, rank_queue, week_seed, weekly_capacity
from food_inspections.errors import DataError

WEEK = date(2014, 9, 1)


def establishments(scores):
    count = len(scores)
    places = pd.DataFrame(
        {
            "establishment_id": [f"e{number:03}" for number in range(count)],
            "dba_name": "NAME",
            "address": "1 STREET",
            "zip": "60601",
            "facility_type": "Restaurant",
            "risk": "Risk 1 (High)",
            "latitude": 41.9,
            "longitude": -87.6,
            "last_visit": pd.Timestamp("2014-05-05"),
            "days_since_last_visit": 119,
            "last_result": "Pass",
            "is_reinspection_open": False,
        }
    )
    given = pd.DataFrame(
        {
            "score": np.array(scores, dtype=float),
            "score_low": np.array(scores, dtype=float) * 0.8,
            "score_high": np.array(scores, dtype=float) * 1.1,
            "net_score": np.array(scores, dtype=float) / 2,
            "label": [int(score >= 0.5) for score in scores],
            "threshold": 0.5,
            "model_id": "m",
            "model_cutoff": pd.Timestamp(WEEK),
            "reasons": [[{"text": "why"}] for _ in scores],
        }
    )
    return places, given


def queue(scores, capacity=10, random_share=0.2, week=WEEK, seed=0):
    return rank_queue(*establishments(scores), week=week, capacity=capacity, random_share=random_share, seed=seed)


def test_highest_score_first_and_ties_by_id():
    ranked = queue([0.2, 0.9, 0.2, 0.5])
    assert ranked["establishment_id"].tolist() == ["e001", "e003", "e000", "e002"]
    assert ranked["rank"].tolist() == [1, 2, 3, 4]
    assert ranked["label"].tolist() == [1, 1, 0, 0]


def test_list_is_the_top_and_a_random_draw_from_below_it():
    ranked = queue(np.linspace(0, 1, 100))
    assert ranked["is_on_list"].sum() == 10
    assert ranked["is_random_draw"].sum() == 2
    assert ranked.loc[ranked["is_random_draw"], "rank"].min() > 8
    assert ranked.loc[ranked["rank"] <= 8, "is_on_list"].all()


def test_draw_is_the_same_again_and_another_one_next_week():
    scores = np.linspace(0, 1, 500)
    drawn = [queue(scores, 100, week=week)["is_random_draw"] for week in (WEEK, WEEK, date(2014, 9, 8))]
    assert drawn[0].equals(drawn[1])
    assert not drawn[0].equals(drawn[2])
    assert week_seed(WEEK, 1) != week_seed(WEEK, 0)


def test_every_row_below_the_top_can_be_drawn():
    hits = sum(random_rows(50, 10, 0.2, seed).astype(int) for seed in range(400))
    assert hits[:8].sum() == 0
    assert (hits[8:] > 0).all()


def test_no_random_share_lists_the_top_alone():
    ranked = queue(np.linspace(0, 1, 30), random_share=0.0)
    assert ranked["is_on_list"].sum() == 10
    assert not ranked["is_random_draw"].any()


def test_fewer_establishments_than_capacity_are_all_listed():
    assert queue([0.1, 0.2, 0.3])["is_on_list"].all()


def test_empty_city_has_an_empty_queue():
    assert queue([]).empty


def test_establishment_twice_is_refused_by_name():
    places, given = establishments([0.1, 0.2])
    with pytest.raises(DataError, match="e000 appears twice in the queue of 2014-09-01"):
        rank_queue(places.assign(establishment_id="e000"), given, week=WEEK, capacity=1, random_share=0.0)


def test_scores_must_be_as_many_as_establishments():
    places, given = establishments([0.1, 0.2])
    with pytest.raises(DataError, match="2 establishments and 1 scores"):
        rank_queue(places, given.head(1), week=WEEK, capacity=1, random_share=0.0)


@pytest.mark.parametrize(("counts", "expected"), [([300, 350, 10, 340], 320), ([], 1), ([0, 0], 1)])
def test_capacity_is_the_median_week(counts, expected):
    assert weekly_capacity(counts) == expected
