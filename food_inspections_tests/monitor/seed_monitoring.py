"""Made-up distributions, drift, realised performance and decisions to retrain."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from food_inspections.domain.monitoring.drift_answers import answers
from food_inspections_tests.monitor.seed_models import FEATURES, METRICS, selection_of

BINS = 40
PERFORMANCE_METRICS = {**METRICS, "precision_at_capacity": 0.46}
_LOWER_IS_BETTER = ("brier_score", "calibration_error")


def make_distributions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Histograms of each week's scores, and of the (alike) validation scores of its champion."""
    scores = predictions.assign(bin=np.minimum((predictions["score"] * BINS).astype(int), BINS - 1))
    scores["week"] = scores["week"].dt.date
    validation = scores.groupby(["model_id", "facility_type", "bin"]).size().rename("count").reset_index()
    by_week = scores.groupby(["week", "model_id", "facility_type", "bin"]).size().rename("count").reset_index()
    models = by_week[["week", "model_id"]].drop_duplicates()
    parts = [
        by_week.assign(source="predictions"),
        models.merge(validation, on="model_id").assign(source="validation"),
    ]
    rows = pd.concat(parts, ignore_index=True)
    keys = ["week", "model_id", "source"]
    total = rows.groupby([*keys, "bin"], as_index=False)["count"].sum().assign(facility_type="all")
    rows = pd.concat([rows, total], ignore_index=True)
    groups = rows[[*keys, "facility_type"]].drop_duplicates()
    every = groups.merge(pd.DataFrame({"bin": range(BINS)}), how="cross")
    full = every.merge(rows, on=[*keys, "facility_type", "bin"], how="left").fillna({"count": 0})
    full["count"] = full["count"].astype(int)
    full["share"] = full["count"] / full.groupby([*keys, "facility_type"])["count"].transform("sum").clip(lower=1)
    return full.assign(bin_lower=full["bin"] / BINS, bin_upper=(full["bin"] + 1) / BINS)


def make_drift(predictions: pd.DataFrame, weeks: list[date]) -> pd.DataFrame:
    """Score, outcomes, ranking and features of each week; at the end two features and the scores have moved."""
    random = np.random.default_rng(11)
    models = predictions.groupby(predictions["week"].dt.date)["model_id"].first()
    rows = []
    for place, week in enumerate(weeks):
        is_late = place >= len(weeks) - 4
        of_week = {"week": week, "model_id": models.loc[week], **_window(week)}
        for kind, name, statistic, threshold in (
            ("score", "score", "psi", 0.2),
            ("outcome", "outcome", "deviations", 3.09),
            ("outcome", "outcome", "ratio", 1.15),
        ):
            level = 1.4 if is_late and kind == "score" else 0.3
            value = round(float(threshold * level * random.lognormal(0, 0.1)), 4)
            is_drifted = value >= threshold
            rows.append(of_week | _measured(kind, name, statistic, value, threshold, is_drifted))
        rows.append(of_week | _measured("ranking", "outcome", "auc", 0.67, 0.55, is_drifted=False))
        for number, name in enumerate(FEATURES):
            has_moved = is_late and name in FEATURES[1:3]
            p_value = 0.0001 if has_moved else round(float(random.uniform(0.2, 0.9)), 3)
            value = round(float(0.1 * (2.5 if has_moved else 0.5) * random.lognormal(0, 0.1)), 4)
            measured = _measured("feature", name, "jensen_shannon", value, 0.2, has_moved)
            shares = {"p_value": p_value, "adjusted_p_value": p_value, "importance": round(0.3 / (number + 1), 3)}
            rows.append(of_week | measured | shares)
    return pd.DataFrame(rows)


def _measured(
    kind: str, name: str, statistic: str, value: float, threshold: float, is_drifted: bool
) -> dict[str, object]:
    named = {"kind": kind, "name": name, "statistic": statistic}
    return named | {"value": value, "threshold": threshold, "is_drifted": is_drifted}


def _window(week: date) -> dict[str, object]:
    return {
        "reference_from": week - timedelta(weeks=20),
        "reference_to": week - timedelta(weeks=12),
        "current_from": week - timedelta(weeks=3),
        "current_to": week + timedelta(days=6),
        "reference_rows": 2790,
        "current_rows": 1380,
    }


def make_verdicts(drift: pd.DataFrame) -> pd.DataFrame:
    """What the rows say, by the domain's own rules."""
    windows = list(_window(date.min + timedelta(weeks=52)))
    parts = []
    for (week, model_id), rows in drift.groupby(["week", "model_id"]):
        said = pd.DataFrame([asdict(verdict) for verdict in answers(rows.astype({"is_drifted": "boolean"}))])
        parts.append(said.assign(week=week, model_id=model_id, **rows.iloc[0][windows].to_dict()))
    return pd.concat(parts, ignore_index=True)


