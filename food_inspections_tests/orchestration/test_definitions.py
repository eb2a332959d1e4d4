"""What a reviewer of the graph cares about, spelt out: names, groups, what is made from what, what is checked."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap

from food_inspections.domain.evaluation.metrics import METRICS
from food_inspections.orchestration.assets import ALL_ASSETS
from food_inspections.orchestration.assets.selected_model import SelectionConfig
from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.partitions import EVER, WEEKS
from food_inspections.settings import Settings
from food_inspections.storage.postgres.schema import tables

EXPECTED = {
    "raw_inspections": ("ingestion", {}),
    "clean_inspections": ("preparation", {"raw_inspections": (0, 0)}),
    "inspection_features": ("preparation", {"clean_inspections": (EVER, 0)}),
    "establishment_features": ("preparation", {"clean_inspections": (EVER, -1)}),
    "xgboost_model": ("training", {"inspection_features": (EVER, -1)}),
    "knn_model": ("training", {"inspection_features": (EVER, -1)}),
    "logistic_regression_model": ("training", {"inspection_features": (EVER, -1)}),
    "blend_model": ("training", {"inspection_features": (EVER, -1)}),
    "selected_model": (
        "training",
        {
            "inspection_features": (EVER, -1),
            "xgboost_model": (0, 0),
            "knn_model": (0, 0),
            "logistic_regression_model": (0, 0),
            "blend_model": (0, 0),
        },
    ),
    "bias_report": ("training", {"selected_model": (0, 0)}),
    "predictions": (
        "prediction",
        {"inspection_features": (0, 0), "selected_model": (EVER, 0), "clean_inspections": (0, 0)},
    ),
    "inspection_queue": (
        "prediction",
        {
            "establishment_features": (0, 0),
            "selected_model": (EVER, 0),
            "clean_inspections": (EVER, -1),
            "plan_decisions": (EVER, -1),
        },
    ),
    "api_predictions": ("prediction", {"predictions": (0, 0)}),
    "api_inspection_queue": ("prediction", {"inspection_queue": (0, 0)}),
    "inspection_plan": ("prediction", {"api_inspection_queue": (0, 0), "clean_inspections": (-157, -1)}),
    "score_distributions": ("monitoring", {"predictions": (0, 0), "selected_model": (EVER, 0)}),
    "drift_report": (
        "monitoring",
        {"predictions": (-3, 0), "inspection_features": (EVER, 0), "selected_model": (EVER, 0)},
    ),
    "drift_page": (
        "reports",
        {
            "drift_report": (0, 0),
            "predictions": (-3, 0),
            "inspection_features": (EVER, 0),
            "selected_model": (EVER, 0),
        },
    ),
    "queue_performance": (
        "monitoring",
        {
            "predictions": (0, 0),
            "clean_inspections": (0, 0),
            "api_inspection_queue": (0, 0),
            "establishment_features": (0, 0),
            "plan_decisions": (0, 0),
            "selected_model": (EVER, 0),
        },
    ),
}


def specs() -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for asset in ALL_ASSETS for spec in asset.specs}


def reach(dep: dg.AssetDep) -> tuple[int, int]:
    mapping = dep.partition_mapping
    assert isinstance(mapping, dg.TimeWindowPartitionMapping)
    return mapping.start_offset, mapping.end_offset


def test_the_graph_is_the_one_the_design_names() -> None:
    found = {
        name: (spec.group_name, {dep.asset_key.to_user_string(): reach(dep) for dep in spec.deps})
        for name, spec in specs().items()
    }
    assert found == EXPECTED


def test_what_people_make_is_shown_and_never_made_by_a_run(settings: Settings) -> None:
    graph = build_defs(settings).resolve_asset_graph()
    shown = {key.to_user_string() for key in graph.get_all_asset_keys()}
    made = {key.to_user_string() for key in graph.materializable_asset_keys}
    assert shown - made == {"plan_decisions"}
    assert made == set(EXPECTED)


def test_no_asset_reaches_a_later_week() -> None:
    reaches = [reach(dep) for spec in specs().values() for dep in spec.deps]
    assert reaches
    assert max(end for _, end in reaches) == 0


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_asset_says_what_it_is_and_whose(name: str) -> None:
    spec = specs()[name]
    assert spec.description
    assert spec.owners == ["team:food-inspections"]
    assert spec.kinds
    assert spec.code_version
    assert spec.partitions_def == WEEKS


def test_ranges_are_one_run_for_all_but_the_models() -> None:
    single = {
        asset.key.to_user_string() for asset in ALL_ASSETS if asset.backfill_policy == dg.BackfillPolicy.single_run()
    }
    assert set(EXPECTED) - single == {name for name, (group, _) in EXPECTED.items() if group == "training"}


def test_tables_show_their_columns_with_the_comments_of_sql() -> None:
    metadata = specs()["predictions"].metadata
    shown = {column.name: column.description for column in metadata["dagster/column_schema"].columns}
    declared = {column.name: column.comment for column in tables()["data.predictions"].columns}
    assert shown == declared
    assert all(shown.values())


def test_every_asset_has_blocking_checks(settings: Settings) -> None:
    graph = build_defs(settings).resolve_asset_graph()
    checked = {key.asset_key.to_user_string() for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    assert checked == set(EXPECTED)


def test_selection_strings_are_understood(settings: Settings) -> None:
    graph = build_defs(settings).resolve_asset_graph()
    chosen = dg.AssetSelection.from_string("key:raw_inspections or group:training").resolve(graph)
    assert {key.to_user_string() for key in chosen} == {
        "raw_inspections",
        *(name for name, (group, _) in EXPECTED.items() if group == "training"),
    }


def test_weeks_begin_on_mondays_and_reach_to_the_coming_one() -> None:
    assert WEEKS.get_first_partition_key() == "2010-01-04"
    keys = WEEKS.get_partition_keys()
    assert len(keys) > 800
    assert WEEKS.end_offset == 2


def test_a_metric_can_be_chosen_by_each_of_its_names() -> None:
    assert set(get_args(SelectionConfig.model_fields["metric"].annotation)) == set(METRICS)


def test_a_candidate_shows_what_it_is_fitted_with() -> None:
    kinds = {name: specs()[name].kinds for name in ("xgboost_model", "knn_model", "blend_model")}
    assert kinds == {
        "xgboost_model": {"xgboost", "postgres"},
        "knn_model": {"scikitlearn", "postgres"},
        "blend_model": {"scikitlearn", "xgboost", "postgres"},
    }


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_asset_leads_to_its_code(name: str) -> None:
    (reference,) = specs()[name].metadata["dagster/code_references"].code_references
    lines = Path(reference.file_path).read_text().splitlines()
    body = next(line for line in lines[reference.line_number - 1 :] if line.strip().startswith("def "))
    assert f"def {name}(" in body or "def fit(" in body


@pytest.mark.parametrize(
    ("name", "upstream", "given_on_writing"),
    [
        ("api_predictions", "predictions", {"published_at"}),
        ("api_inspection_queue", "inspection_queue", {"published_at", "version"}),
    ],
)
def test_published_columns_lead_to_those_they_are_copied_from(
    name: str, upstream: str, given_on_writing: set[str]
) -> None:
    metadata = specs()[name].metadata
    lineage = metadata["dagster/column_lineage"].deps_by_column
    assert {column.name for column in metadata["dagster/column_schema"].columns} - set(lineage) == given_on_writing
    for column, sources in lineage.items():
        assert sources == [dg.TableColumnDep(asset_key=dg.AssetKey(upstream), column_name=column)]


@pytest.mark.filterwarnings("ignore:Property `ScheduleDefinition.environment_vars`:DeprecationWarning")
def test_the_ui_shows_where_things_are_kept_and_no_secret(settings: Settings) -> None:
    secret = replace(
        settings,
        database_url="postgresql://someone:hidden1@nowhere/food",
        portal_url="https://user:hidden2@portal.example",
        app_token="hidden3",
    )
    shown = {
        resource.name: resource
        for resource in RepositorySnap.from_def(build_defs(secret).get_repository_def()).resources
    }
    assert shown["warehouse"].configured_values["database"] == '"postgresql://someone:***@nowhere/food"'
    assert shown["portal"].configured_values["url"] == '"https://user:***@portal.example"'
    assert not any("hidden" in str(resource) for resource in shown.values())
    managers = ("parquet_weeks", "postgres_weeks", "queue_publications", "candidates", "selections")
    assert all(shown[name].nested_resources["warehouse"].name == "Warehouse" for name in managers)
