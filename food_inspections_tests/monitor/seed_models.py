"""Made-up candidates, selections, bias reports and predictions."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from food_inspections.domain.monitoring.disparities import disparities, fairness
from food_inspections_tests.monitor.seed_city import FACILITY_TYPES, RISKS, run_id_of

RECIPES = ("xgboost", "logistic_regression", "knn")
THRESHOLD = 0.31
FEATURES = (
    "times_failed",
    "days_since_last_visit",
    "share_failed",
    "critical_last_visit",
    "serious_last_visit",
    "violations_last_visit",
    "failures_in_a_row",
    "passes_in_a_row",
    "topic_pests_last_visit",
    "topic_temperature_last_visit",
    "topic_plumbing_last_visit",
    "zip_failure_rate_180_days",
    "circle_failure_rate_60_days",
    "circle_critical_rate_60_days",
    "chain_failure_rate",
    "chain_size",
    "age_days",
    "season_sine",
    "season_cosine",
    "is_complaint",
)
METRICS = {
    "roc_auc": 0.672,
    "average_precision": 0.41,
    "brier_score": 0.155,
    "calibration_error": 0.021,
    "accuracy": 0.71,
    "precision": 0.44,
    "recall": 0.52,
    "f1": 0.477,
    "first_half": 0.69,
    "days_earlier": 6.7,
}
_RATES = ("tpr", "tnr", "fpr", "fnr", "fdr", "for_", "npv", "precision_", "ppr", "pprev")
_RATE_OF_REFERENCE = dict(zip(_RATES, (0.53, 0.76, 0.24, 0.47, 0.55, 0.16, 0.84, 0.45, 0.6, 0.3), strict=True))


def model_of(selection_week: date, recipe: str = "xgboost") -> str:
    """Id of the model made for a week."""
    return f"{recipe}-fail-{selection_week}-3f9a2c"


def selection_of(week: date, selection_weeks: list[date]) -> date:
    """Week of the selection in force."""
    return max((selected for selected in selection_weeks if selected <= week), default=selection_weeks[0])


def make_candidates(selection_weeks: list[date]) -> pd.DataFrame:
    """Three recipes for every selection week."""
    rows = [
        {
            "model_id": model_of(week, recipe),
            "week": week,
            "run_id": run_id_of(week),
            "recipe": recipe,
            "label": "fail",
            "cutoff": week,
            "fit_from": week - timedelta(weeks=120),
            "calibrate_from": week - timedelta(weeks=16),
            "validate_from": week - timedelta(weeks=8),
            "fit_rows": 36_000,
            "calibrate_rows": 2_800,
            "validate_rows": 2_790,
            "threshold": THRESHOLD,
            "parameters": {"seed": 0},
            "metrics": {name: round(value - 0.01 * place, 4) for name, value in METRICS.items()},
            "baseline_metrics": {"past_rate": {"roc_auc": 0.59, "first_half": 0.6}, "base_rate": {"roc_auc": 0.5}},
            "feature_columns": list(FEATURES),
            "library_versions": {"scikit-learn": "1.6"},
            "object_key": f"models/{model_of(week, recipe)}.skops",
            "checksum": "0" * 64,
        }
        for week in selection_weeks
        for place, recipe in enumerate(RECIPES)
    ]
    return pd.DataFrame(rows)


def make_selections(selection_weeks: list[date]) -> pd.DataFrame:
    """XGBoost wins every time."""
    rows = [
        {
            "effective_week": week,
            "label": "fail",
            "model_id": model_of(week),
            "candidate_id": model_of(week),
            "recipe": "xgboost",
            "model_cutoff": week,
            "threshold": THRESHOLD,
            "metric": "roc_auc",
            "metrics": {model_of(week, recipe): {"roc_auc": 0.672 - 0.01 * i} for i, recipe in enumerate(RECIPES)},
            "object_key": f"models/{model_of(week)}.skops",
            "checksum": "0" * 64,
            "run_id": run_id_of(week),
            "decided_at": datetime.combine(week, datetime.min.time(), UTC) + timedelta(hours=5),
            "decided_by": "selected_model",
            "reason": "best roc_auc of 3 contenders (0.672 against 0.662)",
        }
        for week in selection_weeks
    ]
    return pd.DataFrame(rows)


def make_bias_reports(selection_weeks: list[date]) -> pd.DataFrame:
    """One report for each selection, by facility type, zip and risk."""
    random = np.random.default_rng(5)
    groups = {
        "facility_type": (list(FACILITY_TYPES), "Restaurant"),
        "risk": (list(RISKS), "Risk 1 (High)"),
        "zip": ([f"606{number:02d}" for number in range(12)], "60600"),
    }
    rows = []
    for week in selection_weeks:
        for attribute, (values, reference) in groups.items():
            for place, value in enumerate(values):
                spread = 0.0 if value == reference else 0.06 + 0.05 * place
                factor = dict(zip(_RATES, np.exp(random.normal(0, spread, len(_RATES))), strict=True))
                rates = {rate: round(min(_RATE_OF_REFERENCE[rate] * factor[rate], 1.0), 4) for rate in _RATES}
                disparity = {rate: rates[rate] / _RATE_OF_REFERENCE[rate] for rate in _RATES}
                rows.append(
                    {
                        "week": week,
                        "model_id": model_of(week),
                        "label": "fail",
                        "attribute_name": attribute,
                        "attribute_value": value,
                        "reference_value": reference,
                        "group_size": max(int(1600 * 0.5**place), 12),
                        "group_positives": max(int(340 * 0.5**place), 2),
                        **rates,
                        "prev": 0.21,
                        **{f"{rate.rstrip('_')}_disparity": round(disparity[rate], 4) for rate in _RATES},
                        **{f"is_{rate.rstrip('_')}_parity": 0.8 <= disparity[rate] <= 1.25 for rate in _RATES},
                        "mean_score": 0.24,
                        "queue_share": round(0.5 + 0.2 * random.normal(), 3),
                        "mean_days_earlier": round(random.normal(0, 2), 2),
                    }
                )
    return pd.DataFrame(rows)


def make_disparities(visits: pd.DataFrame, selection_weeks: list[date]) -> dict[str, pd.DataFrame]:
    """Tables of disparities and verdicts, by the domain's own rules: of flags at each selection, of the newest list."""
    references = {"facility_type": "Restaurant", "risk": "Risk 1 (High)", "zip": str(visits["zip"].mode()[0])}
    scored = visits.assign(outcome=visits["is_failure"].astype(int), label=(visits["score"] >= THRESHOLD).astype(int))
    flags = disparities(scored, references)
    listed = disparities(
        scored.assign(label=(visits["score"] >= visits["score"].quantile(0.9)).astype(int)), references
    )
    newest = visits["week"].max().date()
    return {
        "data.disparities": pd.concat(
            [flags.assign(week=week, model_id=model_of(week)) for week in selection_weeks], ignore_index=True
        ),
        "data.fairness_verdicts": pd.DataFrame(
            [
                {"week": week, "model_id": model_of(week), **asdict(fairness(flags, "flagged"))}
                for week in selection_weeks
            ]
        ),
        "monitoring.list_disparities": listed.assign(week=newest, model_id=model_of(selection_weeks[-1])),
        "monitoring.list_fairness_verdicts": pd.DataFrame(
            [{"week": newest, "model_id": model_of(selection_weeks[-1]), **asdict(fairness(listed, "on the list"))}]
        ),
    }


def make_predictions(visits: pd.DataFrame, selection_weeks: list[date]) -> pd.DataFrame:
    """The score each visit had, by the champion of its week."""
    weeks = pd.Series(visits["week"].dt.date.unique())
    selected = {week: selection_of(week, selection_weeks) for week in weeks}
    selection = visits["week"].dt.date.map(selected)
    columns = ["week", "inspection_id", "inspection_date", "establishment_id", "dba_name", "address", "zip"]
    return visits[[*columns, "facility_type", "risk", "score"]].assign(
        label=(visits["score"] >= THRESHOLD).astype(int),
        threshold=THRESHOLD,
        model_id=selection.map({week: model_of(week) for week in selection_weeks}),
        model_cutoff=selection,
        reasons="[]",
    )
