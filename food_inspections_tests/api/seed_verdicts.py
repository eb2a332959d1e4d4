"""Verdicts of a small city, as the assets would leave them."""

from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection

from food_inspections.storage.postgres import tables

QUESTIONS = {"scores": "holds", "features": "holds", "outcomes": "changed", "ranking": "cannot_tell"}


def write_verdicts(connection: Connection, audited: date, watched: date) -> None:
    """Write the verdicts on the model audited and on the week watched, and the performance of two weeks."""
    of_week = {"week": pd.Timestamp(watched), "model_id": "m"}
    of_audit = {"week": pd.Timestamp(audited), "model_id": "m"}
    answers = [
        of_week | {"question": question, "answer": answer, "statement": "So it is.", "reference_rows": 300}
        for question, answer in QUESTIONS.items()
    ]
    counts = {"week": pd.Timestamp(watched), "kind": "feature", "reference_count": 30, "current_count": 4}
    bins = [counts | {"name": name, "bin": number, "label": "1"} for name in ("own_visits", "zip") for number in (0, 1)]
    verdict = {"answer": "cannot_tell", "uneven": 0, "even": 1, "cannot_tell": 3, "statement": "Too few."}
    for table, rows in (
        ("monitoring.drift_verdicts", [row | {"current_rows": 40} for row in answers]),
        ("monitoring.distributions", bins),
        ("data.fairness_verdicts", [of_audit | verdict]),
        ("data.disparities", _disparities(of_audit)),
        ("monitoring.list_fairness_verdicts", [of_week | verdict]),
        ("monitoring.list_disparities", _disparities(of_week)),
        ("monitoring.performance", _performance(watched)),
    ):
        tables.append_rows(connection, table, pd.DataFrame(rows))


def _disparities(named: dict[str, object]) -> list[dict[str, object]]:
    compared = {"reference_cases": 40, "reference_events": 9, "cases": 5, "events": 1, "disparity": float("nan")}
    return [
        named
        | compared
        | {"attribute_name": name, "attribute_value": value, "reference_value": reference, "rate": rate}
        | {"lower": float("nan"), "upper": float("nan"), "answer": "cannot_tell"}
        for name, value, reference in (("facility_type", "Bakery", "Restaurant"), ("zip", "60614", "60601"))
        for rate in ("fpr", "fnr")
    ]


def _performance(watched: date) -> list[dict[str, object]]:
    named = {"model_id": "m", "metric": "roc_auc", "row_count": 40, "positives": 8, "coverage": 0.8}
    return [
        named
        | {"week": pd.Timestamp(week), "source": source, "value": value, "lower": value - half, "upper": value + half}
        for week in (watched - timedelta(weeks=1), watched)
        for source, value, half in (("queue", 0.68, 0.03), ("validation", 0.7, 0.02), ("estimated", 0.69, 0.05))
    ]
