"""What an upgrade of Dagster may break: names that are not public, and tags written out."""

import importlib

import pytest

from food_inspections.orchestration.instance import run_tags
from food_inspections.storage.records import active_runs
from food_inspections_tests.test_architecture import PACKAGES, ROOT, imports

FILE = "food_inspections/orchestration/instance/dagster_private.py"
PRIVATE = sorted(module for module in imports(ROOT / FILE) if module.startswith("dagster"))


def is_private(module: str) -> bool:
    first, *rest = module.split(".")
    return first.startswith("dagster") and any(name.startswith("_") for name in rest)


@pytest.mark.parametrize("name", PRIVATE)
def test_dagster_still_has(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    try:
        found = hasattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError:
        found = False

    assert found, f"This version of Dagster has no {name}: look where it went, and mend {FILE}."


def test_no_other_file_of_the_program_imports_a_private_name_of_dagster() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {module}"
        for package in PACKAGES
        if package != "food_inspections_tests"
        for path in sorted((ROOT / package).rglob("*.py"))
        for module in imports(path, for_types=True)
        if is_private(module) and path != ROOT / FILE
    ]

    assert found == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (run_tags.CODE_LOCATION, "CODE_LOCATION_TAG"),
        (run_tags.REPOSITORY, "REPOSITORY_LABEL_TAG"),
        (run_tags.BACKFILL, "BACKFILL_ID_TAG"),
        (run_tags.PARENT_BACKFILL, "PARENT_BACKFILL_ID_TAG"),
        (run_tags.PARTITION, "PARTITION_NAME_TAG"),
        (run_tags.RANGE_START, "ASSET_PARTITION_RANGE_START_TAG"),
        (run_tags.RANGE_END, "ASSET_PARTITION_RANGE_END_TAG"),
        (active_runs.PARENT_RUN, "PARENT_RUN_ID_TAG"),
        (run_tags.AUTO_RETRY_RUN, "AUTO_RETRY_RUN_ID_TAG"),
        (run_tags.WILL_RETRY, "WILL_RETRY_TAG"),
        (run_tags.MAX_RUNTIME, "MAX_RUNTIME_SECONDS_TAG"),
    ],
)
def test_tags_are_dagsters(ours: str, theirs: str) -> None:
    tags = importlib.import_module("dagster._core.storage.tags")

    assert ours == getattr(tags, theirs), f"Dagster now writes {theirs} otherwise than {ours}."
