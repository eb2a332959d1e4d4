from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, InternalError

from food_inspections.monitor.queries import reading
from food_inspections.monitor.queries.reading import CANNOT_READ, read, trouble_of
from food_inspections.settings import Settings
from food_inspections_tests.monitor.conftest import Filled


def test_a_reader_cannot_write(filled: Filled) -> None:
    with reading.reading(filled.settings) as connection, pytest.raises(InternalError, match="read-only"):
        connection.execute(text("DELETE FROM metadata.pulls"))


def test_floats_without_a_value_stay_floats(connection: Connection) -> None:
    rows = read(connection, "SELECT CAST(NULL AS float8) AS missing, CAST(NULL AS text) AS name, :day AS day", day="x")
    assert rows["missing"].dtype == "float64"
    assert rows["name"][0] is None
    assert list(read(connection, "SELECT 1 AS a WHERE false").columns) == ["a"]


def test_what_several_parts_of_a_page_ask_for_is_read_once(filled: Filled) -> None:
    with reading.reading(filled.settings) as connection:
        first = read(connection, "SELECT random() AS number, :day AS day", day="x")
        first["added"] = 1
        again = read(connection, "SELECT random() AS number, :day AS day", day="x")
        other = read(connection, "SELECT random() AS number, :day AS day", day="y")
    with reading.reading(filled.settings) as connection:
        later = read(connection, "SELECT random() AS number, :day AS day", day="x")

    assert list(again.columns) == ["number", "day"]
    assert again["number"][0] == first["number"][0]
    assert len({first["number"][0], other["number"][0], later["number"][0]}) == 3


def test_a_slow_answer_is_given_up(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STATEMENT_TIMEOUT_SECONDS", 1)
    with reading.reading(filled.settings) as connection, pytest.raises(DBAPIError) as caught:
        read(connection, "SELECT pg_sleep(5)")
    assert "took too long" in trouble_of(caught.value).title


def test_a_database_without_tables_is_told_from_one_that_is_down(settings: Settings, empty_database_url: str) -> None:
    empty = replace(settings, database_url=empty_database_url)
    with pytest.raises(CANNOT_READ) as caught, reading.reading(empty) as connection:
        read(connection, "SELECT * FROM metadata.accepted_weeks")
    assert "no tables" in trouble_of(caught.value).title

    down = replace(settings, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(CANNOT_READ) as caught, reading.reading(down) as connection:
        read(connection, "SELECT 1")
    trouble = trouble_of(caught.value)
    assert "does not answer" in trouble.title
    assert "food-inspections" in trouble.advice
