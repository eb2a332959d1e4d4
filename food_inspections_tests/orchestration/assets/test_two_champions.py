"""Weeks forecast in one run, some by one champion and some by the next."""

import pandas as pd

from food_inspections_tests.orchestration.shared_city import FIRST_CUTOFF, FORECAST, SECOND_CUTOFF, SharedCity

REIGNS = dict(zip(FORECAST, (FIRST_CUTOFF, FIRST_CUTOFF, SECOND_CUTOFF, SECOND_CUTOFF), strict=True))


def test_one_run_made_all_the_weeks(shared_city: SharedCity) -> None:
    for asset in ("predictions", "inspection_queue", "queue_performance"):
        runs = shared_city.frame("SELECT run_id, week FROM metadata.materializations WHERE asset = :asset", asset=asset)
        assert runs["run_id"].nunique() == 1
        assert sorted(runs["week"].dt.date) == list(FORECAST)


def test_every_week_is_scored_by_its_own_champion(shared_city: SharedCity) -> None:
    features = shared_city.warehouse.read_table("inspection_features", "data.inspection_features", FORECAST).frame
    predicted = shared_city.frame("SELECT * FROM data.predictions")
    for week, cutoff in REIGNS.items():
        champion = shared_city.warehouse.champion(week)
        model = shared_city.warehouse.load_model(champion.object_key, champion.checksum)
        rows = features[features["week"] == pd.Timestamp(week)].set_index("inspection_id")
        of_week = predicted[predicted["week"] == pd.Timestamp(week)].set_index("inspection_id").loc[rows.index]

        assert champion.model_cutoff == cutoff
        assert len(of_week) > 0
        assert set(of_week["model_id"]) == {champion.model_id}
        assert set(of_week["model_cutoff"]) == {pd.Timestamp(cutoff)}
        assert of_week["score"].tolist() == model.score(rows).tolist()


def test_every_queue_is_ranked_by_its_own_champion(shared_city: SharedCity) -> None:
    places = shared_city.warehouse.read_table("establishment_features", "data.establishment_features", FORECAST).frame
    queues = shared_city.frame("SELECT * FROM data.inspection_queue")
    for week in FORECAST:
        champion = shared_city.warehouse.champion(week)
        model = shared_city.warehouse.load_model(champion.object_key, champion.checksum)
        queue = queues[queues["week"] == pd.Timestamp(week)].set_index("establishment_id")
        rows = places[places["week"] == pd.Timestamp(week)].set_index("establishment_id").loc[queue.index]

        assert set(queue["model_id"]) == {champion.model_id}
        assert queue["score"].tolist() == model.score(rows).tolist()


def test_the_two_champions_disagree(shared_city: SharedCity) -> None:
    """Or the tests above could not tell one from the other."""
    features = shared_city.warehouse.read_table("inspection_features", "data.inspection_features", FORECAST).frame
    scores = []
    for week in (FIRST_CUTOFF, SECOND_CUTOFF):
        champion = shared_city.warehouse.champion(week)
        scores.append(shared_city.warehouse.load_model(champion.object_key, champion.checksum).score(features))
    assert (scores[0] != scores[1]).all()
