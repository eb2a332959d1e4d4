"""Which portals hold the same city: the very same one, and all that stand in for it on this machine."""

import pytest

from food_inspections.planning.portals import other_portal

CITY, LOCAL = "https://data.cityofchicago.org", "http://127.0.0.1:8200"


@pytest.mark.parametrize(
    ("known", "portal", "other"),
    [
        (CITY, CITY, None),
        (LOCAL, "http://localhost:9000", None),
        (CITY, "https://data.example.org", f"{CITY} (data)"),
        (CITY, LOCAL, f"{CITY} (data)"),
        (LOCAL, CITY, f"{LOCAL} (data)"),
    ],
)
def test_the_newest_download_says_which_city_the_store_holds(known: str, portal: str, other: str | None) -> None:
    assert other_portal([(known, "data"), ("https://earlier.example.org", "data")], portal, "data") == other


def test_another_data_set_is_another_city() -> None:
    assert other_portal([(CITY, "data")], CITY, "more") == f"{CITY} (data)"


def test_an_empty_store_takes_any_portal() -> None:
    assert other_portal([], CITY, "data") is None
