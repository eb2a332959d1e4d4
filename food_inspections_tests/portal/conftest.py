"""A small city, served."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from food_inspections.portal.client import PortalClient
from food_inspections.portal.paging import OffsetPaging
from food_inspections.portal.sample_city import City, CityParameters, make_city
from food_inspections.portal.soda import Patience
from food_inspections_tests.chicago import COLUMNS, DATASET
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


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(portal: FaultyPortal, waits: list[float]) -> Iterator[PortalClient]:
    """Pages of 20 rows, and no real waiting."""
    with PortalClient(
        portal.url,
        DATASET,
        COLUMNS,
        app_token="the-token",
        paging=OffsetPaging(page_size=20),
        patience=Patience(sleep=waits.append),
    ) as client:
        yield client
