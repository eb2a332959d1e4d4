from datetime import date

import pandas as pd

from food_inspections.orchestration.io.outputs import WeeklyOutput, rows_by_week

FIRST, SECOND, THIRD = date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)


def frame(*weeks: date) -> pd.DataFrame:
    """Numbered rows of some weeks, under an index that says nothing."""
    stamps = pd.to_datetime(pd.Series(weeks, dtype="object"))
    return pd.DataFrame({"week": stamps, "number": range(len(weeks))}).set_axis(range(7, 7 + len(weeks)))


def test_rows_are_counted_by_week_and_an_empty_week_counts_none() -> None:
    output = WeeklyOutput(frame(SECOND, FIRST, SECOND))

    assert output.row_counts([FIRST, SECOND, THIRD]) == {FIRST: 1, SECOND: 2, THIRD: 0}
    assert WeeklyOutput(frame()).row_counts([FIRST]) == {FIRST: 0}


def test_rows_of_a_week_keep_their_order_and_get_a_fresh_index() -> None:
    groups = rows_by_week(frame(SECOND, FIRST, SECOND))

    assert list(groups) == [FIRST, SECOND]
    assert groups[SECOND]["number"].tolist() == [0, 2]
    assert groups[SECOND].index.tolist() == [0, 1]


def test_no_rows_are_of_no_week() -> None:
    assert rows_by_week(frame()) == {}
