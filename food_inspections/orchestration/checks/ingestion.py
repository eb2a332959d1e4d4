"""Checks of what a pull brought."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import dagster as dg
from pydantic import Field

from food_inspections.domain.weeks import is_complete
from food_inspections.orchestration.checks.common import (
    dates_in_week,
    no_duplicates,
    no_nulls,
    row_count_as_recorded,
)
from food_inspections.orchestration.checks.suite import Check, Outcome, RunUnderTest, Suite, WeekUnderTest, per_week
from food_inspections.orchestration.partitions import CALENDAR
from food_inspections.portal.columns import ROW_ID, SYSTEM_FIELDS, DatasetColumns
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse

# A Parquet file with the portal's columns and no row takes more than this.
DEFAULT_MINIMUM_BYTES = 1_000


class PullConfig(dg.Config):
    """What a pull must bring."""

    minimum_bytes: int = Field(DEFAULT_MINIMUM_BYTES, description="Smallest object a pull may leave, in bytes.")
    minimum_rows: int | None = Field(
        None,
        description="Fewest inspections of a week; where given, a smaller week is rejected instead of pointed out.",
    )


def _read(warehouse: Warehouse, written: Sequence[records.Recorded]) -> list[WeekUnderTest]:
    return [
        WeekUnderTest(
            row.week,
            warehouse.read_object(row.object_key),
            row.parameters,
            row.row_count,
            len(warehouse.objects.get(row.object_key)),
        )
        for row in written
        if row.object_key is not None
    ]


def _of_the_city(name: str, description: str, make: Callable[[DatasetColumns], Check]) -> Check:
    """A check whose columns the city's profile names."""

    def evaluate(run: RunUnderTest) -> Mapping[date, Outcome]:
        return make(DatasetColumns.of(run.warehouse.profile)).evaluate(run)

    return Check(name, description, evaluate)


def _all_columns(columns: DatasetColumns) -> Check:
    expected = ["week", *columns.raw]

    def evaluate(week: WeekUnderTest) -> Outcome:
        missing = [column for column in expected if column not in week.frame.columns]
        extra = [column for column in week.frame.columns if column not in expected]
        seen = f"missing: {', '.join(missing) or 'none'}; extra: {', '.join(extra) or 'none'}"
        return Outcome(not missing and not extra, f"the {len(expected)} columns of a pull", seen)

    return Check("columns", "", per_week(evaluate))


def _identity(columns: DatasetColumns) -> tuple[str, ...]:
    """What tells the rows of a pull apart."""
    return columns.key if columns.is_one_row_each else (SYSTEM_FIELDS[ROW_ID],)


def _is_large_enough(run: RunUnderTest) -> dict[date, Outcome]:
    minimum = run.config.minimum_bytes
    return {
        week.week: Outcome(
            (week.object_bytes or 0) >= minimum, f"at least {minimum} bytes", f"{week.object_bytes or 0} bytes"
        )
        for week in run.weeks
    }


def _has_enough_rows(run: RunUnderTest) -> dict[date, Outcome]:
    """A complete week without inspections is possible, so it is only pointed out, unless a minimum was asked for."""
    asked = run.config.minimum_rows
    today = CALENDAR.today()
    outcomes = {}
    for week in run.weeks:
        minimum = asked if asked is not None else int(is_complete(week.week, today))
        outcomes[week.week] = Outcome(
            len(week.frame) >= minimum,
            f"at least {minimum} rows",
            f"{len(week.frame)} rows",
            is_warning=asked is None,
        )
    return outcomes


RAW_INSPECTIONS = Suite(
    asset="raw_inspections",
    read=_read,
    config=PullConfig,
    checks=[
        Check("minimum_bytes", "The stored object is not truncated.", _is_large_enough),
        Check("minimum_rows", "A complete week has inspections.", _has_enough_rows),
        _of_the_city("columns", "The pull has the columns asked for, and no other.", _all_columns),
        _of_the_city(
            "no_nulls_in_required_columns",
            "Every row has an id and a day.",
            lambda columns: no_nulls((*_identity(columns), columns.date)),
        ),
        _of_the_city(
            "no_duplicate_ids", "An id stands in one row.", lambda columns: no_duplicates(*_identity(columns))
        ),
        _of_the_city(
            "dates_in_week", "The day of every row lies in the week.", lambda columns: dates_in_week(columns.date)
        ),
        row_count_as_recorded(),
    ],
)