def make_feature_distributions(drift: pd.DataFrame) -> pd.DataFrame:
    """Ten bins of every feature of the newest eight weeks: even at validation, tilted where it moved."""
    rows = []
    features = drift[drift["kind"] == "feature"]
    for row in features[features["week"].isin(sorted(set(features["week"]))[-8:])].itertuples():
        tilt = 4 if row.is_drifted else 0
        rows += [
            {
                "week": row.week,
                "kind": "feature",
                "name": row.name,
                "bin": number,
                "label": f"{number + 1}" if number < 9 else "more",
                "reference_count": 279,
                "current_count": 138 + tilt * (number - 4),
            }
            for number in range(10)
        ]
    return pd.DataFrame(rows)


LIST_WORTH = (
    ("queue", "share_visited", 40, 8, 0.55),
    ("queue", "failure_rate", 22, 8, 8 / 22),
    ("off_list", "failure_rate", 18, 4, 4 / 18),
    ("past_rate", "precision_at_capacity", 22, 7, 7 / 22),
    ("most_overdue", "precision_at_capacity", 22, 5, 5 / 22),
    ("followed", "failure_rate", 14, 6, 6 / 14),
    ("overridden", "failure_rate", 4, 1, 1 / 4),
)
"""Source, metric, visits (places for share_visited), failures and value of each week."""


def make_performance(predictions: pd.DataFrame, visits: pd.DataFrame, weeks: list[date]) -> pd.DataFrame:
    """Weekly values around the promise, wide for the random share, and the promise itself."""
    random = np.random.default_rng(12)
    models = predictions.groupby(predictions["week"].dt.date)["model_id"].first()
    visited = visits.groupby(visits["week"].dt.date)["is_failure"].agg(["size", "sum"])
    rows = []
    for week in weeks:
        size, positives = int(visited.loc[week, "size"]), int(visited.loc[week, "sum"])
        for source, noise, coverage in (
            ("queue", 0.06, 0.83),
            ("predictions", 0.05, 1.0),
            ("random_share", 0.25, 0.05),
            ("validation", 0.0, 1.0),
            ("estimated", 0.02, 0.83),
        ):
            for metric, promise in PERFORMANCE_METRICS.items():
                sign = 1 if metric in _LOWER_IS_BETTER else -1
                value = promise * (1 + (0.02 * sign if noise else 0) + noise * random.normal())
                half = promise * max(1.6 * noise, 0.03)
                rows.append(
                    {
                        "week": week,
                        "model_id": models.loc[week],
                        "source": source,
                        "metric": metric,
                        "value": round(value, 4),
                        "lower": round(value - half, 4),
                        "upper": round(value + half, 4),
                        "row_count": max(int(size * coverage), 1),
                        "positives": int(positives * coverage),
                        "coverage": None if source == "validation" else coverage,
                    }
                )
        rows += [
            {
                "week": week,
                "model_id": models.loc[week],
                "source": source,
                "metric": metric,
                "value": round(share, 4),
                "lower": round(share - 0.1, 4),
                "upper": round(share + 0.1, 4),
                "row_count": count,
                "positives": positives,
                "coverage": 0.5,
            }
            for source, metric, count, positives, share in LIST_WORTH
        ]
    return pd.DataFrame(rows)


def make_moves(weeks: list[date]) -> pd.DataFrame:
    """How far the features' statistics moved, for the newest weeks."""
    random = np.random.default_rng(13)
    rows = [
        {
            "week": week,
            "feature": feature,
            "statistic": statistic,
            "reference": 1.0,
            "current": round(1 + change, 4),
            "change_percent": round(100 * change, 2),
            "is_over": abs(change) > 0.15,
        }
        for week in weeks[-8:]
        for feature in FEATURES
        for statistic in ("mean", "standard_deviation", "median", "upper_quartile")
        for change in [random.normal(0, 0.08)]
    ]
    return pd.DataFrame(rows)


def make_decisions(weeks: list[date], selection_weeks: list[date]) -> pd.DataFrame:
    """A model was asked for wherever one was made, by age."""
    rows = []
    for week in weeks:
        is_due = week in selection_weeks[1:]
        selected = selection_of(week, selection_weeks)
        age = 8 if is_due else (week - selected).days // 7
        rows.append(
            {
                "week": week,
                "label": "fail",
                "decided_at": datetime.combine(week + timedelta(days=7), datetime.min.time(), UTC),
                "is_retraining": is_due,
                "rule": "score_drift" if is_due else "too_early" if age < 4 else "none",
                "values": {
                    "weeks": min(age, 4),
                    "rows": 1400,
                    "verdicts": {
                        "scores": _verdict("scores", "changed" if is_due else "holds", 0.23 if is_due else 0.08, 0.2),
                        "outcomes": _verdict("outcomes", "holds", 0.7, 3.1),
                        "ranking": _verdict("ranking", "cannot_tell", None, None),
                    },
                },
                "reason": "The scores have moved: PSI 0.23, by themselves they reach 0.20."
                if is_due
                else "scores, ranking, outcomes and features hold; too little to say on ranking",
                "run_key": f"retrain-{week}" if is_due else None,
            }
        )
    return pd.DataFrame(rows)


def _verdict(question: str, answer: str, value: float | None, bound: float | None) -> dict[str, object]:
    return {"question": question, "answer": answer, "value": value, "bound": bound, "statement": "So it is."}
