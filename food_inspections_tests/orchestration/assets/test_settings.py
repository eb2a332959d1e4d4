"""What a body takes from the settings decides on its content, so that a changed setting must make its weeks stale."""

import re
from collections.abc import Sequence

import dagster as dg
import pytest

from food_inspections.orchestration.assets import ALL_ASSETS
from food_inspections.orchestration.graph import node_of

# The label counts for every asset. The others say where rows come from, or what a model is chosen by: weeks that were
# pulled and models that were chosen stay.
ELSEWHERE = {"label", "portal_url", "dataset", "selection_margin"}

# How a week is planned: a plan that was handed out is never made again by itself.
ELSEWHERE_BY_ASSET = {
    # Made with the choice of a model, which stays.
    "bias_report": {"fairness"},
    "inspection_plan": {
        "inspectors_file", "travel_file", "travel_kmh", "street_factor", "visit_minutes", "area_floor", "must_share",
        "plan_score",
    }
}  # fmt: skip

# Parts of the city's profile count as settings: by what a body does with it.
PARTS_OF_THE_PROFILE = {
    "profile": r"\b(?:clean|build_\w+)\(.*profile\b",
    "wording": r"\bprofile\.wording\b",
    "fairness": r"\baudited_attributes\(",
}


def settings_read_by(asset: dg.AssetsDefinition) -> set[str]:
    (reference,) = next(iter(asset.metadata_by_key.values()))["dagster/code_references"].code_references
    with open(reference.file_path, encoding="utf-8") as file:  # noqa: PTH123 - a path Dagster keeps as text
        body = file.read()
    read = {*re.findall(r"\bsettings\.(\w+)", body)}
    read |= {part for part, use in PARTS_OF_THE_PROFILE.items() if re.search(use, body)}
    return read - ELSEWHERE - ELSEWHERE_BY_ASSET.get(asset.key.to_user_string(), set())


@pytest.mark.parametrize("asset", ALL_ASSETS, ids=lambda asset: asset.key.to_user_string())
def test_settings_that_a_body_reads_are_declared(asset: dg.AssetsDefinition) -> None:
    (spec,) = asset.specs
    assert set(node_of(spec).settings) == settings_read_by(asset)


def test_the_lag_the_length_of_the_list_and_the_profile_are_among_them() -> None:
    declared: dict[str, Sequence[str]] = {
        node.asset: node.settings for asset in ALL_ASSETS for spec in asset.specs if (node := node_of(spec)).settings
    }
    assert declared == {
        "clean_inspections": ("profile",),
        "establishment_features": ("knowledge_lag_days", "profile"),
        "inspection_features": ("knowledge_lag_days", "profile"),
        "predictions": ("wording",),
        "inspection_queue": ("weekly_capacity", "random_share", "wording"),
        "queue_performance": ("fairness",),
    }
