"""Whether the home folder's disk has room for the work ahead, said before it begins.

The estimate is on the safe side of what was measured: a home of 40 weeks of 25 inspections took 84 MB, most of it the
empty server, and the demo's 359 MB, its write-ahead log included.
"""

import shutil
from pathlib import Path

from food_inspections.settings import Settings

MEGABYTE = 1024**2
SERVER_BYTES = 64 * MEGABYTE
"""An embedded server without rows, and the log it writes ahead; a server that has run has both already."""

BASE_BYTES = 32 * MEGABYTE
"""What any run adds: Dagster's records of it, a model, and two files of the write-ahead log."""

BYTES_A_WEEK = 2 * MEGABYTE
"""All tables and objects of a week of some hundred inspections, and the log of writing them."""


def lack_of_room(settings: Settings, weeks: int) -> str | None:
    """What to say where the home has less free space than some weeks will need; ``None`` where there is enough.

    Args:
        settings: The deployment; one that keeps its rows on a server of its own is not estimated.
        weeks: Weeks to be made.
    """
    if settings.database_url is not None:
        return None
    needed = BASE_BYTES + weeks * BYTES_A_WEEK + (SERVER_BYTES if _is_new(settings) else 0)
    free = shutil.disk_usage(_existing(settings.home)).free
    if free >= needed:
        return None
    return (
        f"{settings.home} has {free // MEGABYTE} MB free, and {weeks} week{'' if weeks == 1 else 's'} may need "
        f"{needed // MEGABYTE} MB: should the disk fill, make room and run this again."
    )


def lack_of_room_to_begin(settings: Settings) -> str | None:
    """The same, for a single week, where the server has to be made before it is known what is due."""
    return lack_of_room(settings, 1) if _is_new(settings) else None


def _is_new(settings: Settings) -> bool:
    return not (settings.home / "postgres" / "data").exists()


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.exists())
