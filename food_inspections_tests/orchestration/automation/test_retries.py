"""Steps are tried again where the database went away, and nowhere else."""

import dagster as dg
import psycopg2
import pytest

from food_inspections.errors import DataError, StorageError
from food_inspections.orchestration import policies
from food_inspections.orchestration.policies import is_lost_connection, retrying_lost_connections


def run(error: Exception, times: int, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, int]:
    """Whether a step that raises so many times succeeds, and how often it was begun."""
    monkeypatch.setattr(policies, "RETRY_AFTER_S", 0)
    begun = []

    @dg.op
    @retrying_lost_connections()
    def step() -> None:
        begun.append(1)
        if len(begun) <= times:
            raise error

    @dg.job
    def job() -> None:
        step()

    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    return result.success, len(begun)


def test_a_lost_connection_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(psycopg2.OperationalError("server closed the connection unexpectedly"), 1, monkeypatch) == (True, 2)


def test_it_is_given_up_after_two_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = psycopg2.OperationalError("server closed the connection unexpectedly")
    assert run(lost, 9, monkeypatch) == (False, 3), "twice at most"


def test_what_would_fail_again_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(DataError("one class only"), 1, monkeypatch) == (False, 1)


def test_a_lost_connection_is_known_by_its_cause() -> None:
    refused = StorageError("The database cannot be reached")
    refused.__cause__ = psycopg2.OperationalError("connection refused")
    assert is_lost_connection(refused)
    assert not is_lost_connection(StorageError("no column"))
    assert not is_lost_connection(psycopg2.ProgrammingError("syntax error"))


def test_an_answer_that_was_cut_off_is_a_lost_connection() -> None:
    """What the driver says where its server is killed in the middle of an answer."""
    cut = psycopg2.DatabaseError("error with status PGRES_TUPLES_OK and no message from the libpq")
    refused = StorageError("Reading failed")
    refused.__cause__ = cut
    assert is_lost_connection(refused)
