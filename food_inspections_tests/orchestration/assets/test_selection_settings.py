"""The winner is chosen by the metric of the run config, and the champion stays by the margin of the settings."""

from food_inspections_tests.orchestration.shared_city import SECOND_CUTOFF, SharedCity

NEWEST_DECISION = """
SELECT metric, reason FROM models.selections WHERE effective_week = :week ORDER BY selection_id DESC LIMIT 1
"""


def test_a_metric_named_at_launch_decides_and_is_on_record(shared_city: SharedCity) -> None:
    config = {"ops": {"selected_model": {"config": {"metric": "average_precision"}}}}
    with shared_city.copy({}) as city:
        assert city.deployed.materialize("key:selected_model", SECOND_CUTOFF, config).success
        ((metric, reason),) = city.deployed.query(NEWEST_DECISION, week=SECOND_CUTOFF)
        recorded = city.deployed.query(
            "SELECT parameters->>'metric' FROM metadata.latest_materializations WHERE asset = 'selected_model' "
            "AND week = :week",
            week=SECOND_CUTOFF,
        )
    assert metric == "average_precision"
    assert "average_precision" in reason
    assert recorded == [("average_precision",)]
