"""What a real MLflow store in SQLite holds after candidates were accepted and decisions made."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from food_inspections.domain.learning import training
from food_inspections.domain.learning.training import Candidate
from food_inspections.settings import Settings
from food_inspections.storage.models import decisions
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse
from food_inspections.tracking import experiments
from food_inspections.tracking import mlflow_log as tracking
from food_inspections_tests.orchestration.test_contest import CUTOFF, RECIPE, features, keep, reign

__all__ = ["features"]


@pytest.fixture(scope="module")
def mlflow_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("mlflow")
    url = f"sqlite:///{folder}/mlflow.db"
    with tracking._client(url) as client:
        client.create_experiment(tracking.EXPERIMENT, artifact_location=(folder / "artifacts").as_uri())
    return url


@pytest.fixture
def warehouse(settings: Settings, mlflow_url: str) -> Iterator[Warehouse]:
    opened = Warehouse(replace(settings, mlflow_url=mlflow_url))
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="module")
def candidate(features: pd.DataFrame) -> Candidate:
    return training.fit_candidate(features, RECIPE, "fail", CUTOFF)


def runs(url: str, role: str) -> list[dict[str, object]]:
    with tracking._client(url) as client:
        experiment = client.get_experiment_by_name(tracking.EXPERIMENT)
        found = client.search_runs([experiment.experiment_id], f"tags.role = '{role}'")
        return [
            {
                "model_id": run.data.tags["model_id"],
                "metrics": run.data.metrics,
                "params": run.data.params,
                "files": {file.path for file in client.list_artifacts(run.info.run_id)},
            }
            for run in found
        ]


def alias(url: str) -> tuple[str, str]:
    """The version that carries the alias, and the model it is."""
    with tracking._client(url) as client:
        version = client.get_model_version_by_alias("food-inspections-fail", "champion")
        return str(version.version), version.tags["model_id"]


def test_an_accepted_candidate_is_logged_once_with_what_speaks_for_it(
    warehouse: Warehouse, mlflow_url: str, candidate: Candidate
) -> None:
    stored = keep(warehouse, candidate)
    with warehouse.snapshot() as connection:
        accepted = records.latest(connection, f"{RECIPE}_model", [CUTOFF])

    experiments.track_candidates(warehouse, accepted)
    experiments.track_candidates(warehouse, accepted)

    (run,) = runs(mlflow_url, "candidate")
    assert run["model_id"] == stored.model_id
    assert run["metrics"] == {name: value for name, value in candidate.metrics.items() if value is not None}
    assert run["params"].items() >= {"recipe": RECIPE, "cutoff": str(CUTOFF), "seed": "0"}.items()
    assert run["files"] == {"model.skops", "calibration.png"}


def test_the_alias_follows_the_decisions_and_no_model_is_registered_twice(
    warehouse: Warehouse, mlflow_url: str, features: pd.DataFrame
) -> None:
    experiments.track_champion(warehouse, "fail")
    assert runs(mlflow_url, "champion") == [], "nobody reigns yet"

    first = reign(warehouse, features, CUTOFF - timedelta(weeks=2))
    warehouse.objects.put(f"selected_model/{CUTOFF - timedelta(weeks=2)}/beeswarm.png", b"\x89PNG")
    experiments.track_champion(warehouse, "fail")
    version, model_id = alias(mlflow_url)
    assert model_id == first
    (run,) = runs(mlflow_url, "champion")
    assert run["files"] == {"model.skops", "calibration.png", "beeswarm.png"}

    second = reign(warehouse, features, CUTOFF)
    experiments.track_champion(warehouse, "fail")
    assert alias(mlflow_url)[1] == second

    with warehouse.transaction() as connection:
        before = decisions.predecessor(connection, CUTOFF, "fail")
        decisions.decide_by_hand(connection, before, CUTOFF, "a person", "worse in life")
    experiments.track_champion(warehouse, "fail")
    assert alias(mlflow_url) == (version, first)
    assert len(runs(mlflow_url, "champion")) == 2


def test_without_an_address_nothing_is_read_or_logged(settings: Settings) -> None:
    class Untouched(Warehouse):
        def snapshot(self) -> None:  # type: ignore[override]
            raise AssertionError("the database was read")

    untouched = Untouched(settings)
    experiments.track_candidates(untouched, [records_row()])
    experiments.track_champion(untouched, "fail")


def records_row() -> records.Recorded:
    fields = dict.fromkeys(records.Recorded.__dataclass_fields__)
    return records.Recorded(**{**fields, "week": date(2025, 1, 6), "content_hash": "hash"})
