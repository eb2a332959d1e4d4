"""Fairness of the model, and whether the forecast still holds."""

import marshmallow as ma

from food_inspections.api.schemas import common
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import PLAIN, Choice, Text
from food_inspections.api.schemas.tables import Shown, view

_MODEL = "xgboost-fail-2025-01-06-1a2b3c4d"
_RATES = ("tpr", "tnr", "fpr", "fnr", "fdr", "for_", "npv", "precision_", "ppr", "pprev", "prev")
_COMPARED = ("tpr", "tnr", "fpr", "fnr", "fdr", "for", "npv", "precision", "ppr", "pprev")

BiasSchema = view(
    "BiasOfGroup",
    "data.bias_report",
    {
        "week": Shown("2025-01-06"),
        "model_id": Shown(_MODEL),
        "label": Shown("fail"),
        "attribute_name": Shown("facility_type"),
        "attribute_value": Shown("Bakery"),
        "reference_value": Shown("Restaurant"),
        "group_size": Shown(120, "inspections"),
        "group_positives": Shown(25, "inspections"),
    }
    | {name: Shown(0.21, "share") for name in _RATES}
    | {f"{name}_disparity": Shown(1.08, "ratio to the reference group") for name in _COMPARED}
    | {f"is_{name}_parity": Shown(True) for name in _COMPARED}
    | {
        "mean_score": Shown(0.24, "probability"),
        "queue_share": Shown(0.51, "share"),
        "mean_days_earlier": Shown(1.9, "days"),
    },
)

DistributionSchema = view(
    "ScoreBin",
    "monitoring.score_distributions",
    {
        "week": Shown("2025-01-06"),
        "model_id": Shown(_MODEL),
        "source": Shown("predictions"),
        "facility_type": Shown("all"),
        "bin": Shown(7),
        "bin_lower": Shown(0.175, "probability"),
        "bin_upper": Shown(0.2, "probability"),
        "count": Shown(41, "scores"),
        "share": Shown(0.117, "share"),
    },
)

DriftSchema = view(
    "DriftStatistic",
    "monitoring.drift",
    {
        "week": Shown("2025-01-06"),
        "model_id": Shown(_MODEL),
        "kind": Shown("feature"),
        "name": Shown("days_since_last_visit"),
        "statistic": Shown("psi"),
        "value": Shown(0.04),
        "threshold": Shown(0.2),
        "p_value": Shown(0.31),
        "adjusted_p_value": Shown(0.74),
        "importance": Shown(0.04, "share"),
        "is_drifted": Shown(False),
        "reference_from": Shown("2024-11-11"),
        "reference_to": Shown("2025-01-05"),
        "current_from": Shown("2025-01-06"),
        "current_to": Shown("2025-03-02"),
        "reference_rows": Shown(2790, "inspections"),
        "current_rows": Shown(2804, "inspections"),
    },
)


class BiasArguments(ma.Schema):
    """Arguments of the bias report."""

    week = common.week()
    attribute_name = Choice(
        ("facility_type", "zip", "area", "risk"), metadata=described("Only groups by this attribute.", "facility_type")
    )


class DistributionsArguments(ma.Schema):
    """Arguments of the score distributions."""

    week = common.week()
    source = Choice(("validation", "predictions"), metadata=described("Only this source.", "predictions"))
    facility_type = Text(
        validate=[ma.validate.Length(1, 60), PLAIN],
        metadata=described("Only this kind of establishment, or `all` for all taken together.", "all"),
    )


class DriftArguments(ma.Schema):
    """Arguments of the drift table."""

    week = common.week()
    kind = Choice(("score", "feature", "outcome"), metadata=described("Only statistics of this kind.", "score"))
