"""What a command that launches runs leaves unsaid."""

import logging
import sys
from collections.abc import Callable
from datetime import date

import dagster as dg
import dagster_postgres.utils
import psycopg2
import pytest
from sqlalchemy.exc import OperationalError

from food_inspections.errors import FoodInspectionsError, StorageError
from food_inspections.orchestration.instance import launch


def test_that_dagster_tries_again_to_reach_the_database_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    root = logging.getLogger()
    root.addFilter(launch._is_news)
    attempts = []

    def connect() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise dagster_postgres.utils.sqlalchemy.exc.TimeoutError("away")
        return "connected"

    try:
        assert dagster_postgres.utils.retry_pg_connection_fn(connect, retry_wait=0.01) == "connected"
        logging.warning("The disk is nearly full.")
    finally:
        root.removeFilter(launch._is_news)

    assert len(attempts) == 2
    assert [record.message for record in caplog.records] == ["The disk is nearly full."]


def test_an_event_that_cannot_be_stored_is_told_by_the_error_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Dagster writes what went wrong to standard error before it raises it."""

    @dg.op
    def nothing() -> None:
        sys.stderr.write("what a step says\n")

    @dg.job(partitions_def=dg.StaticPartitionsDefinition(["2025-01-06"]))
    def job() -> None:
        nothing()

    defs = dg.Definitions(jobs=[job])
    with dg.DagsterInstance.ephemeral() as instance:
        instance._event_storage.store_event = refuse_steps(instance._event_storage.store_event)  # type: ignore[method-assign]
        with pytest.raises(FoodInspectionsError, match=r"Run .* failed: The disk is full"):
            launch.run_job(defs, instance, "job", date(2025, 1, 6))

    assert capsys.readouterr().err == ""


def driver_error() -> OperationalError:
    said = "server closed the connection unexpectedly\n\tThis probably means the server terminated.\n"
    return OperationalError("UPDATE asset_check_executions", {}, psycopg2.OperationalError(said))


@pytest.mark.parametrize("is_told", [True, False], ids=["told by ours", "as SQLAlchemy gives it"])
def test_a_database_that_dagster_loses_in_a_step_is_a_sentence_without_the_statement(is_told: bool) -> None:
    @dg.op
    def lose_it() -> None:
        if is_told:
            raise StorageError("The database is away.") from driver_error()
        raise driver_error()

    @dg.job(partitions_def=dg.StaticPartitionsDefinition(["2025-01-06"]))
    def job() -> None:
        lose_it()

    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(FoodInspectionsError) as raised:
        launch.run_job(dg.Definitions(jobs=[job]), instance, "job", date(2025, 1, 6))

    assert str(raised.value).partition("failed: ")[2] == "lose_it: " + (
        "The database is away."
        if is_told
        else "The database was lost or refused to go on: server closed the connection unexpectedly This probably means "
        "the server terminated. Check that its server runs, then run this again."
    )


def refuse_steps(store: Callable[[dg.EventLogEntry], None]) -> Callable[[dg.EventLogEntry], None]:
    def refuse(event: dg.EventLogEntry) -> None:
        if event.step_key:
            raise StorageError("The disk is full.")
        store(event)

    return refuse


def test_what_steps_write_to_standard_error_stays(capsys: pytest.CaptureFixture[str]) -> None:
    stream = launch._WithoutEchoes(sys.stderr)
    stream.write("Exception while storing event batch: The disk is full.\n")
    stream.write("Exception in a step\n")
    stream.flush()

    assert capsys.readouterr().err == "Exception in a step\n"
