"""The city that a home, a database and an object store were first used for; another one is refused.

Nothing about one city may leak into another's: a forecast learnt from both would look like any other.
"""

import json
from typing import NamedTuple

from sqlalchemy import Engine, text

from food_inspections import home_record
from food_inspections.errors import SettingsError, StorageError
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore

OBJECT = "city.json"
_REMEMBER = """
INSERT INTO metadata.city (name, data_set, profile, time_zone)
VALUES (:name, :data_set, :profile, :time_zone)
ON CONFLICT DO NOTHING
"""
_REMEMBERED = "SELECT name, profile, data_set, time_zone FROM metadata.city"


class _City(NamedTuple):
    """A city as it is remembered: names are not unique, there is more than one Springfield."""

    name: str | None
    profile: str | None
    data_set: str | None = None


def _city_of(settings: Settings) -> _City:
    portal = settings.profile.portal
    return _City(settings.profile.city.name, settings.city, None if portal is None else portal.dataset)


def require_city_of_home(settings: Settings) -> None:
    """Remember the city of the home, or refuse another one.

    Raises:
        SettingsError: The home holds another city.
    """
    asked = _city_of(settings)
    known = home_record.remember_city(settings.home, settings.city, settings.profile.city.name, asked.data_set)
    kept = _City(known.name, known.city, known.data_set)
    _compare(settings, f"The home {settings.home}", kept, "FOOD_INSPECTIONS_HOME to a new folder")


def require_city_of_database(settings: Settings, engine: Engine) -> None:
    """Remember the city of the database, or refuse another one; its time zone may be corrected.

    Raises:
        SettingsError: The database holds another city.
    """
    is_embedded = settings.database_url is None
    other = "FOOD_INSPECTIONS_HOME to a new folder" if is_embedded else "FOOD_INSPECTIONS_DATABASE_URL to an empty one"
    with engine.begin() as connection:
        zone = settings.profile.city.time_zone
        connection.execute(text(_REMEMBER), {**_city_of(settings)._asdict(), "time_zone": zone})
        *known, kept_zone = connection.execute(text(_REMEMBERED)).one()
        _compare(settings, "The database", _City(*known), other)
        if kept_zone != zone:
            connection.execute(text("UPDATE metadata.city SET time_zone = :zone"), {"zone": zone})


def require_city_of_objects(settings: Settings, store: ObjectStore) -> None:
    """Remember the city of the object store, or refuse another one.

    Raises:
        SettingsError: The store holds another city.
        StorageError: The store does not answer.
    """
    if not store.exists(OBJECT):
        store.put(OBJECT, json.dumps(_city_of(settings)._asdict()).encode())
        return
    try:
        kept = _City(**json.loads(store.get(OBJECT)))
    except (ValueError, TypeError) as error:
        raise StorageError(f"{OBJECT} in {settings.object_store} cannot be read ({error}): delete it.") from error
    _compare(
        settings,
        f"The object store {settings.object_store}",
        kept,
        "FOOD_INSPECTIONS_OBJECT_STORE to another folder or prefix",
    )


def _compare(settings: Settings, place: str, kept: _City, other: str) -> None:
    asked = _city_of(settings)
    if kept.name != asked.name:
        raise SettingsError(
            f"{place} holds {kept.name}, but FOOD_INSPECTIONS_CITY={settings.city} is {asked.name}: "
            f"set FOOD_INSPECTIONS_CITY={kept.profile} to go on with {kept.name}, or set {other} for {asked.name}."
        )
    # A profile that names no portal, as of files, says nothing of where its rows come from.
    if None not in (kept.data_set, asked.data_set) and kept.data_set != asked.data_set:
        raise SettingsError(
            f"{place} holds {kept.name} of the data set {kept.data_set}, but FOOD_INSPECTIONS_CITY={settings.city} "
            f"names {asked.data_set}: set FOOD_INSPECTIONS_CITY={kept.profile} to go on, or set {other} for "
            f"{asked.data_set}."
        )
