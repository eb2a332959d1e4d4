"""A small city, served."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from food_inspections.portal.sample_city import City, CityParameters, make_city
from food_inspections_tests.portal.faulty_portal import FaultyPortal

FIRST_DAY, LAST_DAY = date(2018, 6, 4), date(2018, 7, 29)


@pytest.fixture(scope="session")
def city() -> City:
    """Eight weeks around the change of law, some 60 visits each."""
    return make_city(CityParameters(1, FIRST_DAY, LAST_DAY, establishments=400, inspections_per_week=60))


@pytest.fixture(scope="session")
def inspections(city: City) -> pd.DataFrame:
    return city.inspections


@pytest.fixture
def portal(inspections: pd.DataFrame) -> Iterator[FaultyPortal]:
    with FaultyPortal(inspections) as portal:
        yield portal
