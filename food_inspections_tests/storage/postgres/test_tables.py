import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import URL, Connection, Engine, create_engine, text

from food_inspections.errors import DataError, StorageError
from food_inspections.storage.postgres import lines, tables
from food_inspections_tests.conftest import new_database

FIRST, SECOND = date(2025, 1, 6), date(2025, 1, 13)
ANY_TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


@pytest.fixture(scope="module")
def shared(database_server: URL) -> Iterator[Engine]:
    """A table with every type; tests roll back what they write to it."""
    with new_database(database_server) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(
                text(
                    """
                    CREATE TABLE things (
                        week date, name text, whole bigint, small smallint, number double precision, is_so boolean,
                        day date, moment timestamptz, facts jsonb,
                        PRIMARY KEY (week, name)
                    )
                    """
                )
            )
        yield engine
        engine.dispose()


@pytest.fixture
def connection(shared: Engine) -> Iterator[Connection]:
    with shared.connect() as connection:
        yield connection


def things(**columns: list[Any]) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    frame = pd.DataFrame({"week": pd.to_datetime([FIRST] * rows), "name": [f"n{row}" for row in range(rows)]})
    return frame.assign(**{name: pd.Series(values) for name, values in columns.items()})


def round_trip(connection: Connection, frame: pd.DataFrame, weeks: tuple[date, ...] = (FIRST,)) -> pd.DataFrame:
    tables.replace_weeks(connection, "things", frame, weeks)
    return tables.read_weeks(connection, "things", weeks, list(frame.columns))


def test_values_come_back_in_the_promised_types(connection: Connection) -> None:
    moment = datetime(2025, 1, 6, 12, 30, 0, 120000, tzinfo=UTC)
    facts = [{"b": [1, 2.5, None], "a": "é"}, ["x"]]
    frame = things(
        whole=[2**62, -1],
        number=[0.1, -0.0],
        is_so=[True, False],
        day=pd.to_datetime(["2025-01-07", "1999-12-31"]).to_list(),
        moment=[moment, moment],
        facts=facts,
    )

    back = round_trip(connection, frame)

    expected = frame.assign(facts=pd.Series(facts, dtype=object), moment=frame["moment"].astype("datetime64[us, UTC]"))
    assert_frame_equal(back, expected)
    assert back["week"].dtype == back["day"].dtype == "datetime64[ns]"
    assert back["name"].dtype == object
    assert back["facts"][0]["b"] == [1, 2.5, None]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_floating_point_comes_back_to_the_bit(connection: Connection, values: list[float]) -> None:
    back = round_trip(connection, things(number=values))["number"].to_numpy()

    order = np.argsort([f"n{row}" for row in range(len(values))], kind="stable")
    assert back.tobytes() == np.array(values)[order].tobytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.lists(ANY_TEXT, min_size=1, max_size=5, unique=True))
def test_any_text_comes_back_and_in_the_order_of_its_code_points(connection: Connection, values: list[str]) -> None:
    frame = pd.DataFrame({"week": pd.to_datetime([FIRST] * len(values)), "name": values})

    back = round_trip(connection, frame)

    assert back["name"].tolist() == sorted(values)
    assert tables.content_hash(back) == tables.content_hash(frame)


@pytest.mark.parametrize("value", ["\\.", "a\n\\.\nb", "\\N", "", "NULL", "\t", "a\r\nb", '"', ",", "\\"])
def test_text_that_copy_gives_a_meaning_stays_text(connection: Connection, value: str) -> None:
    frame = pd.DataFrame({"week": pd.to_datetime([FIRST]), "name": [value], "facts": [{"text": value}]})

    back = round_trip(connection, frame)

    assert back["name"].tolist() == [value]
    assert back["facts"].tolist() == [{"text": value}]


def test_missing_values_of_any_kind_are_null(connection: Connection) -> None:
    frame = things(
        whole=[np.nan, 3.0], number=[None, 1.5], is_so=[None, True], day=[pd.NaT, pd.Timestamp(FIRST)], facts=[None, {}]
    )

    back = round_trip(connection, frame)

    assert back.iloc[0].isna().tolist() == [False, False, True, True, True, True, True]
    assert back.iloc[1].tolist()[2:] == [3.0, 1.5, True, pd.Timestamp(FIRST), {}]
    assert tables.content_hash(back) == tables.content_hash(frame)


