"""Candidates, decisions and the model in use."""

from typing import Any

import marshmallow as ma

from food_inspections.api.schemas import common
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import QueryWhole
from food_inspections.api.schemas.tables import Shown, view

_METRICS = {"roc_auc": 0.68, "average_precision": 0.37, "brier_score": 0.15}


def json_object(**kwargs: Any) -> ma.fields.Dict:
    """A JSON object of free content."""
    return ma.fields.Dict(keys=ma.fields.String(), **kwargs)


def json_words(**kwargs: Any) -> ma.fields.List[Any]:
    """A JSON list of words."""
    return ma.fields.List(ma.fields.String(), **kwargs)


CandidateSchema = view(
    "Candidate",
    "models.candidates",
    {
        "model_id": Shown("xgboost-fail-2025-01-06-1a2b3c4d"),
        "recipe": Shown("xgboost"),
        "label": Shown("fail"),
        "week": Shown("2025-01-06"),
        "cutoff": Shown("2025-01-06"),
        "fit_from": Shown("2022-01-03"),
        "calibrate_from": Shown("2024-09-16"),
        "validate_from": Shown("2024-11-11"),
        "fit_rows": Shown(48211, "inspections"),
        "calibrate_rows": Shown(2811, "inspections"),
        "validate_rows": Shown(2790, "inspections"),
        "threshold": Shown(0.35, "probability"),
        "metrics": Shown(_METRICS, make=json_object),
        "baseline_metrics": Shown({"base_rate": {"roc_auc": 0.5}}, make=json_object),
        "parameters": Shown({"seed": 0, "max_depth": 4}, make=json_object),
        "feature_columns": Shown(["past_failures", "days_since_last_visit"], make=json_words),
        "library_versions": Shown({"scikit-learn": "1.9.1"}, make=json_object),
        "created_at": Shown("2025-01-06T06:30:00+00:00"),
    },
)

_DECISION = {
    "selection_id": Shown(12),
    "effective_week": Shown("2025-01-06"),
    "label": Shown("fail"),
    "model_id": Shown("xgboost-fail-2025-01-06-5e6f7a8b"),
    "candidate_id": Shown("xgboost-fail-2025-01-06-1a2b3c4d"),
    "recipe": Shown("xgboost"),
    "model_cutoff": Shown("2025-01-06"),
    "threshold": Shown(0.35, "probability"),
    "metric": Shown("roc_auc"),
    "metrics": Shown({"xgboost": _METRICS}, make=json_object),
    "decided_at": Shown("2025-01-06T06:40:00+00:00"),
    "decided_by": Shown("selected_model"),
    "reason": Shown("roc_auc 0.680 against 0.671 of the champion"),
}

SelectionSchema = view("Selection", "models.selections", _DECISION)


class ModelsSchema(ma.Schema):
    """Candidates and decisions."""

    candidates = ma.fields.List(
        ma.fields.Nested(CandidateSchema), required=True, metadata={"description": "Fitted candidates, newest first."}
    )
    selections = ma.fields.List(
        ma.fields.Nested(SelectionSchema),
        required=True,
        metadata={"description": "Decisions which model serves from when on, newest first."},
    )


ChampionSchema = view(
    "Champion",
    "models.selections",
    _DECISION,
    {
        "candidate": ma.fields.Nested(
            CandidateSchema,
            required=True,
            metadata={"description": "The candidate that won, as it was judged on weeks it had not seen."},
        )
    },
)


class ModelsArguments(ma.Schema):
    """Arguments of the list of models."""

    week = common.week()
    limit = QueryWhole(
        load_default=50,
        validate=ma.validate.Range(1, 500),
        metadata=described("The newest so many candidates, and decisions.", 50),
    )


class ChampionArguments(ma.Schema):
    """Arguments of the model in use."""

    week = common.week()
