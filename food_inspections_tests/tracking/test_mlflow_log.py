import subprocess
import sys
from dataclasses import replace

import pytest

from food_inspections.errors import StorageError
from food_inspections.tracking import mlflow_log as tracking
from food_inspections.tracking.mlflow_log import TrackedModel, log_candidate, log_champion

MODEL = TrackedModel(
    model_id="xgboost-fail-2014-09-01-abc",
    recipe="xgboost",
    label="fail",
    cutoff="2014-09-01",
    parameters={"max_depth": 3, "half_life_days": None, "seed": 0},
    metrics={"roc_auc": 0.68, "precision": None},
    content=b"a skops file",
    pictures={"calibration": b"\x89PNG"},
    search=(0.66, 0.65, 0.68),
)


@pytest.fixture(scope="module")
def mlflow_uri(tmp_path_factory):
    """A real MLflow store in SQLite, with its artifacts beside it."""
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{folder}/mlflow.db"
    with tracking._client(uri) as client:
        client.create_experiment(tracking.EXPERIMENT, artifact_location=(folder / "artifacts").as_uri())
    return uri


def test_candidate_is_logged_with_parameters_metrics_plots_and_file(mlflow_uri, tmp_path):
    run_id = log_candidate(mlflow_uri, MODEL)
    assert run_id is not None
    with tracking._client(mlflow_uri) as client:
        run = client.get_run(run_id)
        artifacts = {artifact.path for artifact in client.list_artifacts(run_id)}
        trials = client.get_metric_history(run_id, "search_mean_auc")
        path = client.download_artifacts(run_id, "model.skops", str(tmp_path))
    assert run.data.params["max_depth"] == "3"
    assert run.data.params["half_life_days"] == "null"
    assert run.data.params["cutoff"] == "2014-09-01"
    assert run.data.metrics == {"roc_auc": 0.68, "search_mean_auc": 0.68}
    assert [trial.value for trial in trials] == [0.66, 0.65, 0.68]
    assert run.data.tags["role"] == "candidate"
    assert run.info.status == "FINISHED"
    assert artifacts == {"model.skops", "calibration.png"}
    with open(path, "rb") as file:  # noqa: PTH123 - MLflow names it as text
        assert file.read() == b"a skops file"


def test_champion_carries_the_alias_and_hands_it_on(mlflow_uri):
    first = log_champion(mlflow_uri, MODEL, "the best")
    second = log_champion(mlflow_uri, replace(MODEL, model_id="knn-fail-2014-09-08-def"), "better by 0.01")
    assert first != second
    with tracking._client(mlflow_uri) as client:
        champion = client.get_model_version_by_alias("food-inspections-fail", "champion")
    assert str(champion.version) == second
    assert champion.tags["model_id"] == "knn-fail-2014-09-08-def"
    assert champion.description == "better by 0.01"


def test_without_an_address_nothing_is_imported():
    code = (
        "import sys; from food_inspections.tracking import mlflow_log as tracking; "
        "assert tracking.log_candidate(None, None) is None; assert tracking.log_champion(None, None, '') is None; "
        "assert 'mlflow' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


def test_refusal_names_the_address_and_what_to_do(tmp_path):
    with pytest.raises(StorageError, match=r"MLflow at gopher://x did not take .*unset MLFLOW_TRACKING_URI"):
        log_candidate("gopher://x", MODEL)


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(StorageError, match=r"pip install .*\[mlflow\]"):
        log_candidate("sqlite:///nowhere.db", MODEL)
