"""The rules of what is out of date, on made-up records: no database, no Dagster."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from food_inspections.planning import RunPlan, State, Target, make_plan
from food_inspections.planning.graph import EVER, Dependency, Graph, Node
from food_inspections.planning.planner import LARGEST_RANGE
from food_inspections.planning.state import Record, ServingModel
from food_inspections_tests.chicago import CALENDAR

WEEK = timedelta(weeks=1)
FIRST = date(2025, 1, 6)
NEWEST = FIRST + WEEK * 3
UNDER_WAY = NEWEST + WEEK
COMING = NEWEST + WEEK * 2
CHAMPION = Dependency("selected_model", EVER, 0)
GRAPH = Graph(
    (
        Node("raw_inspections", "ingestion", "1", ()),
        Node("clean_inspections", "preparation", "1", (Dependency("raw_inspections", 0, 0),)),
        Node("establishment_features", "preparation", "1", (Dependency("clean_inspections", EVER, -1),)),
        Node("inspection_features", "preparation", "1", (Dependency("clean_inspections", EVER, 0),), ("lag_days",)),
        Node("xgboost_model", "training", "1", (Dependency("inspection_features", EVER, -1),)),
        Node("selected_model", "training", "1", (Dependency("xgboost_model", 0, 0),)),
        Node("inspection_queue", "prediction", "1", (Dependency("establishment_features", 0, 0), CHAMPION)),
        Node("predictions", "prediction", "1", (Dependency("inspection_features", 0, 0), CHAMPION)),
        Node("api_inspection_queue", "prediction", "1", (Dependency("inspection_queue", 0, 0),)),
        Node("api_predictions", "prediction", "1", (Dependency("predictions", 0, 0),)),
    )
)
SETTINGS = {"label": "fail", "lag_days": 0}
HISTORY = [FIRST + WEEK * number for number in range(4)]
FORECAST = ("predictions", "api_predictions", "establishment_features", "inspection_queue", "api_inspection_queue")


def row(content: str, upstream: str = "", **changes: Any) -> Record:
    made = Record("accepted", "run", "1", content, upstream, datetime(2025, 3, 1, tzinfo=UTC))
    return replace(made, **changes)


def champion(since: date, model: str = "model") -> ServingModel:
    return ServingModel(model, since)


def state(rows: Mapping[str, Mapping[date, Record]], since: date | None = FIRST, **changes: Any) -> State:
    served = {week: champion(since) for week in (*HISTORY, UNDER_WAY, COMING) if since and week >= since}
    made = State(GRAPH, rows, served, frozenset(), SETTINGS, 4, UNDER_WAY + timedelta(days=1), CALENDAR)
    return replace(made, **changes)


def settled(**changes: Any) -> State:
    """Everything about the newest week made from what is there now."""
    rows: dict[str, dict[date, Record]] = {"raw_inspections": {week: row(f"raw {week}") for week in HISTORY}}
    for asset in ("clean_inspections", "inspection_features", *FORECAST):
        weeks = HISTORY if asset in ("clean_inspections", "inspection_features") else [NEWEST]
        hashes = state(rows).upstream_hashes(asset, weeks)
        rows[asset] = {week: row(f"{asset} {week}", hashes[week]) for week in weeks}
    return state(rows, **changes)


def changed(before: State, asset: str, week: date, **changes: Any) -> State:
    """The same with one record changed; ``None`` as status takes it away."""
    rows = {name: dict(of_asset) for name, of_asset in before.records.items()}
    if changes.get("status", "") is None:
        del rows[asset][week]
    else:
        rows[asset][week] = replace(rows[asset][week], **changes)
    return replace(before, records=rows)


def plan_for(seen: State, *weeks: date, is_forced: bool = False) -> RunPlan:
    return make_plan(seen, Target.of_weeks(seen, weeks or (NEWEST,), is_forced=is_forced, history_from=None))


def runs_of(plan: RunPlan) -> list[tuple[tuple[str, ...], date, date]]:
    return [(run.assets, run.first, run.last) for run in plan.runs]


def test_a_week_that_is_whole_and_unchanged_needs_nothing() -> None:
    plan = plan_for(settled())
    assert plan.is_up_to_date
    assert plan.runs == []
    assert plan.notes == []


def test_a_missing_week_is_carried_through_in_one_run() -> None:
    rows = {
        asset: {week: each for week, each in of_asset.items() if week != NEWEST}
        for asset, of_asset in settled().records.items()
    }
    seen = replace(settled(), records=rows)
    assert runs_of(plan_for(seen)) == [
        (tuple(node.asset for node in GRAPH.nodes if node.group != "training"), NEWEST, NEWEST)
    ]


def test_a_changed_week_makes_stale_its_own_rows_first_and_the_rest_by_what_they_turn_out_to_be() -> None:
    old = FIRST + WEEK
    seen = changed(settled(), "raw_inspections", old, content_hash="other")
    plan = plan_for(seen)
    assert runs_of(plan) == [(("clean_inspections",), old, old)]
    assert plan.stale["inspection_features"] == {NEWEST: "clean_inspections is made first"}
    assert plan.stale["predictions"] == {NEWEST: "inspection_features is made first"}


def test_features_of_the_week_and_later_ones_follow_a_changed_content() -> None:
    old = FIRST + WEEK
    seen = changed(settled(), "clean_inspections", old, content_hash="other")
    target = replace(Target.of_automation(seen), queue_weeks=())
    assert runs_of(make_plan(seen, target)) == [(("inspection_features",), old, NEWEST)]
    assert runs_of(plan_for(seen)) == [(("inspection_features", "predictions", "api_predictions"), NEWEST, NEWEST)], (
        "only what the asked week needs"
    )


def test_features_that_came_out_the_same_make_nothing_stale() -> None:
    seen = settled()
    again = changed(seen, "inspection_features", NEWEST, run_id="another run")
    assert plan_for(again).is_up_to_date


def test_a_new_champion_makes_its_weeks_predictions_stale_but_no_published_queue() -> None:
    seen = settled()
    seen = replace(seen, champions={week: champion(FIRST, "new model") for week in seen.champions})
    assert runs_of(plan_for(seen)) == [(("predictions", "api_predictions"), NEWEST, NEWEST)]


def test_a_new_code_version_makes_an_asset_stale() -> None:
    nodes = tuple(replace(node, code_version="2") if node.asset == "predictions" else node for node in GRAPH.nodes)
    seen = replace(settled(), graph=Graph(nodes))
    (run,) = plan_for(seen).runs
    assert run.assets == ("predictions", "api_predictions")
    assert run.reason == "made by version 1 of its code, now 2"


def test_features_of_an_earlier_version_are_made_again_for_every_week_that_has_them() -> None:
    nodes = tuple(
        replace(node, code_version="2") if node.asset == "inspection_features" else node for node in GRAPH.nodes
    )
    seen = replace(settled(), graph=Graph(nodes))
    first, *_ = plan_for(seen).runs
    assert (first.assets, first.first, first.last) == (("inspection_features",), FIRST, NEWEST)
    assert first.reason == "made by version 1 of its code, now 2"


def test_models_never_become_stale() -> None:
    seen = settled()
    rows = dict(seen.records) | {"selected_model": {FIRST: row("model", "made from something else")}}
    assert plan_for(replace(seen, records=rows)).is_up_to_date


def test_a_week_without_a_champion_is_trained_for_before_it_is_forecast() -> None:
    seen = settled(since=None)
    for asset in FORECAST:
        seen = changed(seen, asset, NEWEST, status=None)
    plan = plan_for(seen)
    assert runs_of(plan) == [(("xgboost_model", "selected_model"), NEWEST, NEWEST)]
    assert plan.runs[0].reason == f"no model serves {NEWEST}"


def history_of(weeks: int, rows_a_week: int) -> State:
    """A history of so many weeks, prepared and never forecast, that ends with the newest week."""
    history = [NEWEST - WEEK * ago for ago in range(weeks - 1, -1, -1)]
    rows: dict[str, dict[date, Record]] = {"raw_inspections": {week: row(f"raw {week}") for week in history}}
    for asset in ("clean_inspections", "inspection_features"):
        hashes = state(rows, None).upstream_hashes(asset, history)
        rows[asset] = {week: row(f"{asset} {week}", hashes[week], row_count=rows_a_week) for week in history}
    return state(rows, None)


@pytest.mark.parametrize(("rows_a_week", "first"), [(60, NEWEST - WEEK * 5), (30, NEWEST - WEEK)])
def test_weeks_with_too_little_history_for_a_model_are_said_and_left_out(rows_a_week: int, first: date) -> None:
    seen = history_of(10, rows_a_week)
    plan = plan_for(seen, *seen.records["raw_inspections"])
    assert plan.cutoff == first
    begin = NEWEST - WEEK * 9
    (note,) = plan.notes
    more = (first - WEEK - begin) // WEEK
    period = f"{begin} and {more} more up to {first - WEEK}"
    assert note == f"no forecast of {period}: too little history before it to learn a model from"


def test_where_no_week_asked_for_has_enough_history_the_training_says_why() -> None:
    plan = plan_for(history_of(3, 60), NEWEST - WEEK, NEWEST)
    assert plan.cutoff == NEWEST - WEEK


@pytest.mark.parametrize(("since", "is_due"), [(NEWEST - WEEK * 4, True), (NEWEST - WEEK * 3, False)])
def test_a_new_week_is_trained_for_where_the_interval_has_passed(since: date, is_due: bool) -> None:
    seen = settled(since=since)
    for asset in FORECAST:
        seen = changed(seen, asset, NEWEST, status=None)
    assert (plan_for(seen).cutoff == NEWEST) == is_due


def test_an_old_model_is_no_reason_to_forecast_a_week_again() -> None:
    assert plan_for(settled(since=NEWEST - WEEK * 20)).is_up_to_date


def test_a_rejected_week_is_made_again_for_a_person_and_left_alone_by_the_automation() -> None:
    seen = changed(settled(since=NEWEST), "predictions", NEWEST, status="rejected")
    (run,) = plan_for(seen).runs
    assert (run.assets[0], run.reason) == ("predictions", "rejected before")
    assert not make_plan(seen, replace(Target.of_automation(seen), queue_weeks=())).runs


def test_a_week_left_unfinished_by_a_dead_run_is_made_again() -> None:
    seen = changed(settled(), "predictions", NEWEST, status="pending", run_id="dead")
    assert [run.reason for run in plan_for(seen).runs] == ["left unfinished"]


def test_a_week_under_way_in_another_run_is_waited_for_and_said() -> None:
    seen = changed(
        settled(active_runs=frozenset({"alive"})), "clean_inspections", NEWEST, status="pending", run_id="alive"
    )
    plan = plan_for(seen)
    assert plan.runs == []
    assert not plan.is_up_to_date
    assert f"clean_inspections of {NEWEST}: being made by run alive" in plan.notes


def test_a_week_written_again_and_rejected_makes_nothing_stale_until_it_is_mended() -> None:
    later = datetime(2025, 3, 2, tzinfo=UTC)
    seen = changed(settled(since=NEWEST), "clean_inspections", FIRST, status="rejected", created_at=later)
    plan = make_plan(seen, replace(Target.of_automation(seen), queue_weeks=()))
    assert plan.runs == []
    assert f"clean_inspections of {FIRST}: rejected by its checks" in plan.notes


def test_a_week_pulled_while_it_was_under_way_is_pulled_again_once_it_is_over() -> None:
    sunday = datetime(2025, 2, 2, 12, tzinfo=UTC)
    seen = changed(settled(), "raw_inspections", NEWEST, created_at=sunday)
    (run,) = plan_for(seen).runs
    assert (run.assets, run.reason) == (("raw_inspections",), "pulled before the week was over")
    automatic = make_plan(seen, Target.of_automation(seen))
    assert "raw_inspections" not in {asset for run in automatic.runs for asset in run.assets}


def test_weeks_that_exchanged_inspections_are_cleaned_in_one_transaction() -> None:
    seen = settled()
    for week, other in ((FIRST, NEWEST), (NEWEST, FIRST)):
        seen = changed(seen, "raw_inspections", week, content_hash=f"moved {week}", moved_with=(other,))
    assert runs_of(plan_for(seen))[0] == (("clean_inspections",), FIRST, NEWEST)


def long_history(weeks: int) -> State:
    """So many weeks pulled and nothing made of them."""
    history = [NEWEST - WEEK * ago for ago in range(weeks - 1, -1, -1)]
    return state({"raw_inspections": {week: row(f"raw {week}") for week in history}}, None)


def test_changed_weeks_far_apart_are_one_range() -> None:
    seen = history_of(12, 60)
    weeks = sorted(seen.records["raw_inspections"])
    for week in (weeks[0], weeks[-1]):
        seen = changed(seen, "raw_inspections", week, content_hash="other")
    target = replace(Target.of_automation(seen), queue_weeks=(), forecast_weeks=(NEWEST,))
    assert runs_of(make_plan(seen, target))[0] == (
        ("clean_inspections", "inspection_features"), weeks[0], NEWEST
    ), "what follows has the same range"  # fmt: skip


def test_forecasts_far_apart_are_runs_of_their_own_and_close_ones_one() -> None:
    seen = history_of(12, 60)
    weeks = sorted(seen.records["raw_inspections"])
    seen = replace(seen, champions={week: champion(weeks[0]) for week in weeks}, retraining_weeks=99)
    hashes = seen.upstream_hashes("predictions", weeks)
    made = {week: row("score", hashes[week]) for week in weeks if week not in (weeks[0], weeks[2], weeks[11])}
    seen = replace(seen, records={**seen.records, "predictions": made})
    plan = make_plan(seen, Target(tuple(weeks), history_from=weeks[0]))
    found = [(first, last) for assets, first, last in runs_of(plan) if "predictions" in assets]
    assert found == [(weeks[0], weeks[2]), (weeks[11], weeks[11])]
    assert plan.stale["predictions"][weeks[1]] == "made along with its neighbours"


def test_a_long_range_is_cut_into_runs_that_fit_into_memory() -> None:
    seen = long_history(300)
    (run, *_) = make_plan(seen, Target.of_automation(seen)).runs
    assert run.assets == ("clean_inspections", "inspection_features")
    assert len(run.weeks) == LARGEST_RANGE


def test_weeks_that_exchanged_inspections_stay_together_however_far_apart() -> None:
    seen = long_history(300)
    first, last = (pick(seen.records["raw_inspections"]) for pick in (min, max))
    for week, other in ((first, last), (last, first)):
        seen = changed(seen, "raw_inspections", week, moved_with=(other,))
    (run, *_) = make_plan(seen, Target.of_automation(seen)).runs
    assert (run.assets[0], run.first, run.last) == ("clean_inspections", first, last)


def test_a_range_is_cut_at_weeks_that_cannot_be_made() -> None:
    seen = changed(long_history(9), "raw_inspections", NEWEST - WEEK * 4, status="rejected")
    found = runs_of(make_plan(seen, Target.of_automation(seen)))
    assert found[0] == (("clean_inspections", "inspection_features"), NEWEST - WEEK * 8, NEWEST - WEEK * 5)
    assert found[1] == (("clean_inspections",), NEWEST - WEEK * 3, NEWEST), "its features need those before"


def test_the_automation_makes_the_first_model_once_there_is_enough_history() -> None:
    long, short = history_of(33, 60), history_of(32, 60)
    assert make_plan(short, Target.of_automation(short)).cutoff is None
    plan = make_plan(long, Target.of_automation(long))
    assert runs_of(plan)[0] == (("xgboost_model", "selected_model"), NEWEST, NEWEST)


def test_force_makes_everything_of_the_week_again_but_no_model() -> None:
    plan = plan_for(settled(), is_forced=True)
    assert runs_of(plan) == [(tuple(node.asset for node in GRAPH.nodes if node.group != "training"), NEWEST, NEWEST)]
    target = Target.of_weeks(settled(), [NEWEST], is_forced=True, history_from=None)
    assert make_plan(settled(), target.without(plan.runs[0].assets, [NEWEST])).is_up_to_date


def test_the_coming_week_is_its_queue() -> None:
    plan = plan_for(settled(since=NEWEST), COMING)
    assert runs_of(plan) == [
        (("raw_inspections", "clean_inspections"), UNDER_WAY, UNDER_WAY),
    ], "what is known of the week under way comes first"


def test_the_automation_neither_pulls_nor_publishes_nor_trains() -> None:
    seen = settled(since=None)
    assets = {asset for run in make_plan(seen, Target.of_automation(seen)).runs for asset in run.assets}
    assert not assets & {"raw_inspections", "api_inspection_queue", "selected_model"}


def test_a_published_queue_asks_for_nothing_more() -> None:
    seen = settled(since=NEWEST)
    published = {"api_inspection_queue": {**seen.records["api_inspection_queue"], COMING: row("queue")}}
    plan = plan_for(replace(seen, records={**seen.records, **published}), COMING)
    assert (plan.runs, plan.cutoff) == ([], None), "not even what is known of the week under way"


@pytest.mark.parametrize("at_work", ["xgboost_model", "selected_model"])
def test_a_model_that_is_being_made_is_made_in_one_run_alone(at_work: str) -> None:
    seen = settled(since=None, active_runs=frozenset({"alive"}))
    for asset in FORECAST:
        seen = changed(seen, asset, NEWEST, status=None)
    of_training = {at_work: {NEWEST: row("model", status="pending", run_id="alive")}}
    plan = plan_for(replace(seen, records={**seen.records, **of_training}))
    assert not {"xgboost_model", "selected_model"} & {asset for run in plan.runs for asset in run.assets}
    assert plan.is_waiting


def test_the_automation_forecasts_the_newest_weeks_and_those_forecast_before_where_a_model_serves() -> None:
    weeks = [NEWEST - WEEK * ago for ago in range(30, -1, -1)]
    served = {week: champion(weeks[5]) for week in (*weeks[5:], UNDER_WAY, COMING)}
    before = {"predictions": {week: row("score") for week in (weeks[2], weeks[7], UNDER_WAY)}}
    target = Target.of_automation(state(before, champions=served))
    assert target.forecast_weeks == (weeks[7], *weeks[-12:])
    assert Target.of_automation(state({}, champions=served)).forecast_weeks == (*weeks[-12:],)


def test_a_week_whose_queue_was_never_published_is_judged_by_its_predictions() -> None:
    judged = (Dependency("predictions", 0, 0), Dependency("api_inspection_queue", 0, 0))
    graph = Graph((*GRAPH.nodes, Node("queue_performance", "monitoring", "1", judged)))
    seen = changed(settled(graph=graph), "api_inspection_queue", NEWEST, status=None)
    plan = make_plan(seen, replace(Target.of_automation(seen), forecast_weeks=(NEWEST,), queue_weeks=()))
    assert runs_of(plan) == [(("queue_performance",), NEWEST, NEWEST)]


def test_a_changed_setting_makes_out_of_date_what_depends_on_it_and_no_more() -> None:
    seen = settled(settings=SETTINGS | {"lag_days": 3})
    stale = make_plan(seen, Target.of_automation(seen)).stale
    assert sorted(stale["inspection_features"]) == HISTORY
    assert not stale["clean_inspections"]
    assert NEWEST not in stale["establishment_features"]


def test_the_automation_makes_the_coming_weeks_queue_and_leaves_its_publication_to_the_schedule() -> None:
    seen = settled()
    stale = make_plan(seen, Target.of_automation(seen)).stale
    assert list(stale["inspection_queue"]) == [COMING]
    assert list(stale["api_inspection_queue"]) == []
    asked = make_plan(seen, Target.of_weeks(seen, [COMING], is_forced=False, history_from=None)).stale
    assert list(asked["api_inspection_queue"]) == [COMING]


def test_where_the_portal_has_stopped_the_model_in_force_serves_on_and_that_is_said() -> None:
    long_ago = {week: row(f"raw {week}", row_count=9 if week == FIRST else 0) for week in HISTORY}
    later = NEWEST + WEEK * 8
    weeks = {later - WEEK * ago: row("empty") for ago in range(8)}
    found = state({"raw_inspections": long_ago | weeks}, today=later + WEEK + timedelta(days=1))
    stopped = replace(found, champions={later: champion(FIRST)})

    plan = make_plan(stopped, Target.of_weeks(stopped, [later], is_forced=False, history_from=FIRST))

    assert plan.cutoff is None
    assert plan.notes[0].startswith(f"the model of {FIRST} is 11 weeks old and serves on: there are no inspections")
    assert plan.notes[1].startswith(f"the newest inspections are of the week of {FIRST}: the portal may have stopped")
    assert later in plan.stale["inspection_queue"]
