"""Portals on this machine have no name: what they serve tells whether it is what the home was pulled from."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from food_inspections.errors import FoodInspectionsError, PortalError
from food_inspections.orchestration.same_portal import require_same_inspections, require_same_portal
from food_inspections.portal.client import PortalClient
from food_inspections.portal.sample_city import CityParameters, make_city
from food_inspections.portal.server import PortalServer
from food_inspections_tests.orchestration.city import Deployment, deployment

FIRST = date(2018, 1, 1)
LAST = FIRST + timedelta(weeks=1)


def city(seed: int) -> pd.DataFrame:
    return make_city(CityParameters(seed, FIRST, LAST + timedelta(days=6), 300, inspections_per_week=25)).inspections


@pytest.fixture
def pulled(tmp_path: Path, database_url: str) -> Iterator[Deployment]:
    """A home that holds the first week of a city, and the second one not yet."""
    with deployment(tmp_path / "home", database_url, city(1)) as deployed:
        deployed.run("pull", FIRST)
        yield deployed


def test_another_city_behind_the_same_address_is_refused_in_a_sentence(pulled: Deployment) -> None:
    pulled.portal.replace(city(2))

    with pytest.raises(FoodInspectionsError, match=r"holds \d+ inspections of week 2018-01-01, of which the portal"):
        pulled.run("pull", LAST)
    assert pulled.status("raw_inspections", LAST) is None


def test_the_same_city_on_another_port_that_has_grown_and_corrected_a_result_is_pulled(pulled: Deployment) -> None:
    rows = city(1)
    with PortalServer(rows.assign(results=rows["results"].mask(rows.index == 0, "Fail"))) as portal:
        settings = replace(pulled.settings, portal_url=portal.url)
        with PortalClient.from_settings(settings) as client:
            require_same_portal(pulled.warehouse, portal.url, settings.dataset)
            require_same_inspections(pulled.warehouse, client)


def test_an_address_elsewhere_is_another_portal(pulled: Deployment) -> None:
    with pytest.raises(PortalError, match=r"holds inspections from http://127.*names https://data\.example\.org \(x\)"):
        require_same_portal(pulled.warehouse, "https://data.example.org", "x")
