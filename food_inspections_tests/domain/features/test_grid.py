"""The grid that neighbours are found on: moved by a hair, every stored feature of a neighbourhood would change."""

import pandas as pd
import pytest

from food_inspections.domain.features.neighbourhood import cell_longitude, cells
from food_inspections_tests.domain.first_city import CITY


@pytest.mark.parametrize(
    ("latitude", "longitude", "row", "column"),
    [
        (41.88, -87.63, 26376, 13745),
        (41.8801, -87.6299, 26376, 13745),
        (41.885, -87.63, 26377, 13745),
        (41.88, -87.63 + 0.00672, 26376, 13746),
        (-90.0, -180.0, 0, 0),
    ],
)
def test_places_lie_in_cells_counted_from_the_corner_of_the_map(
    latitude: float, longitude: float, row: int, column: int
) -> None:
    places = pd.DataFrame({"latitude": [latitude + 1e-9], "longitude": [longitude + 1e-9]})
    (cell,) = cells(places, cell_longitude(CITY.map))

    assert divmod(cell, 1 << 17) == (row, column)


def test_a_place_that_is_nowhere_lies_in_no_cell() -> None:
    places = pd.DataFrame({"latitude": [float("nan"), 41.9], "longitude": [-87.6, float("nan")]})

    assert cells(places, 0.007).tolist() == [-1, -1]


def test_a_city_without_a_map_has_cells_of_middle_latitudes() -> None:
    assert cell_longitude(None) == 0.00708
