"""Experiment tracking with MLflow: only where ``MLFLOW_TRACKING_URI`` is set, and imported only then.

What is logged is a copy for people who compare experiments; the program itself never
reads it back. Its own record are the tables in the schema ``models``.
"""

import json
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from food_inspections.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

EXPERIMENT = "food-inspections"
CHAMPION_ALIAS = "champion"
MODEL_FILE = "model.skops"
SEARCHED = "search_mean_auc"
"""One step for every set of parameters that a search tried."""


@dataclass(frozen=True)
class TrackedModel:
    """What is logged of one model.

    Attributes:
        model_id: Name of the run.
        recipe, label, cutoff: What it is.
        parameters: Hyperparameters and seed.
        metrics: Validation metrics by name; those not defined are left out.
        content: The skops file.
        pictures: PNG bytes by name without ending.
        search: Mean AUC over the folds of every set of parameters tried, in order; empty without a search.
    """

    model_id: str
    recipe: str
    label: str
    cutoff: str
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    content: bytes
    pictures: Mapping[str, bytes]
    search: Sequence[float] = ()


def log_candidate(tracking_uri: str | None, model: TrackedModel) -> str | None:
    """Log a candidate as a run; one that is there already is not logged twice.

    Args:
        tracking_uri: Address of MLflow; ``None`` does nothing.
        model: What to log.

    Returns:
        The id of the run, or ``None`` where nothing is tracked.

    Raises:
        StorageError: MLflow is not installed, or refuses.
    """
    if tracking_uri is None:
        return None
    with _client(tracking_uri) as client:
        return _log_run(client, model, {"role": "candidate"})


def log_champion(tracking_uri: str | None, model: TrackedModel, reason: str) -> str | None:
    """Give the alias ``champion`` to a model; a new one is logged as a run and a version of the registered model.

    Args:
        tracking_uri: Address of MLflow; ``None`` does nothing.
        model: What to log.
        reason: Why it was selected.

    Returns:
        The version in the registry, or ``None`` where nothing is tracked.

    Raises:
        StorageError: MLflow is not installed, or refuses.
    """
    if tracking_uri is None:
        return None
    with _client(tracking_uri) as client:
        name = registered_name(model.label)
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name, description=f"Forecast of the label {model.label}.")
        known = client.search_model_versions(f"name = '{name}' and tag.model_id = '{model.model_id}'")
        version = str(known[0].version) if known else _register(client, name, model, reason)
        client.set_registered_model_alias(name, CHAMPION_ALIAS, version)
        return version


def registered_name(label: str) -> str:
    """Name of the registered model of a label."""
    return f"{EXPERIMENT}-{label}"


def _register(client: "MlflowClient", name: str, model: TrackedModel, reason: str) -> str:
    run_id = _log_run(client, model, {"role": "champion", "reason": reason})
    source = f"{client.get_run(run_id).info.artifact_uri}/{MODEL_FILE}"
    version = client.create_model_version(
        name, source, run_id, tags={"model_id": model.model_id}, description=reason, await_creation_for=0
    )
    return str(version.version)


def _log_run(client: "MlflowClient", model: TrackedModel, tags: Mapping[str, str]) -> str:
    from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415 - an optional package

    experiment = client.get_experiment_by_name(EXPERIMENT)
    experiment_id = client.create_experiment(EXPERIMENT) if experiment is None else experiment.experiment_id
    # A run that broke off is not finished, and is logged anew.
    same = f"tags.model_id = '{model.model_id}' and tags.role = '{tags['role']}' and attributes.status = 'FINISHED'"
    for known in client.search_runs([experiment_id], same, max_results=1):
        return str(known.info.run_id)
    run = client.create_run(experiment_id, run_name=model.model_id)
    run_id: str = run.info.run_id
    parameters = {"recipe": model.recipe, "label": model.label, "cutoff": model.cutoff, **model.parameters}
    begun = run.info.start_time
    client.log_batch(
        run_id,
        metrics=[
            *(Metric(name, value, begun, 0) for name, value in model.metrics.items() if value is not None),
            *(Metric(SEARCHED, value, begun, trial) for trial, value in enumerate(model.search)),
        ],
        params=[Param(name, _text(value)) for name, value in parameters.items()],
        tags=[RunTag(name, value) for name, value in {"model_id": model.model_id, **tags}.items()],
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / MODEL_FILE).write_bytes(model.content)
        for name, picture in model.pictures.items():
            (Path(folder) / f"{name}.png").write_bytes(picture)
        client.log_artifacts(run_id, folder)
    client.set_terminated(run_id)
    return run_id


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@contextmanager
def _client(tracking_uri: str) -> "Iterator[MlflowClient]":
    # MLflow 3 reports its use to its makers unless told not to, before it is imported.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # What a command prints is read by people and programs; the runs' addresses are not part of it.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    with warnings.catch_warnings():
        # MLflow and what it imports warn about their own use of other libraries.
        warnings.simplefilter("ignore")
        try:
            from mlflow import MlflowClient  # noqa: PLC0415 - an optional package
            from mlflow.exceptions import MlflowException  # noqa: PLC0415 - as above
        except ImportError as error:
            raise StorageError(
                "MLFLOW_TRACKING_URI is set but MLflow is not installed: install the program with it, such as "
                "`pip install '.[mlflow]'` in its repository, or unset the variable."
            ) from error
        try:
            yield MlflowClient(tracking_uri=tracking_uri)
        except MlflowException as error:
            raise StorageError(
                f"MLflow at {tracking_uri} did not take the model ({error}): start it, or unset MLFLOW_TRACKING_URI."
            ) from error
