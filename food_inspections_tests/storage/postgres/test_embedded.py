"""The embedded server against real processes and real kills. Nothing here sleeps to wait: everything polls."""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from food_inspections.errors import StorageError
from food_inspections.storage.postgres import embedded, keeper
from food_inspections.storage.postgres.connections import connected, libpq_url

PATIENCE_SECONDS = 60
IS_ROOT = os.geteuid() == 0
HOLD = """
import sys
from pathlib import Path
from food_inspections.storage.postgres import embedded
embedded.hold(Path(sys.argv[1]), embedded.NOT_DURABLE)
print("held", flush=True)
sys.stdin.read()
"""
FORK = HOLD.replace('print("held"', 'import os\nif os.fork():\n    os._exit(0)\nprint("held"')


def eventually(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s in vain: {what}"
        time.sleep(0.02)


def start_holder(home: Path, program: str = HOLD) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def wait_until_held(holder: "subprocess.Popen[str]") -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"


@contextlib.contextmanager
def holding(home: Path, program: str = HOLD) -> Iterator["subprocess.Popen[str]"]:
    with start_holder(home, program) as holder:
        try:
            wait_until_held(holder)
            yield holder
        finally:
            holder.kill()


def is_locked(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def is_stopped(home: Path) -> bool:
    """No process of the server is left, nor its keeper."""
    return not is_locked(home / "postgres" / "server.lock")


def wait_until_stopped(home: Path) -> None:
    eventually(lambda: is_stopped(home), "the server to stop")


def pid_of_server(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def pid_of_keeper(home: Path) -> int:
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):  # it may have ended meanwhile
            if f"keeper.py\0{home / 'postgres'}\0" in (process / "cmdline").read_text():
                return int(process.name)
    raise AssertionError(f"no keeper of {home}")


def answers(home: Path) -> bool:
    return embedded.running(home) is not None


@pytest.fixture(scope="module")
def initialised_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fi with space ") as folder:
        home = Path(folder) / "home"
        embedded.hold(home, embedded.NOT_DURABLE)
        embedded.release(home)
        wait_until_stopped(home)
        yield home


@pytest.fixture
def home(initialised_home: Path) -> Iterator[Path]:
    """A home with a stopped server."""
    yield initialised_home
    embedded.stop(initialised_home, is_forced=True)
    wait_until_stopped(initialised_home)


def test_it_stops_when_its_only_user_ends(home: Path) -> None:
    with holding(home) as holder:
        assert answers(home)
        holder.communicate("")
        assert holder.returncode == 0

    wait_until_stopped(home)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_stops_however_the_last_user_dies(home: Path, number: signal.Signals) -> None:
    with holding(home) as first, holding(home) as second:
        first.send_signal(number)
        first.wait()
        assert answers(home)
        second.send_signal(number)
        second.wait()

        wait_until_stopped(home)


def test_it_stops_when_its_keeper_is_killed_with_its_users(home: Path) -> None:
    with holding(home) as holder:
        os.kill(pid_of_keeper(home), signal.SIGKILL)
        holder.kill()

    wait_until_stopped(home)


def test_a_forked_child_keeps_it_running(home: Path) -> None:
    with holding(home, FORK) as parent:
        parent.wait()
        assert answers(home)
        assert parent.stdin is not None
        parent.stdin.close()

    wait_until_stopped(home)


def test_a_killed_server_is_started_again_under_its_users(home: Path) -> None:
    with holding(home):
        killed = pid_of_server(home)
        os.kill(killed, signal.SIGKILL)

        eventually(lambda: pids_of_new_server(home) not in (None, killed) and answers(home), "a new server")


def pids_of_new_server(home: Path) -> int | None:
    try:
        return pid_of_server(home)
    except (FileNotFoundError, IndexError):
        return None


def test_a_killed_keeper_is_replaced_by_the_next_user(home: Path) -> None:
    with holding(home):
        os.kill(pid_of_keeper(home), signal.SIGKILL)

        with holding(home):
            assert answers(home)


@pytest.mark.parametrize("content", ["", "12", "{pid}\n/elsewhere\n"])
def test_a_leftover_pid_file_does_not_matter(home: Path, content: str) -> None:
    # The number of a living process that is no server, as after a restart of the machine.
    (home / "postgres" / "data" / "postmaster.pid").write_text(content.format(pid=os.getpid()))

    with holding(home):
        assert answers(home)


def test_leftovers_of_a_killed_server_do_not_matter(home: Path) -> None:
    (home / "postgres" / "socket").symlink_to("/nowhere")
    (home / "postgres" / "stop").touch()
    (home / "postgres" / "pinned").touch()

    with holding(home):
        assert answers(home)
    wait_until_stopped(home)


def test_several_starting_at_once_share_one_server(tmp_path: Path) -> None:
    with start_holder(tmp_path) as first, start_holder(tmp_path) as second, start_holder(tmp_path) as third:
        for holder in (first, second, third):
            wait_until_held(holder)
        assert answers(tmp_path)
        for holder in (first, second, third):
            holder.kill()

    wait_until_stopped(tmp_path)


def test_a_kill_while_the_data_folder_is_made_leaves_nothing_half_done(tmp_path: Path) -> None:
    with start_holder(tmp_path) as holder:
        folder = tmp_path / "postgres"
        eventually(lambda: any(folder.glob("new/global")), "initdb to be at work")
        os.kill(pid_of_keeper(tmp_path), signal.SIGKILL)
        holder.kill()

    with holding(tmp_path):
        assert answers(tmp_path)
        assert not (folder / "new").exists()
    wait_until_stopped(tmp_path)


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)

    with holding(home):
        address = embedded.running(home)
        assert address is not None
        socket_folder = Path(str(make_url(address).query["host"]))
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    wait_until_stopped(home)
    assert not socket_folder.exists()


def test_it_asks_for_its_password(home: Path) -> None:
    with holding(home):
        address = embedded.running(home)
        assert address is not None
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(libpq_url(make_url(address).set(password="guess")))
        with connected(address) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
            assert cursor.fetchall() == [("scram-sha-256",)]
            cursor.execute("SELECT current_setting('listen_addresses')")
            assert cursor.fetchone() == ("",)


def test_a_server_that_does_not_answer_is_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "CONNECT_SECONDS", 2)
    with holding(home):
        server = pid_of_server(home)
        os.kill(server, signal.SIGSTOP)
        try:
            assert not answers(home)
        finally:
            os.kill(server, signal.SIGCONT)


