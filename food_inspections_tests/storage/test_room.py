import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from food_inspections.settings import Settings
from food_inspections.storage import room
from food_inspections.storage.room import lack_of_room, lack_of_room_to_begin


@pytest.fixture
def embedded(tmp_path: Path) -> Settings:
    """A home that does not exist yet, with a server of its own."""
    return Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(tmp_path / "not" / "there")})


def has_free(megabytes: int, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Let every disk have so much room; the folders that are asked for."""
    asked: list[Path] = []

    def disk_usage(folder: Path) -> SimpleNamespace:
        asked.append(folder)
        return SimpleNamespace(free=megabytes * room.MEGABYTE)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    return asked


def test_too_little_room_is_said_with_both_numbers(
    embedded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = has_free(395, monkeypatch)
    assert lack_of_room(embedded, 150) == (
        f"{embedded.home} has 395 MB free, and 150 weeks may need 396 MB: "
        "should the disk fill, make room and run this again."
    )
    assert asked == [tmp_path], "the home itself is not there yet"


def test_enough_room_is_not_talked_about(embedded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    has_free(396, monkeypatch)
    assert lack_of_room(embedded, 150) is None


def test_a_server_that_is_there_needs_no_room_again(embedded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (embedded.home / "postgres" / "data").mkdir(parents=True)
    has_free(34, monkeypatch)
    assert lack_of_room(embedded, 1) is None
    assert "34 MB free, and 2 weeks may need 36 MB" in str(lack_of_room(embedded, 2))


def test_before_a_server_is_made_its_own_room_is_looked_at(embedded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    has_free(97, monkeypatch)
    assert "97 MB free, and 1 week may need 98 MB" in str(lack_of_room_to_begin(embedded))
    (embedded.home / "postgres" / "data").mkdir(parents=True)
    has_free(0, monkeypatch)
    assert lack_of_room_to_begin(embedded) is None, "what is due may be nothing"


def test_a_server_elsewhere_is_not_estimated(embedded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    has_free(0, monkeypatch)
    assert lack_of_room(replace(embedded, database_url="postgresql://u@h/d"), 150) is None
