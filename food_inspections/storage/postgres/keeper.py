"""The keeper: a small program that runs the embedded PostgreSQL and stops it when its last user has gone.

``python -I -S keeper.py FOLDER BINARIES [NAME=VALUE ...]`` needs the standard library only, and is quick to start. When
it returns, ``server.lock`` is taken for as long as there is a server, or one is being made; what went wrong is in the
log. Everything the keeper knows is in the server's folder:

============ =======================================================================================
holders.lock every process that uses the server holds a shared ``flock``; the kernel drops it however
             the process dies, so an exclusive one is proof that the last has gone
server.lock  exclusive, held by the keeper and inherited by PostgreSQL and all its processes: of two
             keepers one gives up, and once it is free a ``postmaster.pid`` is a leftover, whatever it says
password     the server's password, generated
pinned       the server stays although nobody uses it (``food-inspections db start``)
stop         the server is to stop although somebody uses it (``food-inspections db stop --force``)
socket       folder of the server's socket, or a link to it where its path is too long for an address
data, log    PostgreSQL's own
============ =======================================================================================

Should the keeper be killed, the kernel tells PostgreSQL to stop, and the next user starts both again.
"""

import contextlib
import ctypes
import fcntl
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

USER = DATABASE = "food_inspections"
ACCOUNT = "pgserver"
START_SECONDS = 120
STOP_SECONDS = 60
ORPHAN_SECONDS = 10
"""For processes whose server was killed to end by themselves, as PostgreSQL's do unless they hang."""

