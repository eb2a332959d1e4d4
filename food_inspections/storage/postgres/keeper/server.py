"""Start PostgreSQL, watch it, stop it."""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from food_inspections.storage.postgres.keeper import DATABASE, START_SECONDS, STOP_SECONDS, USER, KeeperError
from food_inspections.storage.postgres.keeper.files import is_same_file, try_lock, write
from food_inspections.storage.postgres.keeper.identity import server_identity

TICK_SECONDS = 0.1
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")
LONGEST_LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1


class Server:
    """The server of one folder.

    Args:
        folder: The server's folder.
        binaries: Folder of ``postgres`` and ``initdb``.
        options: Server settings, ``name=value``, beyond those every server gets.
    """

    def __init__(self, folder: Path, binaries: Path, options: Sequence[str]) -> None:
        self.folder = folder
        self.binaries = binaries
        self.options = options
        self.data = folder / "data"
        self.holders = os.open(folder / "holders.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self.identity = server_identity(folder, binaries)

    def run(self, report: Callable[[str], None]) -> None:
        """Start the server, tell so, and stay until it is to stop.

        Raises:
            KeeperError: It does not start.
        """
        for marker in ("pinned", "stop"):
            (self.folder / marker).unlink(missing_ok=True)
        socket_folder = self._socket_folder()
        try:
            while True:
                server = self._start(socket_folder)
                report("ready")
                try:
                    self._wait_for_the_last(server)
                finally:
                    has_died = server.poll() is not None
                    _stop(server)
                if not has_died:
                    return
        finally:
            (self.folder / "address.json").unlink(missing_ok=True)
            shutil.rmtree(socket_folder, ignore_errors=True)

    def _start(self, socket_folder: Path) -> "subprocess.Popen[bytes]":
        in_use = self._take_server_lock()
        try:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for leftover in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
                (socket_folder / leftover).unlink(missing_ok=True)
            if not self.data.exists():
                self._initialise(in_use)
            self._own_data()
            settings = [
                "listen_addresses=",
                f'unix_socket_directories="{str(socket_folder).replace(chr(34), chr(34) * 2)}"',
                "unix_socket_permissions=0700",
                *self.options,
            ]
            with self._log() as log:
                begin = log.seek(0, os.SEEK_END)
                server = subprocess.Popen(  # noqa: S603 - our own binary
                    [
                        str(self.binaries / "postgres"),
                        *("-D", str(self.data), "-p", "5432"),
                        *(word for setting in settings for word in ("-c", setting)),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=_environment(),
                    preexec_fn=self._become_child,  # noqa: PLW1509 - this process has one thread
                    pass_fds=(in_use,),
                )
        finally:
            os.close(in_use)
        self._wait_until_ready(server, begin)
        address = {"socket": str(socket_folder), "keeper": os.getpid(), "server": server.pid}
        write(self.folder / "address.json", json.dumps(address))
        return server

    def _take_server_lock(self) -> int:
        """Wait until no process of an earlier server is left, and take its lock."""
        descriptor = os.open(self.folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + STOP_SECONDS
        is_told = False
        while not try_lock(descriptor, fcntl.LOCK_EX):
            if not is_told:
                is_told = _tell_orphan_to_stop(self.data / "postmaster.pid")
            if time.monotonic() > deadline:
                raise KeeperError(f"An earlier PostgreSQL still uses {self.data} after {STOP_SECONDS} s: end it first.")
            time.sleep(TICK_SECONDS)
        return descriptor

    def _initialise(self, in_use: int) -> None:
        """Make the data folder under another name and rename it, so that a kill leaves none half made."""
        for leftover in self.folder.glob("new-*"):
            shutil.rmtree(leftover)
        draft = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        data, password = draft / "data", draft / "password"
        write(password, (self.folder / "password").read_text())
        for path in (draft, password):
            os.chown(path, self.identity.user, self.identity.group)
        self._execute(
            in_use,
            None,
            "initdb",
            f"--pgdata={data}",
            f"--username={USER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            # Stretching is for passwords people think of; it would slow down every connection.
            "--set=scram_iterations=1",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
            *(["--no-sync"] if "fsync=off" in self.options else []),
        )
        self._execute(in_use, f"CREATE DATABASE {DATABASE}\n", "postgres", "--single", "-D", str(data), "postgres")
        data.rename(self.data)
        shutil.rmtree(draft)

    def _execute(self, in_use: int, standard_input: str | None, command: str, *arguments: str) -> None:
        with self._log() as log:
            begin = log.seek(0, os.SEEK_END)
            result = subprocess.run(  # noqa: S603 - our own binary
                [str(self.binaries / command), *arguments],
                input=(standard_input or "").encode(),
                stdout=log,
                stderr=log,
                env=_environment(),
                preexec_fn=self._become_child,
                pass_fds=(in_use,),
                check=False,
            )
        if result.returncode != 0:
            raise KeeperError(f"{command} failed: {self._last_words(begin)}")

    def _wait_until_ready(self, server: "subprocess.Popen[bytes]", begin: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(self.data / "postmaster.pid", server.pid):
            if server.poll() is not None or time.monotonic() > deadline:
                _stop(server)
                raise KeeperError(f"{self._last_words(begin)} (see {self.folder / 'log'})")
            time.sleep(0.02)

    def _last_words(self, begin: int) -> str:
        """What was logged from a position on, in one line."""
        with self._log() as log:
            log.seek(begin)
            return " ".join(log.read().decode(errors="replace").split())[-500:]

    def _own_data(self) -> None:
        """Hand the data over to whoever runs the server now; root may have used another identity before."""
        owner = self.data.stat()
        if os.geteuid() == 0 and (owner.st_uid, owner.st_gid) != (self.identity.user, self.identity.group):
            for folder, _, files in os.walk(self.data):
                for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 - thousands
                    os.chown(path, self.identity.user, self.identity.group, follow_symlinks=False)

    def _wait_for_the_last(self, server: "subprocess.Popen[bytes]") -> None:
        """Return when nobody uses the server, when it is told to stop, or when it died or lost its folder."""
        while server.poll() is None:
            if not is_same_file(self.folder / "holders.lock", self.holders) or (self.folder / "stop").exists():
                return
            if not (self.folder / "pinned").exists() and try_lock(self.holders, fcntl.LOCK_EX):
                return
            time.sleep(TICK_SECONDS)

    def _socket_folder(self) -> Path:
        """A private folder whose path fits into a socket address, and that libpq does not take for a list."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            shutil.rmtree(json.loads((self.folder / "address.json").read_text())["socket"], ignore_errors=True)
        candidate = self.folder / "socket"
        if len(os.fsencode(candidate)) > LONGEST_SOCKET_FOLDER or "," in str(candidate):
            candidate = Path(tempfile.mkdtemp(prefix="food-inspections-", dir=_short_temporary_folder()))
        candidate.mkdir(mode=0o700, exist_ok=True)
        candidate.chmod(0o700)
        os.chown(candidate, self.identity.user, self.identity.group)
        return candidate

    def _become_child(self) -> None:
        """Run in the child before PostgreSQL: take its identity, and end it should the keeper be killed."""
        keeper = os.getppid()
        self.identity.become()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != keeper:
                os.kill(os.getpid(), signal.SIGKILL)

    def _log(self) -> BinaryIO:
        path = self.folder / "log"
        if path.exists() and path.stat().st_size > LONGEST_LOG_BYTES:
            path.unlink()
        return path.open("a+b")


def _tell_orphan_to_stop(pid_file: Path) -> bool:
    """Ask a server whose keeper was killed to stop; its lock is taken, so the number in its file is its own."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGINT)
        return True
    return False


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Fast shutdown, then an immediate one, then by force: PostgreSQL recovers from any of them."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(STOP_SECONDS)


def _is_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _short_temporary_folder() -> str:
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) + 30 <= LONGEST_SOCKET_FOLDER and "," not in folder else "/tmp"  # noqa: S108


def _environment() -> dict[str, str]:
    """PostgreSQL's own variables (PGPORT, PGDATA, ...) of the caller must not reach the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
