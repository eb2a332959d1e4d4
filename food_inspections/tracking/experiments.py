"""What goes to experiment tracking, where one is set: accepted candidates, and whichever model serves.

Made from what is stored, so that it can be logged again at any time and by any process.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from food_inspections.domain.weeks import WEEK, monday_of
from food_inspections.settings import Label
from food_inspections.storage.models import candidates
from food_inspections.storage.models.champions import find_champion
from food_inspections.storage.records.materializations import Recorded
from food_inspections.storage.warehouse import Warehouse
from food_inspections.tracking import mlflow_log as tracking

PLOTS = ("importance", "beeswarm")


def track_candidates(warehouse: Warehouse, accepted: Sequence[Recorded]) -> None:
    """Log accepted candidates with parameters, metrics, calibration curve and file; nothing where no tracking is set.

    Raises:
        StorageError: MLflow is set but not installed, or does not take them.
    """
    uri = warehouse.settings.mlflow_url
    if uri is None:
        return
    for record in accepted:
        with warehouse.snapshot() as connection:
            row = candidates.candidate_by_checksum(connection, record.content_hash)
        model = _tracked(warehouse, row, row.model_id, row.cutoff, row.object_key)
        tracking.log_candidate(uri, replace(model, search=record.parameters.get("search", ())))


def track_champion(warehouse: Warehouse, label: Label) -> None:
    """Give the alias ``champion`` to the model that serves the newest week, registered first where it is new.

    After a promotion or a roll-back this moves the alias to what serves now.

    Raises:
        StorageError: MLflow is set but not installed, or does not take the model.
    """
    uri = warehouse.settings.mlflow_url
    if uri is None:
        return
    with warehouse.snapshot() as connection:
        champion = find_champion(connection, monday_of(warehouse.settings.calendar.today()) + WEEK, label)
        if champion is None:
            return
        row = candidates.candidate(connection, champion.candidate_id)
    model = _tracked(warehouse, row, champion.model_id, champion.model_cutoff, champion.object_key)
    tracking.log_champion(uri, model, champion.reason)


def _tracked(
    warehouse: Warehouse, row: candidates.CandidateRow, model_id: str, cutoff: date, object_key: str
) -> tracking.TrackedModel:
    """A model with the parameters and validation metrics of the candidate that speaks for it."""
    # Imports matplotlib and scikit-learn, which only a deployment with tracking needs here.
    from food_inspections.domain import plots  # noqa: PLC0415
    from food_inspections.domain.evaluation.metrics import scored_from  # noqa: PLC0415

    with warehouse.snapshot() as connection:
        scores = candidates.validation_scores(connection, row.model_id)
    pictures = {"calibration": plots.calibration_curve(scored_from(scores))}
    for name in PLOTS:
        key = f"selected_model/{cutoff}/{name}.png"
        if model_id != row.model_id and warehouse.objects.exists(key):
            pictures[name] = warehouse.objects.get(key)
    return tracking.TrackedModel(
        model_id=model_id,
        recipe=row.recipe,
        label=row.label,
        cutoff=str(cutoff),
        parameters={**row.parameters, "seed": row.seed, "threshold": row.threshold, "fit_rows": row.fit_rows},
        metrics={name: value for name, value in row.metrics.items() if isinstance(value, int | float)},
        content=warehouse.objects.get(object_key),
        pictures=pictures,
    )
