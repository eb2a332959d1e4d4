"""Queries that a connection plans once."""

from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError, DBAPIError

from food_inspections.api.queries.prepared import Prepared

BETWEEN = Prepared("SELECT CAST(:day AS date) + 1 AS next, :word || ' and ' || CAST(:word AS text) AS words")


def statements_of(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one())


def test_parameters_go_where_they_are_named_also_twice(engine: Engine) -> None:
    with engine.connect() as connection:
        row = BETWEEN.row(connection, {"word": "it's 100%", "day": date(2026, 2, 28), "other": 1})
    assert (row.next, row.words) == (date(2026, 3, 1), "it's 100% and it's 100%")


def test_a_connection_is_told_once(engine: Engine) -> None:
    for word in ("one", "two"):
        with engine.connect() as connection:
            assert BETWEEN.ask(connection, {"word": word, "day": None}) == [(None, f"{word} and {word}")]
    assert statements_of(engine) == 1


def test_a_new_connection_is_told_anew(engine: Engine) -> None:
    with engine.connect() as connection:
        BETWEEN.ask(connection, {"word": "", "day": None})
        connection.invalidate()
    assert statements_of(engine) == 0
    with engine.connect() as connection:
        assert BETWEEN.row(connection, {"word": "a", "day": None}).words == "a and a"


def test_a_transaction_that_was_rolled_back_has_forgotten_nothing(engine: Engine) -> None:
    for _ in range(2):
        with engine.connect() as connection, connection.begin() as transaction:
            assert BETWEEN.row(connection, {"word": "a", "day": None}).words == "a and a"
            transaction.rollback()


def test_what_the_server_refuses_is_told_as_of_any_other_query(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DataError) as refused:
        BETWEEN.ask(connection, {"word": "a", "day": "no day"})
    assert refused.value.orig.pgcode == "22007"  # type: ignore[union-attr]
    assert not refused.value.connection_invalidated
    assert "no day" not in str(refused.value.statement)


def test_a_lost_connection_is_told_as_lost(engine: Engine) -> None:
    with engine.connect() as lost:
        number = lost.execute(text("SELECT pg_backend_pid()")).scalar_one()
        BETWEEN.ask(lost, {"word": "a", "day": None})
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
        with pytest.raises(DBAPIError) as error:
            BETWEEN.ask(lost, {"word": "a", "day": None})
    assert error.value.connection_invalidated
    assert statements_of(engine) == 0
