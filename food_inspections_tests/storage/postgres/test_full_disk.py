"""A home on a full disk: a sentence in place of PostgreSQL's log, and the same command finishes once there is room."""

import shutil
import subprocess
from pathlib import Path

import pytest

from food_inspections.errors import StorageError
from food_inspections.storage.postgres import embedded


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (
            'FATAL:  could not write to file "base/4": No space left on device\ninitdb: removing data directory',
            "is full: the embedded PostgreSQL could not start. Make room, then run this again.",
        ),
        ("FATAL:  could not write to file: Disk quota exceeded", "is full: the embedded PostgreSQL could not start."),
        (
            'LOG:  starting PostgreSQL 18.4\nFATAL:  could not write to file "pg_wal/1": No space left on device\n'
            + "FATAL:  the database system is not yet accepting connections\n" * 20,
            "is full: the embedded PostgreSQL could not start.",
        ),
        ("FATAL:  the locale is unknown", "did not start: FATAL: the locale is unknown"),
        (
            "PANIC:  No space left on device\nLOG:  starting PostgreSQL 18.4\nFATAL:  the locale is unknown",
            "did not start: 18.4 FATAL: the locale is unknown",
        ),
    ],
)
def test_what_the_log_says_of_a_server_that_did_not_start_is_told_in_a_sentence(
    tmp_path: Path, log: str, said: str
) -> None:
    (tmp_path / "log").write_text(log)

    assert said in embedded._why_not_started(tmp_path)


def test_a_home_on_a_full_disk_is_refused_in_a_sentence_and_made_once_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, check=False)  # noqa: S603
    if mounted.returncode:
        pytest.skip("small file systems can be mounted by root alone, and in few containers")
    try:
        with pytest.raises(StorageError, match="is full: the embedded PostgreSQL could not start"):
            embedded.hold(disk / "home", embedded.NOT_DURABLE)
        embedded.release(disk / "home")
        subprocess.run(["mount", "-o", "remount,size=300m", str(disk)], check=True)  # noqa: S603, S607
        embedded.hold(disk / "home", embedded.NOT_DURABLE)
        assert embedded.running(disk / "home") is not None
    finally:
        embedded.stop(disk / "home", is_forced=True)
        subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S603, S607


def test_a_disk_without_room_for_the_log_itself_is_named_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").write_text("")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))

    assert "is full: the embedded PostgreSQL could not start" in embedded._why_not_started(tmp_path)
