"""One code location, of one name, wherever it is declared and whoever starts a run."""

import tomllib
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
import yaml

from food_inspections.cli import up
from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.instance.launch import run_job

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("page", ["workspace.yaml", "deploy/compose/workspace.yaml"])
def test_workspaces_name_the_location_as_runs_do(page: str) -> None:
    (loaded,) = yaml.safe_load((ROOT / page).read_text())["load_from"]

    assert [location["location_name"] for location in loaded.values()] == [run_tags.LOCATION]


def test_up_names_the_location_as_runs_do(tmp_path: Path) -> None:
    up._services(3000, 8000, 8050, tmp_path, tmp_path / "log")

    (loaded,) = yaml.safe_load((tmp_path / "workspace.yaml").read_text())["load_from"]
    assert loaded["grpc_server"]["location_name"] == run_tags.LOCATION


def test_the_projects_own_tools_name_the_location_as_runs_do() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]

    assert project["code_location_name"] == run_tags.LOCATION


def test_a_run_of_the_command_line_belongs_to_the_location() -> None:
    weeks = dg.WeeklyPartitionsDefinition("2025-01-06", day_offset=1)

    @dg.asset(partitions_def=weeks)
    def asset() -> None: ...

    defs = dg.Definitions([asset], jobs=[dg.define_asset_job("job", "asset")], executor=dg.in_process_executor)
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.get_run_by_id(run_job(defs, instance, "job", date(2025, 1, 6)))

    assert run is not None
    assert run.tags[run_tags.CODE_LOCATION] == "food_inspections"
    # As Dagster labels what is started in the UI: repository and location.
    assert run.tags[run_tags.REPOSITORY] == f"{defs.get_repository_def().name}@food_inspections"
