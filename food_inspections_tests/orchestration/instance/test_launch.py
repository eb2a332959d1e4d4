"""What a command that launches runs leaves unsaid."""

import logging

import dagster_postgres.utils
import pytest

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
