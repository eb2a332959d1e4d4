from datetime import date
from typing import Any

import pandas as pd
import pytest

from food_inspections.errors import PermanentPortalError
from food_inspections.portal.paging import Days
from food_inspections.portal.rows import ROWS_TO_MISS_A_COLUMN, RowCollector
from food_inspections.portal.soda import WrongPageError
from food_inspections_tests.chicago import COLUMNS, PORTAL_FIELDS, RAW_COLUMNS

DAYS = Days(date(2025, 1, 6), date(2025, 1, 12))


def row(number: int, **values: Any) -> dict[str, Any]:
    whole = dict.fromkeys(PORTAL_FIELDS, "x")
    own = {":id": f"row-{number}", ":updated_at": "2025-01-08T00:00:00.000Z", "inspection_id": str(number)}
    return {**whole, **own, "inspection_date": "2025-01-07T00:00:00.000", **values}


def collected(*pages: list[dict[str, Any]]) -> pd.DataFrame:
    collector = RowCollector(DAYS, COLUMNS)
    for page in pages:
        collector.check(page)
        collector.add(page)
    frame = collector.frame()
    return frame.astype(object).where(frame.notna(), None)


def test_rows_are_sorted_by_day_and_id_whatever_their_page() -> None:
    frame = collected(
        [row(5), row(3, inspection_date="2025-01-08T00:00:00.000")],
        [row(4), row(1, inspection_date="2025-01-09T00:00:00.000")],
    )

    assert frame["inspection_id"].tolist() == ["4", "5", "3", "1"]
    assert tuple(frame.columns) == RAW_COLUMNS


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        (None, None),
        (True, "true"),
        ({"longitude": "-87.6", "latitude": "41.8"}, '{"latitude": "41.8", "longitude": "-87.6"}'),
        (["é"], '["é"]'),
    ],
)
def test_values_are_kept_as_text(value: object, text: str | None) -> None:
    assert collected([row(1, location=value)])["location"].iloc[0] == text


def test_fields_that_a_row_leaves_out_are_null() -> None:
    short = row(1)
    del short["risk"]

    assert collected([short, row(2)])["risk"].tolist() == [None, "x"]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ([row(1), row(1)], "inspection 1 came twice"),
        ([row(1, **{":id": None})], "a row of 2025-01-07 has no id"),
        ([row(1, inspection_id="")], "a row of 2025-01-07 has no id"),
        ([row(1, inspection_id=["1"])], "a row of 2025-01-07 has no id"),
        ([row(1, inspection_date=None)], "has the date ''"),
        ([row(1, inspection_date="20250107")], "has the date '20250107'"),
        ([row(1, inspection_date="2025-02-30")], "has the date '2025-02-30'"),
        ([row(1, inspection_date="2025-01-13T00:00:00.000")], "is of 2025-01-13, outside the days"),
        ([row(1, inspection_date="2025-01-05T23:59:59.999")], "is of 2025-01-05, outside the days"),
    ],
)
def test_wrong_rows_are_refused(page: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(WrongPageError, match=reason):
        collected(page)


def test_the_same_inspection_on_another_page_is_refused() -> None:
    with pytest.raises(WrongPageError, match="inspection 1 came twice"):
        collected([row(1)], [row(1, results="Fail", **{":id": "row-9"})])


def test_a_refused_page_may_come_again_right() -> None:
    collector = RowCollector(DAYS, COLUMNS)
    with pytest.raises(WrongPageError):
        collector.check([row(1), row(2, inspection_date=None)])

    collector.check([row(1), row(2)])
    collector.add([row(1), row(2)])

    assert collector.row_count == 2


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(PermanentPortalError, match="unknown column 'grade'"):
        collected([row(1, grade="A")])


@pytest.mark.parametrize(("count", "is_refused"), [(ROWS_TO_MISS_A_COLUMN, True), (ROWS_TO_MISS_A_COLUMN - 1, False)])
def test_a_column_that_no_row_has_is_missed_among_many(count: int, is_refused: bool) -> None:
    page = [row(number, results=None) for number in range(count)]

    if is_refused:
        with pytest.raises(PermanentPortalError, match=f"column 'results' is missing from all {count} rows"):
            collected(page)
    else:
        assert collected(page)["results"].isna().all()
