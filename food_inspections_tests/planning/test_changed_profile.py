"""What a change of the city's profile makes stale: clean rows, features, and the model that learnt from others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from food_inspections.planning import State, Target, make_plan
from food_inspections.planning.graph import Graph
from food_inspections_tests.planning.test_planner import (
    FIRST,
    GRAPH,
    HISTORY,
    NEWEST,
    SETTINGS,
    champion,
    plan_for,
    runs_of,
    settled,
)

NOW: Mapping[str, object] = {**SETTINGS, "profile": "now", "wording": "words"}
PREPARED = ("clean_inspections", "inspection_features")
OF_PROFILE = {
    **dict.fromkeys([*PREPARED, "establishment_features"], "profile"),
    **dict.fromkeys(["predictions", "inspection_queue"], "wording"),
}
NODES = tuple(
    replace(node, settings=(*node.settings, OF_PROFILE[node.asset])) if node.asset in OF_PROFILE else node
    for node in GRAPH.nodes
)


def made(learnt_by: str | None = "now") -> State:
    """Everything about the newest week, by the profile of now, but for the model perhaps."""
    seen = replace(settled(), graph=Graph(NODES), settings=NOW)
    rows = {asset: dict(of_asset) for asset, of_asset in seen.records.items()}
    for node in NODES:
        weeks = list(rows.get(node.asset, {}))
        hashes = replace(seen, records=rows).upstream_hashes(node.asset, weeks)
        rows |= {node.asset: {week: replace(rows[node.asset][week], upstream_hash=hashes[week]) for week in weeks}}
    served = {week: replace(champion(FIRST), profile=learnt_by) for week in seen.champions}
    return replace(seen, records={asset: found for asset, found in rows.items() if found}, champions=served)


def test_a_profile_that_stays_makes_nothing_stale() -> None:
    assert plan_for(made()).is_up_to_date
    assert plan_for(made(learnt_by=None)).is_up_to_date, "a model of an older program is believed"


def test_another_profile_makes_clean_rows_and_features_of_the_whole_history_stale() -> None:
    seen = replace(made(), settings={**NOW, "profile": "another"})

    plan = make_plan(seen, replace(Target.of_automation(seen), queue_weeks=()))

    (assets, *weeks), *_ = runs_of(plan)
    assert (assets[:2], weeks) == (PREPARED, [HISTORY[0], NEWEST])
    assert plan.stale["clean_inspections"] == dict.fromkeys(HISTORY, "what it is made from has changed")
    assert plan.cutoff is None, "the schedule decides on models"


def test_another_profile_asks_for_another_model_once() -> None:
    seen = made(learnt_by="before")

    plan = plan_for(seen)

    assert plan.cutoff == NEWEST
    (training,) = [run for run in plan.runs if "selected_model" in run.assets]
    assert training.reason == f"the model of {FIRST} was learnt before the city's profile was changed"
    renewed = {week: replace(model, profile="now") for week, model in seen.champions.items()}
    assert plan_for(replace(seen, champions=renewed)).is_up_to_date


def test_a_model_is_kept_where_a_portal_has_stopped() -> None:
    seen = made(learnt_by="before")
    rows = dict(seen.records)
    rows["raw_inspections"] = {week: replace(record, row_count=0) for week, record in rows["raw_inspections"].items()}
    old = date(2024, 9, 2)
    rows["raw_inspections"][old] = replace(rows["raw_inspections"][NEWEST], row_count=9)

    plan = plan_for(replace(seen, records=rows))

    assert plan.cutoff is None
    assert plan.notes[0].startswith(f"the model of {FIRST} was learnt before the city's profile was changed and serves")


def test_other_words_are_written_into_the_reasons_and_nothing_else() -> None:
    seen = replace(made(), settings={**NOW, "wording": "other words"})

    stale = {name for name, weeks in plan_for(seen).stale.items() if weeks}

    assert stale == {"predictions", "api_predictions"}, "a published queue is history"