def test_its_files_are_private(home: Path) -> None:
    with holding(home):
        folder = home / "postgres"
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}

    assert all(mode & 0o077 == 0 for mode in modes.values()), modes


def test_folders_above_keep_their_mode(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)

    with holding(private / "home"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    wait_until_stopped(private / "home")


def test_a_deleted_home_ends_its_server(tmp_path: Path) -> None:
    with holding(tmp_path / "home"):
        server = pid_of_server(tmp_path / "home")
        (tmp_path / "home").rename(tmp_path / "trash")

        eventually(lambda: not Path(f"/proc/{server}").exists(), "the server to end")


def test_pinned_it_outlives_its_users_until_it_is_stopped(home: Path) -> None:
    embedded.pin(home)
    embedded.release(home)

    with holding(home):
        pass
    assert answers(home)

    assert embedded.stop(home)
    assert is_stopped(home)
    assert not embedded.stop(home)


def test_whoever_stops_it_while_it_stops_only_waits(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its keeper then has the lock of its users, which must not be taken for a user."""
    with holding(home) as holder:
        server = pid_of_server(home)
        os.kill(server, signal.SIGSTOP)
        holder.kill()
        holder.wait()
        eventually(lambda: is_locked(home / "postgres" / "holders.lock"), "the keeper to see that the last has gone")
        monkeypatch.setattr(embedded, "PATIENCE_SECONDS", 0)
        with pytest.raises(StorageError, match="did not stop in 0 s"):
            embedded.stop(home)
        os.kill(server, signal.SIGCONT)

    wait_until_stopped(home)


def test_it_is_not_stopped_under_its_users_unless_told_to(home: Path) -> None:
    with holding(home):
        with pytest.raises(StorageError, match="still used by other processes"):
            embedded.stop(home)
        assert answers(home)

        assert embedded.stop(home, is_forced=True)
        assert is_stopped(home)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)

    with pytest.raises(StorageError, match=r"did not start: .*postgresql\.conf"):
        embedded.hold(tmp_path)
    embedded.release(tmp_path)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").touch()

    with pytest.raises(StorageError, match=r"cannot use .*home/postgres"):
        embedded.hold(tmp_path / "home")


@pytest.mark.skipif(not IS_ROOT, reason="only root may become another user")
def test_an_ordinary_user_can_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = pwd.getpwnam("nobody")
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python that every user may run")
    # The keeper needs no package, and root's own Python may lie in a private folder.
    monkeypatch.setattr(sys, "executable", python)
    with tempfile.TemporaryDirectory(prefix="fi-user-") as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
                embedded.hold(Path(folder), embedded.NOT_DURABLE)
                code = 42 if answers(Path(folder)) and (Path(folder) / "postgres" / "data").owner() == "nobody" else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
        wait_until_stopped(Path(folder))


@pytest.mark.skipif(not IS_ROOT, reason="only root needs the account")
def test_where_root_needs_an_account_a_private_folder_is_refused_and_stays_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine that forbids user namespaces.
    monkeypatch.setattr(keeper, "CLONE_NEWUSER", -1)
    tmp_path.chmod(0o700)
    (tmp_path / "postgres").mkdir()

    with pytest.raises(SystemExit, match="the account pgserver cannot enter /"):
        keeper.become_server_user(tmp_path / "postgres", embedded.binaries())

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
