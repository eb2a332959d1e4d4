"""Rows of models.candidates and models.selections, for tests that need a model on record but no model."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.storage.models.candidates import CandidateRow, write_candidate
from food_inspections.storage.models.champions import SelectionRow, log_selection

WEEK = date(2025, 1, 6)
NEXT = date(2025, 1, 13)
LATER = date(2025, 2, 3)


def candidate_row(model_id: str = "a-model", **changes: Any) -> CandidateRow:
    """A candidate of WEEK; its checksum is made from its id."""
    row = CandidateRow(
        model_id=model_id,
        week=WEEK,
        run_id="run",
        recipe="knn",
        label="fail",
        cutoff=WEEK,
        fit_from=date(2024, 1, 1),
        calibrate_from=date(2024, 9, 16),
        validate_from=date(2024, 11, 11),
        fit_rows=1000,
        calibrate_rows=200,
        validate_rows=2,
        threshold=0.25,
        parameters={"neighbours": 50},
        seed=0,
        metrics={"roc_auc": 0.7, "f1": None},
        baseline_metrics={"base_rate": {"roc_auc": 0.5}},
        feature_columns=["fail_rate", "zip"],
        library_versions={"numpy": "2.0"},
        object_key=f"knn_model/{model_id}.skops",
        checksum=f"checksum of {model_id}",
    )
    return replace(row, **changes)


def validation_frame(*scores: float) -> pd.DataFrame:
    """Validation scores in the columns of their table, but for model_id."""
    return pd.DataFrame(
        {
            "inspection_id": [str(number) for number in range(len(scores), 0, -1)],
            "inspection_date": pd.Timestamp("2024-12-02"),
            "establishment_id": "e1",
            "facility_type": "Restaurant",
            "zip": "60601",
            "risk": "Risk 1 (High)",
            "score": scores,
            "label": [int(score >= 0.25) for score in scores],
            "outcome": 0,
        }
    )


def select(connection: Connection, model_id: str, effective_week: date = WEEK, **changes: Any) -> None:
    """Log a decision by hand for a candidate, which is put on record where it is not."""
    known = connection.execute(text("SELECT 1 FROM models.candidates WHERE model_id = :id"), {"id": model_id})
    if known.one_or_none() is None:
        write_candidate(connection, candidate_row(model_id), validation_frame(0.2, 0.4))
    decision = SelectionRow(
        effective_week=effective_week,
        label="fail",
        model_id=model_id,
        candidate_id=model_id,
        recipe="knn",
        model_cutoff=WEEK,
        threshold=0.25,
        metric="roc_auc",
        metrics={model_id: {"roc_auc": 0.7}},
        object_key="key",
        checksum="checksum",
        run_id=None,
        decided_by="a person",
        reason="because",
    )
    log_selection(connection, replace(decision, **changes))
