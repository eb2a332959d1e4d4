"""What a home folder remembers: its city, the week its history begins with, and what stands in for its portal.

Read with the settings, before anything is connected; so that a home once made needs no variable to be told apart.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from food_inspections.errors import SettingsError

NAME = "city.json"


@dataclass(frozen=True)
class HomeRecord:
    """What is known of a home; nothing of a new one.

    Attributes:
        city: Name of the city's profile, or the path of one.
        name: The city's name.
        data_set: The portal's id of the city's data set; ``None`` where its profile names no portal.
        first_week: Monday of the first week that was pulled.
        portal_files: Files that stand in for the city's portal.
    """

    city: str | None = None
    name: str | None = None
    data_set: str | None = None
    first_week: date | None = None
    portal_files: tuple[Path, ...] = ()


def read(home: Path) -> HomeRecord:
    """The record of a home.

    Raises:
        SettingsError: There is one that cannot be read.
    """
    path = home / NAME
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        first_week = kept["first_week"]
        return HomeRecord(
            kept["city"],
            kept["name"],
            kept.get("data_set"),
            date.fromisoformat(first_week) if first_week else None,
            tuple(map(Path, kept["portal_files"])),
        )
    except FileNotFoundError:
        return HomeRecord()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): delete it, and the home is asked anew.") from error


def remember_city(home: Path, city: str, name: str, data_set: str | None = None) -> HomeRecord:
    """The record of a home, written where there is none yet."""
    known = read(home)
    if known.city is not None:
        return known
    return _write(home, replace(known, city=city, name=name, data_set=data_set))


def remember_first_week(home: Path, week: date) -> None:
    """Note the week that the home's history begins with."""
    _write(home, replace(read(home), first_week=week))


def remember_portal_files(home: Path, files: Sequence[Path]) -> None:
    """Note which files stand in for the city's portal."""
    _write(home, replace(read(home), portal_files=tuple(path.resolve() for path in files)))


def _write(home: Path, record: HomeRecord) -> HomeRecord:
    home.mkdir(parents=True, exist_ok=True)
    part = home / f".{NAME}.{os.getpid()}"
    kept = asdict(record) | {
        "first_week": str(record.first_week) if record.first_week else None,
        "portal_files": [str(path) for path in record.portal_files],
    }
    try:
        part.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        part.replace(home / NAME)
    finally:
        part.unlink(missing_ok=True)
    return record
