"""The city that a home, a database and an object store were first used for; another one is refused.

Nothing about one city may leak into another's: a forecast learnt from both would look like any other.
"""

import json

from sqlalchemy import Engine, text

from food_inspections import home_record
from food_inspections.errors import SettingsError, StorageError
from food_inspections.settings import Settings
from food_inspections.storage.objects import ObjectStore

OBJECT = "city.json"
_REMEMBER = "INSERT INTO metadata.city (name, profile) VALUES (:name, :profile) ON CONFLICT DO NOTHING"


def require_city_of_home(settings: Settings) -> None:
    """Remember the city of the home, or refuse another one.

    Raises:
        SettingsError: The home holds another city.
    """
    known = home_record.remember_city(settings.home, settings.city, settings.profile.city.name)
    _compare(settings, f"The home {settings.home}", known.name, known.city, "FOOD_INSPECTIONS_HOME to a new folder")


def require_city_of_database(settings: Settings, engine: Engine) -> None:
    """Remember the city of the database, or refuse another one.

    Raises:
        SettingsError: The database holds another city.
    """
    with engine.begin() as connection:
        connection.execute(text(_REMEMBER), {"name": settings.profile.city.name, "profile": settings.city})
        name, profile = connection.execute(text("SELECT name, profile FROM metadata.city")).one()
    is_embedded = settings.database_url is None
    other = "FOOD_INSPECTIONS_HOME to a new folder" if is_embedded else "FOOD_INSPECTIONS_DATABASE_URL to an empty one"
    _compare(settings, "The database", name, profile, other)


def require_city_of_objects(settings: Settings, store: ObjectStore) -> None:
    """Remember the city of the object store, or refuse another one.

    Raises:
        SettingsError: The store holds another city.
        StorageError: The store does not answer.
    """
    if not store.exists(OBJECT):
        kept = {"name": settings.profile.city.name, "profile": settings.city}
        store.put(OBJECT, json.dumps(kept).encode())
        return
    try:
        kept = json.loads(store.get(OBJECT))
        name, profile = kept["name"], kept["profile"]
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{OBJECT} in {settings.object_store} cannot be read ({error}): delete it.") from error
    _compare(
        settings,
        f"The object store {settings.object_store}",
        name,
        profile,
        "FOOD_INSPECTIONS_OBJECT_STORE to another folder or prefix",
    )


def _compare(settings: Settings, place: str, name: str | None, profile: str | None, other: str) -> None:
    asked = settings.profile.city.name
    if name != asked:
        raise SettingsError(
            f"{place} holds {name}, but FOOD_INSPECTIONS_CITY={settings.city} is {asked}: "
            f"set FOOD_INSPECTIONS_CITY={profile} to go on with {name}, or set {other} for {asked}."
        )
