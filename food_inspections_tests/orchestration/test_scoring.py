from datetime import timedelta

import pandas as pd
import pytest

from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.learning.training import refit
from food_inspections.orchestration.scoring import REASONS_SHOWN, score_week
from food_inspections.storage.models.champions import Champion
from food_inspections_tests.domain.model_frames import FIRST_DAY, INPUTS, feature_rows

WEEK = FIRST_DAY + timedelta(weeks=39)
CUTOFF = FIRST_DAY + timedelta(weeks=36)
COLUMNS = ["score", "score_low", "score_high", "net_score", "label", "threshold", "model_id", "model_cutoff", "reasons"]


@pytest.fixture(scope="module")
def model() -> FittedModel:
    return refit(feature_rows(), "logistic_regression", "fail", CUTOFF, inputs=INPUTS)


CHAMPION = Champion(
    selection_id=1,
    effective_week=CUTOFF,
    label="fail",
    model_id="the-model",
    candidate_id="c",
    recipe="r",
    model_cutoff=CUTOFF,
    threshold=0.3,
    metric="roc_auc",
    metrics={},
    object_key="key",
    checksum="sum",
    run_id=None,
    decided_by="a person",
    reason="why",
)


@pytest.fixture
def rows() -> pd.DataFrame:
    """Visits of the week, under the index they had among others."""
    everything = feature_rows()
    return everything[everything["week"] == pd.Timestamp(WEEK)]


def test_every_row_is_scored_by_the_champion(rows: pd.DataFrame, model: FittedModel) -> None:
    scored = score_week(CHAMPION, model, rows).scored_rows(["inspection_id"])

    assert len(rows) > 0
    assert scored["inspection_id"].tolist() == rows["inspection_id"].tolist()
    assert scored["score"].tolist() == model.score(rows).tolist()
    assert (scored["label"] == (scored["score"] >= model.threshold)).all()
    assert set(scored["model_id"]) == {"the-model"}
    assert set(scored["model_cutoff"]) == {pd.Timestamp(CUTOFF)}
    assert set(scored["threshold"]) == {model.threshold}


def test_every_score_has_its_reasons(rows: pd.DataFrame, model: FittedModel) -> None:
    reasons = score_week(CHAMPION, model, rows).scores["reasons"]

    raising = reasons.map(lambda row: sum(reason["effect"] > 0 for reason in row))
    assert reasons.map(len).min() >= 1
    assert raising.max() <= REASONS_SHOWN
    assert {tuple(sorted(reason)) for row in reasons for reason in row} == {
        ("effect", "feature", "points", "text", "value")
    }


def test_a_week_without_inspections_has_no_scores_but_all_columns(rows: pd.DataFrame, model: FittedModel) -> None:
    scored = score_week(CHAMPION, model, rows.iloc[:0])

    assert scored.scored_rows(["inspection_id"]).empty
    assert list(scored.scores.columns) == COLUMNS
    assert scored.reasons == []
