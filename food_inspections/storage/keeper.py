"""The keeper: a small process that runs the embedded PostgreSQL and stops it when its last user has gone.

:mod:`food_inspections.storage.embedded` starts it by path with ``python -I -S``, so it may import the
standard library only, and it stays small and quick to start. Everything it knows is in the server's folder:

========== ==================================================================================
holders.lock every process that uses the server holds a shared ``flock``; the kernel drops it
             however the process dies, so an exclusive one is proof that the last has gone
keeper.lock  exclusive for the life of the keeper: two started at once sort themselves out
server.lock  exclusive, inherited by PostgreSQL and all its processes: while it is taken the
             data are in use, once it is free a ``postmaster.pid`` is a leftover, whatever it says
address.json where the server listens
pinned       the server stays although nobody uses it (``food-inspections db start``)
stop         the server is to stop although somebody uses it (``food-inspections db stop --force``)
========== ==================================================================================
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

USER = DATABASE = "food_inspections"
SYSTEM_USER = "pgserver"
START_SECONDS = 120
STOP_SECONDS = 60
TICK_SECONDS = 0.1
LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.5432")
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1

Identity = Callable[[], None]


class KeeperError(Exception):
    """The server cannot be started; the message goes to whoever asked."""


class Keeper:
    """Runs the server of one folder.

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
        self.become, self.owner = _server_identity(folder, binaries)

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
            settings = [
                "listen_addresses=",
                f'unix_socket_directories="{str(socket_folder).replace(chr(34), chr(34) * 2)}"',
                "unix_socket_permissions=0700",
                *self.options,
            ]
            with self._log() as log:
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
        self._wait_until_ready(server)
        address = {"socket": str(socket_folder), "keeper": os.getpid(), "server": server.pid}
        _write(self.folder / "address.json", json.dumps(address))
        return server

    def _take_server_lock(self) -> int:
        """Wait until no process of an earlier server is left, and take its lock."""
        descriptor = os.open(self.folder / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + STOP_SECONDS
        is_told = False
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            if not is_told:
                is_told = _tell_orphan_to_stop(self.data / "postmaster.pid")
            if time.monotonic() > deadline:
                raise KeeperError(f"An earlier PostgreSQL still uses {self.data} after {STOP_SECONDS} s: end it first.")
            time.sleep(TICK_SECONDS)
        return descriptor

    def _initialise(self, in_use: int) -> None:
        """Make the data folder under another name and rename it, so that a kill leaves none half made."""
        for leftover in self.folder.glob("data.new-*"):
            shutil.rmtree(leftover)
        draft = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.folder))
        password_file = draft.with_name(draft.name + "-password")
        _write(password_file, (self.folder / "password").read_text())
        for path in (draft, password_file):
            os.chown(path, *self.owner)
        try:
            self._execute(
                in_use,
                None,
                "initdb",
                f"--pgdata={draft}",
                f"--username={USER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
            )
            self._execute(in_use, f"CREATE DATABASE {DATABASE}\n", "postgres", "--single", "-D", str(draft), "postgres")
        finally:
            password_file.unlink()
        draft.rename(self.data)

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
                log.seek(begin)
                raise KeeperError(f"{command} failed: {log.read().decode(errors='replace').strip()[-1000:]}")

    def _wait_until_ready(self, server: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(self.data / "postmaster.pid", server.pid):
            if server.poll() is not None or time.monotonic() > deadline:
                _stop(server)
                end = (self.folder / "log").read_text(errors="replace").strip()[-1000:]
                raise KeeperError(f"PostgreSQL did not start; the end of {self.folder / 'log'}: {end}")
            time.sleep(0.02)

    def _wait_for_the_last(self, server: "subprocess.Popen[bytes]") -> None:
        """Return when nobody uses the server, when it is told to stop, or when it died or lost its folder."""
        while server.poll() is None:
            if not _is_same_file(self.folder / "holders.lock", self.holders) or (self.folder / "stop").exists():
                return
            if not (self.folder / "pinned").exists() and _try_lock(self.holders, fcntl.LOCK_EX):
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
        os.chown(candidate, *self.owner)
        return candidate

    def _become_child(self) -> None:
        """Run in the child before PostgreSQL: take its identity, and end it should the keeper be killed."""
        keeper = os.getppid()
        self.become()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != keeper:
                os.kill(os.getpid(), signal.SIGKILL)

    def _log(self) -> "tempfile._TemporaryFileWrapper[bytes]":
        return open(self.folder / "log", "a+b")  # type: ignore[return-value]  # noqa: PTH123


def main(folder: Path, binaries: Path, options: Sequence[str]) -> None:
    """Leave the process that asked, run the server, and report to it on standard output, once."""
    if os.fork():
        os._exit(0)
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: (folder / "stop").touch())
    lock = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not _try_lock(lock, fcntl.LOCK_EX):
        _report("busy")
        return
    try:
        Keeper(folder, binaries, options).run(_report)
    except (KeeperError, OSError, subprocess.SubprocessError) as error:
        _report(f"error {error}")


def _report(line: str) -> None:
    """Tell whoever asked, if it is still there, and let go of its pipe."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, line.encode())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _server_identity(folder: Path, binaries: Path) -> tuple[Identity, tuple[int, int]]:
    """How a child becomes somebody PostgreSQL agrees to run as, and the owner its files then need.

    PostgreSQL refuses to run as root. A user namespace in which root has another number satisfies it: the
    files stay root's, private folders stay private, and no account is made. Where the machine forbids such
    namespaces the account ``pgserver`` is used, which must be able to enter the folders.

    Raises:
        KeeperError: A folder on the way is closed to that account.
    """
    if os.geteuid() != 0:
        return (lambda: None), (os.geteuid(), os.getegid())
    needed = (folder, binaries)
    if sys.platform == "linux" and _closed_folder(_renumber_root, needed) is None:
        return _renumber_root, (0, os.getegid())
    try:
        account = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        subprocess.run([useradd, "--system", "--no-create-home", SYSTEM_USER], check=True)  # noqa: S603
        account = pwd.getpwnam(SYSTEM_USER)

    def become() -> None:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)

    folder.chmod(0o711)
    closed = _closed_folder(become, needed)
    if closed is not None:
        raise KeeperError(
            f"PostgreSQL does not run as root, and the account {SYSTEM_USER} cannot enter {closed}, which stays as "
            "private as it is: run as an ordinary user, or set FOOD_INSPECTIONS_HOME to a folder others may enter."
        )
    return become, (account.pw_uid, account.pw_gid)


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


def _closed_folder(become: Identity, paths: Sequence[Path]) -> str | None:
    """The first folder that a child with that identity cannot enter; None where it can enter all."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer = "an unknown folder"
        with contextlib.suppress(OSError, StopIteration):
            become()
            on_the_way = [folder for path in paths for folder in (*reversed(path.parents), path)]
            answer = next((str(folder) for folder in on_the_way if not os.access(folder, os.X_OK)), "")
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answers:
        answer = answers.read()
    os.waitpid(child, 0)
    return answer or None


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


def _try_lock(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_same_file(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _write(path: Path, text: str) -> None:
    """Write a private file as a whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.chmod(0o600)
    draft.replace(path)


def _short_temporary_folder() -> str:
    folder = tempfile.gettempdir()
    return folder if len(os.fsencode(folder)) + 30 <= LONGEST_SOCKET_FOLDER and "," not in folder else "/tmp"  # noqa: S108


def _environment() -> dict[str, str]:
    """PostgreSQL's own variables (PGPORT, PGDATA, ...) of the caller must not reach the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
