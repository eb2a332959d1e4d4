"""Dagster's own commands, in processes of their own: what they say of a launch that cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from food_inspections.domain.evaluation.metrics import METRICS
from food_inspections.environment import PREFIX
from food_inspections.orchestration.instance.launch_refusals import sentence
from food_inspections.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


def materialize(settings: Settings, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | {
        "DAGSTER_HOME": str(ROOT),
        f"{PREFIX}HOME": str(settings.home),
        f"{PREFIX}DATABASE_URL": settings.database_url or "",
        **variables,
    }
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "dagster",
        "asset",
        "materialize",
        "-m",
        "food_inspections.definitions",
    ]
    return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def test_a_misspelt_variable_is_named_in_one_line(settings: Settings) -> None:
    refused = materialize(
        settings, "--select", "raw_inspections", "--partition", "2018-01-01", FOOD_INSPECTIONS_LABLE="critical"
    )

    assert refused.returncode == 1
    assert refused.stderr == (
        "Error: The program reads no FOOD_INSPECTIONS_LABLE: did you mean FOOD_INSPECTIONS_LABEL? "
        ".env.example lists all of them.\n"
    )


def test_a_day_that_is_no_monday_is_named_in_one_line(settings: Settings) -> None:
    refused = materialize(settings, "--select", "raw_inspections", "--partition-range", "2018-01-01...2018-01-09")

    assert refused.returncode == 1
    assert refused.stderr == "Error: 2018-01-09 is no Monday: its week is 2018-01-08.\n"


def test_an_unknown_metric_is_named_in_one_line(settings: Settings) -> None:
    config = '{"ops": {"selected_model": {"config": {"metric": "auc"}}}}'
    refused = materialize(settings, "--select", "selected_model", "--partition", "2018-01-01", "--config-json", config)

    assert refused.returncode == 1
    assert refused.stderr == (
        "Error: The run config is refused: selected_model.config.metric is 'auc': "
        f"choose one of {', '.join(METRICS)}.\n"
    )


def test_an_asset_without_a_week_is_refused_in_one_line(settings: Settings) -> None:
    refused = materialize(settings, "--select", "raw_inspections")

    assert refused.returncode == 1
    assert refused.stderr == (
        "Error: Assets are made by the week: give --partition MONDAY, or --partition-range FIRST...LAST.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("raw_inspectons", "--partition", "2018-01-01"), "no AssetsDefinition objects supply these keys"),
        (("group:(", "--partition", "2018-01-01"), "name assets, such as 'predictions,group:training'."),
        (
            ("raw_inspections", "--partition-range", "2018-01-01..2018-01-08"),
            "--partition-range is written FIRST...LAST: two Mondays with three dots between.",
        ),
    ],
)
def test_other_arguments_that_cannot_be_read_are_refused_in_one_line(
    settings: Settings, arguments: tuple[str, ...], said: str
) -> None:
    refused = materialize(settings, "--select", *arguments)

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1
    assert said in refused.stderr


def test_a_range_that_goes_backwards_is_no_success(settings: Settings) -> None:
    refused = materialize(settings, "--select", "raw_inspections", "--partition-range", "2018-01-08...2018-01-01")

    assert refused.returncode == 1
    assert "The range has no week: give the earlier Monday first." in refused.stderr


@pytest.mark.parametrize("bug", [ZeroDivisionError("a bug"), KeyError("partition key `2018-01-02`")])
def test_a_bug_keeps_its_traceback(bug: Exception) -> None:
    assert sentence(bug) is None
