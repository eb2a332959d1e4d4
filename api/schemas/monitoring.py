"""Fairness of the model, and whether the forecast still holds."""

import marshmallow as ma

from food_inspections.api.schemas import common
from food_inspections.api.schemas.documented import described
from food_inspections.api.schemas.fields import PLAIN, Choice, Text
from food_inspections.api.schemas.tables import Shown, view

SOURCES = (
    "queue",
    "random_share",
    "predictions",
    "validation",
    "estimated",
    "off_list",
    "past_rate",
    "most_overdue",
    "followed",
    "overridden",
)
RATES_COMPARED = ("fpr", "fnr", "fdr", "for", "tpr", "tnr", "npv", "precision", "pprev")
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

_WINDOW = {
    "reference_from": Shown("2024-11-11"),
    "reference_to": Shown("2025-01-05"),
    "current_from": Shown("2025-01-06"),
    "current_to": Shown("2025-03-02"),
    "reference_rows": Shown(2790, "inspections"),
    "current_rows": Shown(2804, "inspections"),
}

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
    }
    | _WINDOW,
)

DriftVerdictSchema = view(
    "DriftVerdict",
    "monitoring.drift_verdicts",
    {
        "week": Shown("2025-02-24"),
        "question": Shown("scores"),
        "model_id": Shown(_MODEL),
        "answer": Shown("holds"),
        "value": Shown(0.04),
        "bound": Shown(0.11),
        "statement": Shown("The scores move no further than by themselves: PSI 0.04, bound 0.11."),
    }
    | _WINDOW,
)

AlarmSchema = view(
    "DriftAlarm",
    "monitoring.alarms",
    {
        "question": Shown("outcomes"),
        "since": Shown("2025-02-24"),
        "until": Shown("2025-03-10"),
        "weeks": Shown(3, "weeks"),
        "statement": Shown("Found: 1.31 times what the scores promised."),
        "model_id": Shown(_MODEL),
    },
)

DriftDistributionSchema = view(
    "DriftBin",
    "monitoring.distributions",
    {
        "week": Shown("2025-02-24"),
        "kind": Shown("feature"),
        "name": Shown("days_since_last_visit"),
        "bin": Shown(3),
        "label": Shown("182"),
        "reference_count": Shown(279, "inspections"),
        "current_count": Shown(288, "inspections"),
    },
)

FairnessVerdictSchema = view(
    "FairnessVerdict",
    "data.fairness_verdicts",
    {
        "week": Shown("2025-01-06"),
        "model_id": Shown(_MODEL),
        "answer": Shown("cannot_tell"),
        "uneven": Shown(0, "pairs"),
        "even": Shown(4, "pairs"),
        "cannot_tell": Shown(32, "pairs"),
        "statement": Shown("Flagged: of 36 pairs of kind and rate 4 are even, 0 uneven, of 32 the cases are too few."),
    },
)

DisparitySchema = view(
    "Disparity",
    "data.disparities",
    {
        "week": Shown("2025-01-06"),
        "model_id": Shown(_MODEL),
        "attribute_name": Shown("facility_type"),
        "attribute_value": Shown("Bakery"),
        "reference_value": Shown("Restaurant"),
        "rate": Shown("fnr"),
        "cases": Shown(25, "inspections"),
        "events": Shown(11, "inspections"),
        "reference_cases": Shown(410, "inspections"),
        "reference_events": Shown(172, "inspections"),
        "disparity": Shown(1.05, "ratio to the reference group"),
        "lower": Shown(0.7, "ratio to the reference group"),
        "upper": Shown(1.5, "ratio to the reference group"),
        "answer": Shown("cannot_tell"),
    },
)

PerformanceSchema = view(
    "PerformanceOfWeek",
    "monitoring.performance",
    {
        "week": Shown("2025-01-06"),
        "model_id": Shown(_MODEL),
        "source": Shown("queue"),
        "metric": Shown("roc_auc"),
        "value": Shown(0.67),
        "lower": Shown(0.6),
        "upper": Shown(0.74),
        "row_count": Shown(180, "visits"),
        "positives": Shown(41, "visits"),
        "coverage": Shown(0.83, "share"),
    },
)

PromiseSchema = view(
    "Promise",
    "monitoring.promises",
    {
        "week": Shown("2025-02-24"),
        "source": Shown("queue"),
        "metric": Shown("roc_auc"),
        "answer": Shown("kept"),
        "value": Shown(0.67),
        "promise": Shown(0.68),
        "chance": Shown(0.03),
        "margin": Shown(0.09),
        "estimate": Shown(0.66),
        "visits": Shown(1402, "visits"),
        "weeks": Shown(8, "weeks"),
        "since": Shown("2025-01-06"),
        "statement": Shown("roc_auc 0.670 over 1402 visits of 8 weeks; 0.680 promised, 0.030 is chance."),
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


class WeekArguments(ma.Schema):
    """The week alone."""

    week = common.week()


class DriftDistributionsArguments(ma.Schema):
    """Arguments of the histograms behind drift."""

    week = common.week()
    name = Text(
        validate=[ma.validate.Length(1, 60), PLAIN],
        metadata=described("Only this feature, or `score`.", "days_since_last_visit"),
    )


class AuditArguments(ma.Schema):
    """Arguments of the verdicts on fairness."""

    week = common.week()
    of = Choice(
        ("flags", "list"),
        load_default="flags",
        metadata=described(
            "The selected model's flags on its validation weeks, or the list, which is what sends inspectors.",
            "list",
        ),
    )


class DisparitiesArguments(AuditArguments):
    """Arguments of the rates of groups."""

    attribute_name = Choice(
        ("facility_type", "zip", "risk", "facility_type_zip"),
        metadata=described("Only groups by this attribute.", "facility_type"),
    )
    rate = Choice(RATES_COMPARED, metadata=described("Only this rate.", "fnr"))


class PerformanceArguments(ma.Schema):
    """Arguments of the performance of a week."""

    week = common.week()
    source = Choice(SOURCES, metadata=described("Only this source.", "queue"))
    metric = Text(validate=[ma.validate.Length(1, 60), PLAIN], metadata=described("Only this metric.", "roc_auc"))


class PromisesArguments(ma.Schema):
    """Arguments of the promises."""

    week = common.week()
    source = Choice(SOURCES[:3], metadata=described("Only this source.", "queue"))
