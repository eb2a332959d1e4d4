"""A range chosen in Dagster's UI is made for the chosen weeks, or refused in a sentence before anything runs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from food_inspections import definitions
from food_inspections.errors import DataError
from food_inspections.orchestration.assets import ALL_ASSETS
from food_inspections.orchestration.automation.runs import backfill_at_work
from food_inspections.orchestration.automation.store import asset_graph
from food_inspections.orchestration.instance.backfills import MOST_CUTOFFS, as_chosen
from food_inspections.orchestration.io.outputs import Output
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.planning.state import Record, ServingModel, State
from food_inspections_tests.chicago import CALENDAR

# Dagster's own code, when it makes a backfill.
pytestmark = pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources` is deprecated")

TODAY = date(2026, 11, 21)
UNDER_WAY = date(2026, 11, 16)
WEEK = timedelta(weeks=1)
NEWEST = UNDER_WAY - WEEK
COMING = UNDER_WAY + WEEK
ALL = [asset.key.to_user_string() for asset in ALL_ASSETS]
WITHOUT_TRAINING = [node.asset for node in asset_graph().nodes if node.group != "training"]


def asked_for(assets: Sequence[str], weeks: Sequence[date]) -> Any:
    """What Dagster makes of a choice in its UI; of all assets that takes it seconds."""
    return _asked_for(tuple(assets), tuple(weeks))


@cache
def _asked_for(assets: tuple[str, ...], weeks: tuple[date, ...]) -> Any:
    with dg.DagsterInstance.ephemeral() as instance:
        return PartitionBackfill.from_asset_partitions(
            backfill_id="chosen",
            asset_graph=definitions.defs.resolve_asset_graph(),
            partition_names=[str(week) for week in weeks],
            asset_selection=[dg.AssetKey(asset) for asset in assets],
            backfill_timestamp=1795000000.0,
            tags={},
            dynamic_partitions_store=instance,
            all_partitions=False,
            title=None,
            description=None,
            run_config=None,
        )


def weeks_of(backfill: Any) -> dict[str, list[date]]:
    """The weeks of each asset that a backfill would make."""
    target = backfill.asset_backfill_data.target_subset.partitions_subsets_by_asset_key
    return {
        key.to_user_string(): sorted(map(date.fromisoformat, subset.get_partition_keys()))
        for key, subset in target.items()
    }


PUBLISHED = [NEWEST - WEEK * ago for ago in range(30, -1, -1)]


def store(today: date = TODAY, **missing: Sequence[date]) -> State:
    """Thirty-one weeks made whole, by asset those of some missing; ``champions`` stands for the model that serves."""
    made = Record("accepted", "run", "1", "content", "", datetime(2026, 11, 20, tzinfo=UTC))
    weeks = [*PUBLISHED, UNDER_WAY, COMING]
    records = {
        node.asset: {week: made for week in weeks if week not in missing.get(node.asset, ())}
        for node in asset_graph().nodes
    }
    served = {week: ServingModel("model", weeks[0]) for week in weeks if week not in missing.get("champions", ())}
    return State(asset_graph(), records, served, frozenset(), {}, 4, today, CALENDAR)


def test_dagster_alone_would_make_every_later_week() -> None:
    """What this is against; should it end, all of it can go."""
    made = weeks_of(asked_for(ALL, [NEWEST - WEEK, NEWEST]))

    assert made["raw_inspections"] == [NEWEST - WEEK, NEWEST]
    assert made["inspection_features"][-1] > NEWEST
    assert made["xgboost_model"][-1] > NEWEST


@pytest.mark.parametrize(
    ("assets", "weeks"),
    [
        (ALL, [NEWEST - WEEK, NEWEST]),
        (WITHOUT_TRAINING, [NEWEST - WEEK * weeks for weeks in range(30, -1, -1)]),
        # With a gap.
        (["raw_inspections", "clean_inspections", "predictions"], [NEWEST - WEEK * 9, NEWEST - WEEK]),
        (["raw_inspections", "clean_inspections", "inspection_features"], [NEWEST, UNDER_WAY]),
        (["clean_inspections", "drift_report"], [NEWEST - WEEK * 5, NEWEST - WEEK * 4]),
        # The last of them has no later week at all.
        (["establishment_features", "inspection_queue", "api_inspection_queue"], [UNDER_WAY, COMING]),
        (["inspection_features", "xgboost_model", "selected_model"], [NEWEST, UNDER_WAY]),
    ],
)
def test_the_chosen_weeks_of_the_chosen_assets_are_made_and_no_others(assets: list[str], weeks: list[date]) -> None:
    backfill = as_chosen(asked_for(assets, weeks), store())

    assert weeks_of(backfill) == dict.fromkeys(assets, weeks)


def test_a_week_that_is_not_over_is_refused_with_the_assets_it_is_too_early_for() -> None:
    with pytest.raises(DataError) as refused:
        as_chosen(asked_for(["clean_inspections", "predictions"], [NEWEST, UNDER_WAY]), store())

    assert str(refused.value) == (
        f"{UNDER_WAY} is too early for predictions: choose weeks up to {NEWEST}, or leave these assets out. "
        "Nothing was launched."
    )


def test_a_week_without_a_queue_yet_is_refused() -> None:
    with pytest.raises(DataError, match=f"too far ahead: the last one with a queue is {NEWEST}"):
        as_chosen(asked_for(["inspection_queue"], [UNDER_WAY]), store(today=TODAY - WEEK * 2))


@pytest.mark.parametrize(
    ("assets", "missing", "said"),
    [
        (
            ["inspection_queue"],
            {"champions": PUBLISHED[:3]},
            f"inspection_queue cannot be made for 3 of these weeks, {PUBLISHED[0]} to {PUBLISHED[2]}: no model serves "
            f"them. Train earlier, or choose other weeks, such as {PUBLISHED[3]} to {NEWEST}. Nothing was launched.",
        ),
        (
            ["predictions", "api_predictions"],
            {"inspection_features": [NEWEST]},
            f"predictions cannot be made for 1 of these weeks, {NEWEST}: they have no accepted inspection_features. "
            f"Choose inspection_features as well, or choose other weeks, such as {PUBLISHED[0]} to {NEWEST - WEEK}. "
            "Nothing was launched.",
        ),
    ],
)
def test_what_a_week_lacks_is_told_before_anything_runs(
    assets: list[str], missing: dict[str, list[date]], said: str
) -> None:
    with pytest.raises(DataError) as refused:
        as_chosen(asked_for(assets, PUBLISHED), store(**missing))

    assert str(refused.value) == said


def test_what_is_made_in_the_same_backfill_need_not_be_there() -> None:
    lacking = store(champions=PUBLISHED, clean_inspections=PUBLISHED, inspection_features=PUBLISHED)
    weeks = [NEWEST - WEEK, NEWEST]

    assert set(weeks_of(as_chosen(asked_for(ALL, weeks), lacking))) == set(ALL)
    with pytest.raises(DataError, match="clean_inspections cannot be made"):
        as_chosen(asked_for(["clean_inspections", "inspection_features"], weeks), store(raw_inspections=weeks))


def test_what_no_run_makes_is_refused() -> None:
    with pytest.raises(DataError, match="plan_decisions is made by no run: leave it out"):
        as_chosen(asked_for(["inspection_plan", "plan_decisions"], [NEWEST]), store())


def test_models_of_many_cutoffs_are_refused() -> None:
    weeks = [NEWEST - WEEK * number for number in range(MOST_CUTOFFS, -1, -1)]
    with pytest.raises(DataError, match=f"for each of {MOST_CUTOFFS + 1} weeks: leave group:training out") as refused:
        as_chosen(asked_for(["raw_inspections", "xgboost_model"], weeks), store())

    assert "xgboost_model" in str(refused.value)
    assert "raw_inspections" not in str(refused.value)


def test_what_another_backfill_left_is_taken_up_as_it_was_left() -> None:
    left = asked_for(ALL, [NEWEST - WEEK, NEWEST])._replace(tags={"dagster/parent_backfill_id": "other"})

    assert as_chosen(left, store()) is left


def test_a_backfill_of_a_job_is_let_be() -> None:
    of_a_job = asked_for(ALL, [NEWEST - WEEK, NEWEST])._replace(asset_backfill_data=None, partition_names=[str(NEWEST)])

    assert as_chosen(of_a_job, store()) is of_a_job


def test_nothing_is_launched_as_out_of_date_while_a_backfill_is_at_work() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        backfill = as_chosen(asked_for(ALL, [NEWEST - WEEK, NEWEST]), store())
        assert backfill_at_work(instance) is None
        instance.add_backfill(backfill)
        assert backfill_at_work(instance) == "chosen"
        instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
        assert backfill_at_work(instance) is None


@pytest.mark.parametrize("is_cut", [True, False])
def test_where_storage_cuts_no_backfill_its_first_step_refuses_what_was_not_chosen(is_cut: bool) -> None:
    made = []

    @weekly_asset(group="ingestion", io_manager="nowhere")
    def raw_inspections(context: dg.AssetExecutionContext) -> Output:
        made.append(context.partition_key)
        return Output()

    defs = dg.Definitions([raw_inspections], resources={"nowhere": dg.mem_io_manager}, executor=dg.in_process_executor)
    backfill = asked_for(["inspection_features", "xgboost_model"], [NEWEST])
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_backfill(as_chosen(backfill, store()) if is_cut else backfill)
        result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            partition_key=str(NEWEST),
            tags={"dagster/backfill": "chosen"},
            raise_on_error=False,
        )

    assert made == ([str(NEWEST)] if is_cut else [])
    failures = [event.step_failure_data.error for event in result.filter_events(lambda event: event.is_step_failure)]
    said = [str(error.cause.message) for error in failures]
    assert is_cut or "reaches other weeks than those chosen of xgboost_model" in said[0]
    assert result.success == is_cut
