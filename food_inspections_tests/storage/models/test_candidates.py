from collections.abc import Iterator

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, text

from food_inspections.errors import ModelError
from food_inspections.storage.models import candidates
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.materializations import Materialization, Status
from food_inspections_tests.storage.model_rows import NEXT, WEEK, candidate_row, validation_frame


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def keep(connection: Connection, row: candidates.CandidateRow, status: Status | None = "accepted") -> None:
    """Write a candidate, and the record of the run that made it."""
    candidates.write_candidate(connection, row, validation_frame(0.2, 0.4))
    if status is not None:
        asset = f"{row.recipe}_model"
        records.write(connection, [Materialization(row.run_id, asset, row.week, 9, "1", row.checksum, "up")])
        connection.execute(
            text("UPDATE metadata.materializations SET status = :status WHERE run_id = :run_id AND asset = :asset"),
            {"status": status, "run_id": row.run_id, "asset": asset},
        )


def accepted(connection: Connection) -> list[str]:
    return [row.model_id for row in candidates.accepted_candidates(connection, WEEK, "fail")]


def test_a_candidate_comes_back_as_it_was_written(connection: Connection) -> None:
    row = candidate_row()
    keep(connection, row)
    assert candidates.candidate(connection, "a-model") == row
    assert candidates.candidate_by_checksum(connection, row.checksum) == row
    assert candidates.accepted_candidates(connection, WEEK, "fail") == [row]


def test_only_accepted_candidates_compete_in_the_order_of_their_names(connection: Connection) -> None:
    keep(connection, candidate_row("z", recipe="knn"))
    keep(connection, candidate_row("a", recipe="xgboost"))
    keep(connection, candidate_row("r", recipe="logistic_regression"), "rejected")
    assert accepted(connection) == ["a", "z"]
    keep(connection, candidate_row("p", recipe="xgboost", run_id="later"), "pending")
    assert accepted(connection) == ["z"], "a write that is not accepted hides what was there before"


def test_a_candidate_without_a_record_does_not_compete(connection: Connection) -> None:
    keep(connection, candidate_row(), None)
    assert accepted(connection) == []


def test_of_several_fits_of_a_week_the_one_in_force_competes(connection: Connection) -> None:
    keep(connection, candidate_row("older"))
    keep(connection, candidate_row("newer", run_id="later"))
    assert accepted(connection) == ["newer"]


def test_other_weeks_and_labels_do_not_compete(connection: Connection) -> None:
    keep(connection, candidate_row("next", week=NEXT, cutoff=NEXT))
    keep(connection, candidate_row("critical", label="critical", recipe="xgboost"))
    assert accepted(connection) == []
    assert [row.model_id for row in candidates.accepted_candidates(connection, WEEK, "critical")] == ["critical"]


def test_the_same_model_fitted_again_replaces_itself_and_its_scores(connection: Connection) -> None:
    keep(connection, candidate_row())
    candidates.write_candidate(connection, candidate_row(run_id="later", threshold=0.5), validation_frame(0.1))
    assert candidates.candidate(connection, "a-model").threshold == 0.5
    assert candidates.validation_scores(connection, "a-model")["score"].tolist() == [0.1]


def test_validation_scores_come_back_by_inspection(connection: Connection) -> None:
    keep(connection, candidate_row())
    keep(connection, candidate_row("another"))
    found = candidates.validation_scores(connection, "a-model")
    expected = validation_frame(0.2, 0.4).sort_values("inspection_id", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert candidates.validation_scores(connection, "unknown").empty


def test_the_reference_of_a_serving_model_is_its_own(connection: Connection) -> None:
    candidates.write_reference_scores(connection, "serving", validation_frame(0.2, 0.4))
    candidates.write_reference_scores(connection, "other", validation_frame(0.9))
    candidates.write_reference_scores(connection, "serving", validation_frame(0.3))
    assert candidates.reference_scores(connection, "serving")["score"].tolist() == [0.3]
    assert candidates.reference_scores(connection, "other")["score"].tolist() == [0.9]


def test_a_candidate_that_is_not_on_record_is_an_error(connection: Connection) -> None:
    with pytest.raises(ModelError, match="candidate unknown is not on record"):
        candidates.candidate(connection, "unknown")