def test_replacing_weeks_leaves_the_others_alone(connection: Connection) -> None:
    both = pd.DataFrame({"week": pd.to_datetime([FIRST, SECOND]), "name": ["a", "b"]})
    tables.replace_weeks(connection, "things", both, [FIRST, SECOND])

    tables.replace_weeks(connection, "things", both.iloc[:0], [FIRST])

    assert tables.read_weeks(connection, "things", [FIRST, SECOND], ["name"])["name"].tolist() == ["b"]
    assert tables.read_before(connection, "things", SECOND)["name"].tolist() == []


def test_an_empty_week_has_the_types_of_a_full_one(connection: Connection) -> None:
    full = round_trip(connection, things(whole=[1], number=[1.0], is_so=[True], facts=[[]]))

    empty = tables.read_weeks(connection, "things", [SECOND], list(full.columns))

    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_a_query_takes_parameters_and_keeps_its_order(connection: Connection) -> None:
    round_trip(connection, things(whole=[1, 2, 3]))

    read = tables.read_query(
        connection,
        "SELECT name, whole % 2 AS odd FROM things WHERE whole = ANY(:wanted) AND name LIKE 'n%' ORDER BY 1 DESC;",
        {"wanted": [1, 2]},
    )

    assert read["name"].tolist() == ["n1", "n0"]
    assert read["odd"].tolist() == [0, 1]


def test_a_row_of_another_week_is_refused(connection: Connection) -> None:
    with pytest.raises(DataError, match="weeks not asked for: 2025-01-06"):
        tables.replace_weeks(connection, "things", things(whole=[1]), [SECOND])


def test_an_unknown_column_is_named(connection: Connection) -> None:
    with pytest.raises(StorageError, match="things has no column colour"):
        tables.replace_weeks(connection, "things", things(colour=["red"]), [FIRST])
    with pytest.raises(StorageError, match="things has no column colour"):
        tables.read_weeks(connection, "things", [FIRST], ["colour"])


def test_an_unknown_table_is_named(connection: Connection) -> None:
    with pytest.raises(StorageError, match=r"no table data\.nothing"):
        tables.read_weeks(connection, "data.nothing", [FIRST])


def test_a_nul_character_is_refused_and_located(connection: Connection) -> None:
    with pytest.raises(StorageError, match="Column name, row 1: the text has a NUL character"):
        tables.replace_weeks(connection, "things", things(whole=[1, 2]).assign(name=["a", "b\0c"]), [FIRST])


@pytest.mark.parametrize(
    ("column", "value"), [("whole", 1.5), ("name", 1), ("number", "much"), ("facts", {"a": float("nan")})]
)
def test_a_value_that_does_not_fit_is_refused(connection: Connection, column: str, value: object) -> None:
    with pytest.raises(DataError):
        tables.replace_weeks(connection, "things", things(whole=[1]).assign(**{column: [value]}), [FIRST])


def test_what_the_database_refuses_names_the_table(connection: Connection) -> None:
    with pytest.raises(StorageError, match=r"Writing things failed: .*duplicate key"):
        tables.replace_weeks(connection, "things", things(whole=[1, 2]).assign(name="same"), [FIRST])


