import pandas as pd
import pytest

from food_inspections.domain.visit_order import in_visit_order

ORDERED = pd.DataFrame(
    {
        "inspection_date": pd.to_datetime(["2025-01-06", "2025-01-06", "2025-01-06", "2025-01-07"]),
        "inspection_id": ["9", "10", "11", "1"],
        "row": [0, 1, 2, 3],
    }
)


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 3, 2]])
def test_visits_stand_by_day_then_by_id_whatever_order_they_came_in(order: list[int]) -> None:
    found = in_visit_order(ORDERED.iloc[order])

    assert found["row"].tolist() == [0, 1, 2, 3]
    assert found.index.tolist() == [0, 1, 2, 3]


def test_rows_of_the_same_visit_keep_their_order() -> None:
    twice = pd.concat([ORDERED, ORDERED.assign(row=[10, 11, 12, 13])])

    assert in_visit_order(twice)["row"].tolist() == [0, 10, 1, 11, 2, 12, 3, 13]


def test_no_visits_are_in_order() -> None:
    assert in_visit_order(ORDERED.iloc[:0]).empty
