"""A small artificial city, made and cleaned once for all tests of whole forecasts."""

from datetime import date

import pandas as pd
import pytest

from food_inspections.domain.inspections.cleaning import Cleaned
from food_inspections.portal.sample_city import make_inspections
from food_inspections_tests.domain.first_city import clean


@pytest.fixture(scope="session")
def small_city_rows() -> pd.DataFrame:
    days = (date(2016, 1, 4), date(2016, 12, 31))
    return make_inspections(5, *days, establishments=400, inspections_per_week=60)


@pytest.fixture(scope="session")
def small_city(small_city_rows: pd.DataFrame) -> Cleaned:
    return clean(small_city_rows)
