from typing import Any

import dagster as dg
import pandas as pd
import pytest

from food_inspections.orchestration.io.frame_types import weekly_rows
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.storage.postgres.schema import tables

TABLE = "data.closures"


def closures(**changes: Any) -> pd.DataFrame:
    """Two rows as sql/ declares them."""
    columns: dict[str, Any] = {
        "week": pd.Timestamp("2025-01-06"),
        "inspection_id": ["1", "2"],
        "inspection_date": pd.Timestamp("2025-01-07"),
        "establishment_id": "e1",
        "dba_name": "NAME",
        "address": "1 MAIN ST",
        "results": "Out of Business",
    }
    return pd.DataFrame(columns | changes)


def judge(value: object, table: str = TABLE) -> dg.TypeCheck:
    result = dg.check_dagster_type(weekly_rows(table), value)
    assert isinstance(result, dg.TypeCheck)
    return result


def refusal(frame: pd.DataFrame) -> str:
    result = judge(WeeklyOutput(frame))
    assert not result.success
    return result.description or ""


def test_the_example_is_whole() -> None:
    assert list(closures().columns) == [column.name for column in tables()[TABLE].columns]


def test_rows_as_declared_are_accepted_and_counted() -> None:
    result = judge(WeeklyOutput(closures()))

    assert result.success
    assert result.metadata["rows"] == dg.IntMetadataValue(2)


def test_a_column_of_another_type_is_refused_by_name() -> None:
    assert refusal(closures(inspection_id=[1, 2])) == (
        "Rows for data.closures: inspection_id is int64, sql/ declares text."
    )
    assert refusal(closures(inspection_date="2025-01-07")) == (
        "Rows for data.closures: inspection_date is object, sql/ declares date."
    )


def test_a_null_where_none_may_be_is_refused_by_name() -> None:
    assert refusal(closures(establishment_id=["e1", None])) == (
        "Rows for data.closures: establishment_id is null in 1 of 2 rows, which sql/ forbids."
    )


def test_a_missing_column_is_refused_by_name() -> None:
    assert refusal(closures().drop(columns=["results", "week"])) == (
        "Rows for data.closures lack week, results: sql/ declares these columns."
    )


def test_an_empty_week_needs_its_columns_and_no_types() -> None:
    empty = pd.DataFrame(columns=closures().columns, dtype=object)

    assert judge(WeeklyOutput(empty)).success
    assert "results" in refusal(empty.drop(columns="results"))


def test_what_is_not_rows_by_week_is_refused() -> None:
    result = judge(closures())

    assert (result.success, result.description) == (False, "Expected rows by week, got DataFrame.")


def test_what_is_given_on_writing_is_not_asked_for() -> None:
    declared = {column.name for column in tables()["api.inspection_queue"].columns}
    assert {"version", "published_at"} <= declared
    types = weekly_rows("api.inspection_queue")
    empty = pd.DataFrame(columns=sorted(declared - {"version", "published_at"}), dtype=object)
    assert dg.check_dagster_type(types, WeeklyOutput(empty)).success


def test_nullable_columns_may_hold_anything() -> None:
    columns = {column.name: column for column in tables()["data.bias_report"].columns}
    assert columns["tpr"].is_nullable
    frame = pd.DataFrame({name: [_example(column.type)] for name, column in columns.items()}).assign(tpr=None)
    assert judge(WeeklyOutput(frame), "data.bias_report").success


def _example(type_: str) -> Any:
    examples = {"date": pd.Timestamp("2025-01-06"), "bigint": 1, "double precision": 0.5, "boolean": True}
    return examples.get(type_, "text")


@pytest.mark.parametrize("table", ["data.clean_inspections", "data.predictions", "monitoring.drift"])
def test_the_type_says_what_the_table_is(table: str) -> None:
    shown = weekly_rows(table)

    assert shown.unique_name == f"WeeklyRowsOf_{table.replace('.', '_')}"
    assert tables()[table].comment in (shown.description or "")
    assert tables()[table].columns[1].name in (shown.description or "")
