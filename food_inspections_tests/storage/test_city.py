"""A home, a database and an object store remember the city they were first used for, and refuse another one."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from food_inspections.errors import SettingsError
from food_inspections.settings import Settings
from food_inspections.storage.postgres import database
from food_inspections.storage.warehouse import Warehouse


def of_new_york(settings: Settings, **changes: object) -> Settings:
    return replace(settings, city="new_york", **changes)  # type: ignore[arg-type]  # any setting


def test_another_city_is_refused_in_the_same_home(settings: Settings) -> None:
    database.upgrade(settings)

    with pytest.raises(SettingsError) as error:
        database.upgrade(of_new_york(settings))
    assert str(error.value) == (
        f"The home {settings.home} holds Chicago, but FOOD_INSPECTIONS_CITY=new_york is New York: set "
        "FOOD_INSPECTIONS_CITY=chicago to go on with Chicago, or set FOOD_INSPECTIONS_HOME to a new folder for New "
        "York."
    )


def test_another_city_is_refused_in_the_same_database(settings: Settings, tmp_path: Path) -> None:
    database.upgrade(settings)

    with pytest.raises(SettingsError, match=r"The database holds Chicago, .* FOOD_INSPECTIONS_DATABASE_URL to"):
        database.upgrade(of_new_york(settings, home=tmp_path / "other"))


def test_another_city_is_refused_in_the_same_object_store(settings: Settings, tmp_path: Path) -> None:
    assert Warehouse(settings).objects.exists("city.json")

    other = of_new_york(settings, home=tmp_path / "other")
    with pytest.raises(SettingsError, match=r"holds Chicago, .* FOOD_INSPECTIONS_OBJECT_STORE to another"):
        Warehouse(other).objects  # noqa: B018 - opening it is what is tried


def test_the_same_city_may_be_named_by_the_path_of_a_profile(settings: Settings, tmp_path: Path) -> None:
    """Its own people change a profile over the years, in a copy of their own."""
    database.upgrade(settings)
    profile = tmp_path / "ours.toml"
    profile.write_text((Path(__file__).parents[2] / "food_inspections/cities/chicago.toml").read_text())

    assert database.upgrade(replace(settings, city=str(profile))) == []
    assert Warehouse(replace(settings, city=str(profile))).objects.exists("city.json")


def test_a_time_zone_that_was_corrected_is_corrected_in_the_database(settings: Settings) -> None:
    drafted, corrected = (springfield(settings, name) for name in ("drafted", "corrected"))
    path = Path(corrected.city)
    path.write_text(path.read_text().replace("America/Chicago", "America/Denver").replace('"corrected"', '"drafted"'))
    database.upgrade(drafted)
    database.upgrade(corrected)

    with database.engine(corrected).connect() as connection:
        assert connection.execute(text("SELECT time_zone FROM metadata.city")).scalars().all() == ["America/Denver"]


def springfield(settings: Settings, data_set: str) -> Settings:
    """Settings of one of several cities of that name, told apart by their portals."""
    path = settings.home.parent / f"{data_set}.toml"
    chicago = (Path(__file__).parents[2] / "food_inspections/cities/chicago.toml").read_text()
    path.write_text(chicago.replace('"Chicago"', '"Springfield"').replace("4ijn-s7e5", data_set))
    return replace(settings, city=str(path))


def test_another_city_of_the_same_name_is_refused_everywhere(settings: Settings, tmp_path: Path) -> None:
    ours, theirs = springfield(settings, "aaaa-1111"), springfield(settings, "bbbb-2222")
    database.upgrade(ours)
    assert Warehouse(ours).objects.exists("city.json")

    with pytest.raises(SettingsError, match=r"The home .* holds Springfield of the data set aaaa-1111, .* bbbb-2222"):
        database.upgrade(theirs)
    elsewhere = replace(theirs, home=tmp_path / "other")
    with pytest.raises(SettingsError, match=r"The database holds Springfield of the data set aaaa-1111"):
        database.upgrade(elsewhere)
    with pytest.raises(SettingsError, match=r"The object store .* holds Springfield of the data set aaaa-1111"):
        Warehouse(elsewhere).objects  # noqa: B018 - opening it is what is tried


def test_a_profile_without_a_portal_is_known_by_its_name(settings: Settings) -> None:
    profile = springfield(settings, "aaaa-1111")
    database.upgrade(profile)
    path = Path(profile.city)
    text = path.read_text()
    path.write_text(text[: text.index("[portal]")] + text[text.index("[rows]") :])

    assert database.upgrade(replace(profile, label="critical")) == []
