"""Searching establishments by words of their name and address.

Kept in memory by each worker: some 40,000 places are 20 MB and searched in
milliseconds, whatever was typed, where the database would have to look through
every inspection since 2010.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping

from api.database import Database
from api.queries import establishments


class Place(NamedTuple):
    """An establishment as its last visit found it, and the text it is searched by."""

    establishment_id: str
    dba_name: str
    aka_name: str
    address: str
    zip: str
    facility_type: str
    risk: str
    last_visit: object
    last_result: str
    searched: str


class Directory:
    """All establishments ever visited.

    Args:
        database: Where they are.
        reread_seconds: Read them again at most so often: while many weeks are written,
            they change with each of them.
    """

    def __init__(self, database: Database, reread_seconds: float = 5.0) -> None:
        self._database = database
        self.reread_seconds = reread_seconds
        self._lock = threading.Lock()
        self._read_at = -float("inf")
        self._held: tuple[str, tuple[Place, ...]] = ("", ())

    def current(self, connection: Connection) -> tuple[str, tuple[Place, ...]]:
        """The version held, and its establishments by name; read again first where they have changed.

        Args:
            connection: To ask on whether they have changed.
        """
        version = establishments.directory_version(connection)
        if self._is_due(version):
            with self._lock:
                if self._is_due(version):
                    self._held = self._database.snapshot(_read)
                    self._read_at = time.monotonic()
        return self._held

    def _is_due(self, version: str) -> bool:
        return version != self._held[0] and time.monotonic() - self._read_at >= self.reread_seconds


def search(places: Sequence[Place], words: str | None, zip_code: str | None, facility_type: str | None) -> list[Place]:
    """The places that fit, in the order given.

    Args:
        places: Where to look.
        words: Each must occur in name or address, case aside.
        zip_code: Postal code.
        facility_type: Kind of establishment.
    """
    tests: list[Callable[[Place], bool]] = []
    if zip_code is not None:
        tests.append(lambda place: place.zip == zip_code)
    if facility_type is not None:
        tests.append(lambda place: place.facility_type == facility_type)
    parts = (words or "").casefold().split()
    tests.append(lambda place: all(part in place.searched for part in parts))
    return [place for place in places if all(test(place) for test in tests)]


def _read(connection: Connection) -> tuple[str, tuple[Place, ...]]:
    version = establishments.directory_version(connection)
    places = [_place(row) for row in establishments.directory_rows(connection)]
    return version, tuple(sorted(places, key=lambda place: (place.dba_name, place.establishment_id)))


def _place(row: RowMapping) -> Place:
    searched = " ".join((row["dba_name"], row["aka_name"], row["address"], row["establishment_id"]))
    return Place(**row, searched=searched.casefold())