TICK_SECONDS = 0.25
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")
LONGEST_LOG_BYTES = 10_000_000
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def main(folder: Path, binaries: Path, options: Sequence[str]) -> None:
    """Take the lock, leave the process that asked, and run the server."""
    os.umask(0o077)
    lock, holders = open_lock(folder / "server.lock"), open_lock(folder / "holders.lock")
    if not try_lock(lock, fcntl.LOCK_EX) or os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    os.chdir("/")
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if os.fstat(log).st_size > LONGEST_LOG_BYTES:
        os.truncate(log, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    become_server_user(folder, binaries)
    _adopt_orphans()
    Keeper(folder, binaries, options, lock, holders).run()


def open_lock(path: Path) -> int:
    """Open the file of a lock, made where it is missing."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def try_lock(descriptor: int, operation: int) -> bool:
    """Take a lock unless somebody else has it."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass
class Keeper:
    """Starts PostgreSQL in a folder, watches it, stops it.

    Attributes:
        folder: The server's folder.
        binaries: Folder of ``postgres`` and ``initdb``.
        options: Server settings, ``name=value``, beyond those every server gets.
        lock: The lock of the server, for it to inherit.
        holders: The lock of its users.
    """

    folder: Path
    binaries: Path
    options: Sequence[str]
    lock: int
    holders: int

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.folder / "data"

    def run(self) -> None:
        """Run the server, and a new one where it was killed, until it is to stop."""
        for marker in ("pinned", "stop"):
            (self.folder / marker).unlink(missing_ok=True)
        with _socket_folder(self.folder / "socket") as socket:
            if not self.data.exists():
                self._initialise()
            while self._was_killed(socket):
                pass

    def _initialise(self) -> None:
        """Make the data folder under another name and rename it, so that a kill leaves none half made."""
        password, draft = self.folder / "password", self.folder / "new"
        password.write_text(os.urandom(32).hex())
        if draft.exists():
            shutil.rmtree(draft)
        self._execute(
            "initdb",
            f"--pgdata={draft}",
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
        create = f"CREATE DATABASE {DATABASE}\n"
        self._execute("postgres", "--single", "-D", str(draft), "postgres", standard_input=create)
        draft.rename(self.data)

    def _was_killed(self, socket: Path) -> bool:
        """Run the server until it is to stop or has ended; True where somebody killed it."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = (
            "listen_addresses=",
            f'unix_socket_directories="{str(socket).replace(chr(34), chr(34) * 2)}"',
            "unix_socket_permissions=0700",
            *self.options,
        )
        words = (word for setting in settings for word in ("-c", setting))
        last_has_gone, alive = os.pipe()
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-p", "5432", *words]
        server = subprocess.Popen(command, **self._child(alive))  # noqa: S603 - our own binary
        os.close(alive)
        try:
            while server.poll() is None:
                if self._is_to_stop():
                    return False
                time.sleep(TICK_SECONDS)
        finally:
            _stop(server)
        # Its children are a moment behind it, and use the data until then. One that hangs would let a program wait for
        # its answer for ever: nothing tells it on a socket of the same machine that nobody will give one.
        has_ended = select.select([last_has_gone], [], [], ORPHAN_SECONDS)[0]
        if not has_ended:
            for orphan in _children():
                os.kill(orphan, signal.SIGKILL)
            has_ended = select.select([last_has_gone], [], [], STOP_SECONDS)[0]
        _bury_orphans()
        if not has_ended:
            sys.exit(f"Processes of a PostgreSQL that has ended still use {self.data}: end them first.")
        os.close(last_has_gone)
        return server.returncode < 0

    def _is_to_stop(self) -> bool:
        """Whether nobody uses the server any more, it was told to stop, or it lost its folder."""
        try:
            is_in_place = os.path.samestat((self.folder / "holders.lock").stat(), os.fstat(self.holders))
        except FileNotFoundError:
            is_in_place = False
        if not is_in_place or (self.folder / "stop").exists():
            return True
        return not (self.folder / "pinned").exists() and try_lock(self.holders, fcntl.LOCK_EX)

    def _execute(self, command: str, *arguments: str, standard_input: str = "") -> None:
        words = [str(self.binaries / command), *arguments]
        result = subprocess.run(  # noqa: S603 - our own binary
            words, input=standard_input.encode(), timeout=START_SECONDS, check=False, **self._child()
        )
        if result.returncode != 0:
            sys.exit(f"{command} failed.")

    def _child(self, *inherited: int) -> dict[str, Any]:
        """Options of every process that uses the data."""
        return {
            "env": _environment(),
            "preexec_fn": partial(_end_with, os.getpid()),
            "pass_fds": (self.lock, *inherited),
        }


@contextlib.contextmanager
def _socket_folder(path: Path) -> Iterator[Path]:
    """The private folder of the socket: at a path, or where a link there leads to.

    The path of a socket must fit into an address, and libpq takes a comma for the end of it.
    """
    shutil.rmtree(path.readlink() if path.is_symlink() else path, ignore_errors=True)
    path.unlink(missing_ok=True)
    folder = path
    if len(os.fsencode(path)) > LONGEST_SOCKET_FOLDER or "," in str(path):
        folder = Path(tempfile.mkdtemp(prefix="food-inspections-", dir="/tmp"))
        path.symlink_to(folder)
    else:
        path.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        path.unlink(missing_ok=True)


def become_server_user(folder: Path, binaries: Path) -> None:
    """Become somebody PostgreSQL agrees to run as, which root is not.

    Root enters a user namespace in which it has another number: the files stay root's, private folders stay private,
    and no account is made. Where the machine forbids such namespaces root becomes the account ``pgserver``, which
    must be able to enter the folders.

    Raises:
        SystemExit: A folder on the way is closed to that account.
    """
    if os.geteuid() != 0:
        return
    if sys.platform == "linux" and _can_renumber_root(folder, binaries):
        _renumber_root()
        return
    for path in (folder.parent, binaries):
        for above in (*reversed(path.parents), path):
            if not above.stat().st_mode & 0o001:
                sys.exit(
                    f"PostgreSQL does not run as root, and the account {ACCOUNT} cannot enter {above}, which stays as "
                    "private as it is: run as an ordinary user, or set FOOD_INSPECTIONS_HOME to a folder that others "
                    "may enter."
                )
    if not any(entry.pw_name == ACCOUNT for entry in pwd.getpwall()):
        subprocess.run(["useradd", "--system", "--no-create-home", ACCOUNT], env=_environment(), check=True)  # noqa: S603, S607
    account = pwd.getpwnam(ACCOUNT)
    if folder.stat().st_uid != account.pw_uid:
        owner = f"{account.pw_uid}:{account.pw_gid}"
        subprocess.run(["chown", "-hR", owner, str(folder)], env=_environment(), check=True)  # noqa: S603, S607
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _renumber_root() -> None:
    """Enter a user namespace in which this process's user and group have another number than 0."""
    group = os.getegid()
    other = next(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{other} 0 1")
    Path("/proc/self/gid_map").write_text(f"{other} {group} 1")


def _can_renumber_root(*folders: Path) -> bool:
    """Whether a child can do so and still enter the folders."""
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(OSError, StopIteration):
            _renumber_root()
            code = 0 if all(os.access(folder, os.X_OK) for folder in folders) else 1
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _end_with(keeper: int) -> None:
    """Run in a child before it becomes PostgreSQL: the kernel tells it to stop should the keeper be killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != keeper:
            os._exit(1)


def _adopt_orphans() -> None:
    """Have the kernel make this process the parent of what a killed server leaves behind; on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _children() -> list[int]:
    """Processes whose parent this one is: the name in parentheses may hold spaces, the parent is the 2nd behind it."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(stat.parent.name))
    return found


def _bury_orphans() -> None:
    """Take note of the adopted children that have ended, so that their numbers are free again."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Fast shutdown, then an immediate one, then by force: PostgreSQL recovers from any of them.

    A server that somebody has stopped with a signal is woken, or it would hear none.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)


def _environment() -> dict[str, str]:
    """PostgreSQL's own variables (PGPORT, PGDATA, ...) of the caller must not reach the server."""
    return {"PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin", "LC_ALL": "C", "TZ": "UTC"}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
