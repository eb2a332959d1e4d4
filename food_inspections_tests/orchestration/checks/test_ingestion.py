from datetime import date

import pandas as pd

from food_inspections.orchestration.checks.ingestion import RAW_INSPECTIONS
from food_inspections_tests.chicago import RAW_COLUMNS
from food_inspections_tests.orchestration.checks.scopes import WEEK, outcome


def raw(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame({column: ["x", "y"] for column in ("week", *RAW_COLUMNS)})
    frame = frame.assign(week=pd.Timestamp(WEEK), inspection_id=["1", "2"], inspection_date="2025-01-08T00:00:00.000")
    return frame.assign(**changes)


def test_a_truncated_object_is_rejected() -> None:
    config = {"minimum_bytes": 1000}
    assert outcome(RAW_INSPECTIONS, "minimum_bytes", raw(), object_bytes=1000, config=config).passed
    found = outcome(RAW_INSPECTIONS, "minimum_bytes", raw(), object_bytes=12, config=config)
    assert (found.passed, found.seen) == (False, "12 bytes")


def test_a_complete_week_without_inspections_is_pointed_out_but_stops_nothing() -> None:
    found = outcome(RAW_INSPECTIONS, "minimum_rows", raw().iloc[:0])
    assert (found.passed, found.is_warning) == (False, True)
    assert outcome(RAW_INSPECTIONS, "minimum_rows", raw()).passed


def test_a_week_under_the_minimum_asked_for_is_rejected() -> None:
    found = outcome(RAW_INSPECTIONS, "minimum_rows", raw(), config={"minimum_rows": 3})
    assert (found.passed, found.is_warning, found.expected) == (False, False, "at least 3 rows")


def test_a_week_that_has_not_begun_may_be_empty() -> None:
    future = date(2999, 12, 30)
    assert outcome(RAW_INSPECTIONS, "minimum_rows", raw().iloc[:0], week=future).passed


def test_missing_and_extra_columns_are_named() -> None:
    assert outcome(RAW_INSPECTIONS, "columns", raw()).passed
    found = outcome(RAW_INSPECTIONS, "columns", raw(surprise="x").drop(columns="results"))
    assert (found.passed, found.seen) == (False, "missing: results; extra: surprise")


def test_a_row_without_an_id_is_rejected() -> None:
    assert outcome(RAW_INSPECTIONS, "no_nulls_in_required_columns", raw()).passed
    found = outcome(RAW_INSPECTIONS, "no_nulls_in_required_columns", raw(inspection_id=["1", None]))
    assert (found.passed, found.seen) == (False, "1 in inspection_id")


def test_an_id_that_stands_twice_is_rejected() -> None:
    once = outcome(RAW_INSPECTIONS, "no_duplicate_ids", raw())
    assert (once.passed, once.seen) == (True, "none repeated")
    found = outcome(RAW_INSPECTIONS, "no_duplicate_ids", raw(inspection_id="7"))
    assert (found.passed, found.seen) == (False, "1 repeated: 7")


def test_the_sunday_belongs_to_the_week_and_the_next_monday_does_not() -> None:
    inside = outcome(RAW_INSPECTIONS, "dates_in_week", raw(inspection_date="2025-01-12T00:00:00.000"))
    assert (inside.passed, inside.seen) == (True, "all inside")
    found = outcome(RAW_INSPECTIONS, "dates_in_week", raw(inspection_date="2025-01-13T00:00:00.000"))
    assert (found.passed, found.seen) == (False, "2 outside: 2025-01-13, 2025-01-13")


def test_fewer_rows_than_recorded_are_rejected() -> None:
    assert outcome(RAW_INSPECTIONS, "row_count_as_recorded", raw()).passed
    assert not outcome(RAW_INSPECTIONS, "row_count_as_recorded", raw(), row_count=3).passed


def test_a_day_counts_whatever_time_and_zone_stand_beside_it() -> None:
    mixed = raw(inspection_date=["2025-01-06T00:00:00Z", "2025-01-12 09:30:00"])
    assert outcome(RAW_INSPECTIONS, "dates_in_week", mixed).passed


def test_what_is_no_date_does_not_lie_in_the_week() -> None:
    found = outcome(RAW_INSPECTIONS, "dates_in_week", raw(inspection_date=["2025-01-08", "soon"]))
    assert (found.passed, found.seen) == (False, "1 outside: soon")
