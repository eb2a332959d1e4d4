"""The whole graph on a small sample city: what it leaves in the tables."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from food_inspections.errors import FoodInspectionsError
from food_inspections.storage.models.champions import SelectionRow, champion_of, log_selection
from food_inspections.storage.postgres import tables
from food_inspections_tests.orchestration.city import CUTOFF, FIRST, NEWEST, WEEKS, Deployment, small_city
from food_inspections_tests.orchestration.shared_city import PUBLISHED, SharedCity

MODELS = ("xgboost_model", "knn_model", "logistic_regression_model", "blend_model", "selected_model")


@pytest.fixture(scope="module")
def city(whole_city: SharedCity) -> Iterator[Deployment]:
    """A copy: some tests make something again, each of them what the others can go on with."""
    with whole_city.copy({}) as city:
        yield city.deployed


def test_every_week_of_every_asset_is_accepted(city: Deployment) -> None:
    found = city.query("SELECT asset, count(*) FROM metadata.accepted_weeks GROUP BY asset")
    assert dict(found) == {
        **dict.fromkeys(("raw_inspections", "clean_inspections", "inspection_features"), WEEKS),
        **dict.fromkeys(MODELS, 1),
        "bias_report": 1,
        **dict.fromkeys(("establishment_features", "inspection_queue", "api_inspection_queue", "inspection_plan"), 3),
        **dict.fromkeys(("predictions", "api_predictions", "score_distributions", "drift_report"), 2),
        "queue_performance": 2,
        "drift_page": 1,
    }


def test_every_asset_reads_all_it_declares(whole_city: SharedCity) -> None:
    """More than it declares it cannot read: see io/test_upstream.py."""
    declared = {
        spec.key.to_user_string(): {dep.asset_key.to_user_string() for dep in spec.deps}
        for spec in whole_city.deployed.defs.resolve_all_asset_specs()
    }
    assert whole_city.reads == {asset: upstream for asset, upstream in declared.items() if upstream}


def test_every_row_pulled_is_kept_or_dropped_for_a_reason(city: Deployment) -> None:
    pulled = city.query("SELECT sum(row_count) FROM metadata.pulls")[0][0]
    kept = city.query("SELECT count(*) FROM data.clean_inspections")[0][0]
    dropped = city.query(
        "SELECT sum(value::int) FROM metadata.accepted_weeks, jsonb_each_text(parameters->'dropped') "
        "WHERE asset = 'clean_inspections'"
    )[0][0]
    assert pulled == len(small_city())
    assert pulled == kept + dropped
    assert dropped > 0


def test_every_inspection_of_a_forecast_week_is_predicted_and_published(city: Deployment) -> None:
    counts = city.query(
        "SELECT (SELECT count(*) FROM data.inspection_features WHERE week >= :w), "
        "(SELECT count(*) FROM data.predictions), (SELECT count(*) FROM api.predictions)",
        w=CUTOFF,
    )[0]
    assert counts[0] > 0
    assert len(set(counts)) == 1


def test_no_model_has_seen_a_day_it_scores(city: Deployment) -> None:
    assert city.query("SELECT count(*) FROM data.predictions WHERE model_cutoff > inspection_date") == [(0,)]
    assert city.query("SELECT count(*) FROM data.inspection_queue WHERE last_visit >= week") == [(0,)]
    validated = city.query(
        "SELECT count(*) FROM models.validation_scores AS s JOIN models.candidates AS c USING (model_id) "
        "WHERE s.inspection_date >= c.cutoff OR s.inspection_date < c.validate_from"
    )
    assert validated == [(0,)]


def test_a_week_computed_alone_equals_the_week_of_the_range(city: Deployment) -> None:
    for week in (FIRST, CUTOFF):
        for asset in ("clean_inspections", "inspection_features"):
            before = city.hashes(asset)[week]
            assert city.materialize(asset, week).success
            assert city.hashes(asset)[week] == before


def test_the_same_training_gives_the_same_models(city: Deployment) -> None:
    before = {asset: city.hashes(asset)[CUTOFF] for asset in MODELS}
    city.run("training", CUTOFF)
    assert {asset: city.hashes(asset)[CUTOFF] for asset in MODELS} == before


def test_two_runs_of_a_forecast_leave_the_same_tables(city: Deployment) -> None:
    assets = ("establishment_features", "predictions", "inspection_queue", "score_distributions", "drift_report")
    before = {asset: city.hashes(asset)[NEWEST] for asset in assets}
    city.forecast(NEWEST)
    assert {asset: city.hashes(asset)[NEWEST] for asset in assets} == before
    versions = city.query("SELECT count(*) FROM api.queue_publications WHERE week = :w", w=NEWEST)
    assert versions == [(1,)], "the same queue published again is not a new version"


def test_the_bad_check_turns_the_run_red_and_publishes_nothing(city: Deployment) -> None:
    published = city.query("SELECT published_at, score FROM api.predictions WHERE week = :w ORDER BY 1, 2", w=NEWEST)
    config = {"ops": {"predictions_expectation": {"config": {"expectation": "shape"}}}}
    result = city.materialize("key:predictions or key:api_predictions", NEWEST, config)
    assert not result.success
    assert city.status("predictions", NEWEST) == "rejected"
    seen = city.query(
        "SELECT passed, expected, seen FROM test.check_results WHERE check_name = 'expectation' AND run_id = :r",
        r=result.run_id,
    )
    assert seen == [(False, "a single row", f"{len(published)} rows")]
    alone = city.materialize("api_predictions", NEWEST)
    assert not alone.success
    again = city.query("SELECT published_at, score FROM api.predictions WHERE week = :w ORDER BY 1, 2", w=NEWEST)
    assert again == published
    assert city.materialize("key:predictions or key:api_predictions", NEWEST).success
    assert city.status("predictions", NEWEST) == "accepted"


def test_a_week_before_any_selection_asks_for_training(city: Deployment) -> None:
    week = CUTOFF - timedelta(weeks=1)
    with pytest.raises(FoodInspectionsError, match=f"No model for label 'fail' before {week}: train first"):
        city.forecast(week)


def test_a_week_without_inspections_is_empty_all_the_way_down(city: Deployment) -> None:
    week = FIRST - timedelta(weeks=1)
    city.prepare(week)
    found = city.query("SELECT asset, row_count, status FROM metadata.latest_materializations WHERE week = :w", w=week)
    assert sorted(found) == [
        ("clean_inspections", 0, "accepted"),
        ("inspection_features", 0, "accepted"),
        ("raw_inspections", 0, "accepted"),
    ]


def test_the_score_distributions_hold_validation_and_newest_scores(city: Deployment) -> None:
    sums = city.query(
        "SELECT source, sum(count), round(sum(share)::numeric, 9) FROM monitoring.score_distributions "
        "WHERE week = :w AND facility_type = 'all' GROUP BY source ORDER BY source",
        w=NEWEST,
    )
    predicted = city.query("SELECT count(*) FROM data.predictions WHERE week = :w", w=NEWEST)[0][0]
    validated = city.query("SELECT count(*) FROM models.reference_scores")[0][0]
    assert sums == [("predictions", predicted, 1), ("validation", validated, 1)]


def test_the_newest_drift_page_is_kept_and_needs_no_network(city: Deployment) -> None:
    key = city.query("SELECT object_key FROM monitoring.drift_pages WHERE week = :w", w=NEWEST)[0][0]
    page = city.warehouse.objects.get(key).decode()
    assert "<html" in page
    assert 'src="http' not in page


def test_a_queue_that_changed_is_a_new_version_and_the_first_one_stays(city: Deployment) -> None:
    first = city.query(
        "SELECT establishment_id, rank FROM api.inspection_queue WHERE week = :w AND version = 1", w=PUBLISHED
    )
    with city.warehouse.transaction() as connection:
        queue = tables.read_weeks(connection, "data.inspection_queue", [PUBLISHED])
        from food_inspections.storage.records.queue_versions import publish_queue  # noqa: PLC0415

        changed = queue.assign(score=queue["score"] / 2)
        assert publish_queue(connection, changed, PUBLISHED, "by-hand", tables.content_hash(changed)) == 2
    stays = city.query(
        "SELECT establishment_id, rank FROM api.inspection_queue WHERE week = :w AND version = 1", w=PUBLISHED
    )
    assert stays == first


@pytest.mark.parametrize(
    ("config", "refusal"),
    [
        ({"selected_model": {"config": {"metric": "beauty"}}}, "'roc_auc'.*got beauty"),
        ({"predictions_expectation": {"config": {"expectation": "beauty"}}}, "'finite', 'shape'.*got beauty"),
    ],
)
def test_a_choice_that_there_is_not_is_refused_before_anything_runs(
    city: Deployment, config: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match=refusal):
        city.materialize("key:predictions or key:selected_model", NEWEST, {"ops": config})


def test_each_week_of_a_range_is_scored_by_its_own_champion(city: Deployment) -> None:
    with city.warehouse.transaction() as connection:
        first = champion_of(connection, CUTOFF, "fail")
        shared = {name: getattr(first, name) for name in SelectionRow.__dataclass_fields__ if hasattr(first, name)}
        second = {"effective_week": NEWEST, "model_id": "the-next", "run_id": None, "decided_by": "a person"}
        log_selection(connection, SelectionRow(**(shared | second)))

    assert city.materialize("key:predictions or key:inspection_queue", CUTOFF, last=NEWEST).success

    for table in ("data.predictions", "data.inspection_queue"):
        serving = city.query(
            f"SELECT DISTINCT week, model_id FROM {table} WHERE week IN (:a, :b) ORDER BY week",  # noqa: S608 - constant
            a=CUTOFF,
            b=NEWEST,
        )
        assert serving == [(CUTOFF, first.model_id), (NEWEST, "the-next")]
