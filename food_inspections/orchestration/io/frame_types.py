"""dagster-pandas types made from ``sql/``: they describe and validate the frames between assets."""

from collections.abc import Callable
from functools import cache
from typing import Any

import dagster as dg
import pandas as pd
from dagster_pandas import PandasColumn, create_dagster_pandas_dataframe_type
from dagster_pandas.constraints import (
    ColumnConstraintViolationException,
    ColumnDTypeFnConstraint,
    Constraint,
    ConstraintViolationException,
    NonNullableColumnConstraint,
)
from dagster_pandas.validation import validate_constraints

from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.storage.postgres.schema import Column, Table, tables

# Given on writing, not by the asset.
_GIVEN_ON_WRITING = ("published_at", "version")


def is_text(dtype: Any) -> bool:
    """Whether a column may hold text; whether it does is seen when it is written."""
    return bool(pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype))


_KINDS: dict[str, Callable[[Any], bool]] = {
    "date": pd.api.types.is_datetime64_any_dtype,
    "integer": pd.api.types.is_integer_dtype,
    "bigint": pd.api.types.is_integer_dtype,
    "smallint": pd.api.types.is_integer_dtype,
    "double precision": pd.api.types.is_float_dtype,
    "boolean": pd.api.types.is_bool_dtype,
    "text": is_text,
}


@cache
def weekly_rows(table: str) -> dg.DagsterType:
    """The type of what an asset kept in a table returns: its columns, none of them null where ``sql/`` forbids it."""
    declared = tables()[table]
    rows = _frame_type(declared)

    def check(_: dg.TypeCheckContext, value: object) -> dg.TypeCheck:
        if not isinstance(value, WeeklyOutput):
            return dg.TypeCheck(success=False, description=f"Expected rows by week, got {type(value).__name__}.")
        try:
            # The columns of an empty week say nothing of their types.
            columns = _columns(declared) if len(value.frame) else [PandasColumn(name) for name in _names(declared)]
            validate_constraints(value.frame, pandas_columns=columns)
        except ConstraintViolationException as violation:
            return dg.TypeCheck(success=False, description=_in_words(declared, value.frame, violation))
        return dg.TypeCheck(success=True, metadata={"rows": len(value.frame)})

    return dg.DagsterType(
        type_check_fn=check,
        name=f"WeeklyRowsOf_{table.replace('.', '_')}",
        description=rows.description,
        typing_type=WeeklyOutput,
    )


def _in_words(table: Table, frame: pd.DataFrame, violation: ConstraintViolationException) -> str:
    """What is wrong; dagster-pandas itself prints the address of the offending rows."""
    missing = [name for name in _names(table) if name not in frame.columns]
    if missing:
        return f"Rows for {table.name} lack {', '.join(missing)}: sql/ declares these columns."
    if not isinstance(violation, ColumnConstraintViolationException):
        return f"Rows for {table.name}: {violation}"
    column = next(column for column in table.columns if column.name == violation.column_name)
    nulls = int(frame[column.name].isna().sum())
    if nulls:
        return f"Rows for {table.name}: {column.name} is null in {nulls} of {len(frame)} rows, which sql/ forbids."
    return f"Rows for {table.name}: {column.name} is {frame[column.name].dtype}, sql/ declares {column.type}."


def _frame_type(table: Table) -> dg.DagsterType:
    frame_type: dg.DagsterType = create_dagster_pandas_dataframe_type(
        name=f"FrameOf_{table.name.replace('.', '_')}", description=table.comment, columns=_columns(table)
    )
    return frame_type


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name not in _GIVEN_ON_WRITING]


def _columns(table: Table) -> list[PandasColumn]:
    return [_column(column) for column in table.columns if column.name not in _GIVEN_ON_WRITING]


def _column(column: Column) -> PandasColumn:
    if column.is_nullable:
        return PandasColumn(column.name)
    constraints: list[Constraint] = [NonNullableColumnConstraint()]
    if column.type in _KINDS:
        constraints.append(ColumnDTypeFnConstraint(_KINDS[column.type]))
    return PandasColumn(column.name, constraints=constraints)