@pytest.mark.parametrize("moment", ["between statements", "within COPY"])
def test_a_connection_lost_in_the_middle_leaves_the_week_as_it_was(
    shared: Engine, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_weeks(shared, [1])
    encode = lines.encode

    def write_and_lose_the_connection() -> None:
        with shared.begin() as connection:
            backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()

            def lose_it_first(frame: pd.DataFrame, types: Mapping[str, str]) -> Iterator[bytes]:
                end_backend(shared, backend)
                yield from encode(frame, types)

            tables.replace_weeks(connection, "things", things(whole=[2, 3]), [FIRST])
            if moment == "within COPY":
                monkeypatch.setattr(lines, "encode", lose_it_first)
            else:
                end_backend(shared, backend)
            tables.append_rows(connection, "things", things(whole=[4]))

    with pytest.raises(StorageError, match="Writing things failed"):
        write_and_lose_the_connection()

    monkeypatch.setattr(lines, "encode", encode)
    with shared.begin() as connection:
        assert tables.read_weeks(connection, "things", [FIRST], ["whole"])["whole"].tolist() == [1]
    write_weeks(shared, [])


def end_backend(engine: Engine, pid: int) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": pid}).scalar_one()


def test_writers_of_the_same_weeks_wait_for_each_other(shared: Engine) -> None:
    second = threading.Thread(target=lambda: write_weeks(shared, [3, 4, 5]))
    with shared.begin() as connection:
        tables.replace_weeks(connection, "things", things(whole=[1, 2]), [FIRST])
        second.start()
        while not is_somebody_waiting(shared):
            assert second.is_alive()
    second.join()

    with shared.begin() as connection:
        assert tables.read_weeks(connection, "things", [FIRST], ["whole"])["whole"].tolist() == [3, 4, 5]
    write_weeks(shared, [])


def write_weeks(engine: Engine, values: list[int]) -> None:
    with engine.begin() as connection:
        tables.replace_weeks(connection, "things", things(whole=values), [FIRST])


def is_somebody_waiting(engine: Engine) -> bool:
    with engine.connect() as connection:
        waiting = text("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(connection.execute(waiting).scalar_one())


def test_a_range_out_of_the_columns_type_is_refused(connection: Connection) -> None:
    with pytest.raises(StorageError, match="out of range"):
        tables.replace_weeks(connection, "things", things(small=[40_000]), [FIRST])


def test_the_hash_does_not_depend_on_how_values_are_held() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": pd.to_datetime([FIRST, SECOND])})
    other = pd.DataFrame(
        {"c": [SECOND, FIRST], "b": pd.Categorical([None, "x"]), "a": [2.0, 1.0]}, index=["second", "first"]
    )

    assert tables.content_hash(frame) == tables.content_hash(other)


@pytest.mark.parametrize(
    "other",
    [
        pd.DataFrame({"a": [1, 3]}),
        pd.DataFrame({"a": [1]}),
        pd.DataFrame({"a": [1, 2, 2]}),
        pd.DataFrame({"b": [1, 2]}),
        pd.DataFrame({"a": [1, None]}),
        pd.DataFrame({"a": []}),
    ],
)
def test_the_hash_depends_on_every_value(other: pd.DataFrame) -> None:
    assert tables.content_hash(pd.DataFrame({"a": [1, 2]})) != tables.content_hash(other)


def test_the_hash_tells_cells_apart() -> None:
    assert tables.content_hash(pd.DataFrame({"a": ["x\ty"], "b": ["z"]})) != tables.content_hash(
        pd.DataFrame({"a": ["x"], "b": ["y\tz"]})
    )


def test_json_hashes_alike_before_and_after_the_database(connection: Connection) -> None:
    frame = things(facts=[{"b": 1.0, "a": [1e-7, 1e22, True, None]}, [{"effect": -0.25}]])

    assert tables.content_hash(round_trip(connection, frame)) == tables.content_hash(frame)
    assert json.loads(json.dumps(round_trip(connection, frame)["facts"].tolist())) == frame["facts"].tolist()


def test_json_that_is_written_once_is_hashed_and_stored_as_what_it_was(connection: Connection) -> None:
    frame = things(facts=[{"b": 1.0, "a": '"quoted"'}, [{"effect": -0.25}]])
    written = tables.with_json(frame)

    assert tables.content_hash(written) == tables.content_hash(frame)
    assert_frame_equal(round_trip(connection, written), round_trip(connection, frame))
    assert tables.with_json(written).equals(written)
    text_in_json = things(facts=["{}", "true"])
    assert round_trip(connection, tables.with_json(text_in_json))["facts"].tolist() == ["{}", "true"]


def test_hashes_of_all_weeks_at_once_are_those_of_each_week_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "ROWS_AT_ONCE", 3)
    monday, size = pd.Timestamp("2025-01-06"), 12
    frame = pd.DataFrame(
        {
            "week": [monday + pd.Timedelta(weeks=row % 5) for row in range(size)],
            "count": pd.array([None if row % 4 == 0 else row for row in range(size)], dtype="Int64"),
            "ratio": [row / 7 for row in range(size)],
            "name": [None if row % 5 == 0 else f"a\t{row}" for row in range(size)],
            "reasons": [None if row % 5 == 1 else [{"effect": float(row)}] for row in range(size)],
            "visited": [monday + pd.Timedelta(hours=row % 2) for row in range(size)],
            "is_open": [row % 2 == 0 for row in range(size)],
        }
    )
    alone = {week: tables.content_hash(rows) for week, rows in frame.groupby("week")}
    assert tables.content_hashes(frame, "week") == alone
    assert tables.content_hashes(frame.sort_values("week", kind="stable"), "week") == alone
    assert tables.content_hashes(frame.iloc[:0], "week") == {}
