"""Who PostgreSQL runs as: it refuses to run as root."""

import contextlib
import ctypes
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from food_inspections.storage.postgres.keeper import KeeperError

SYSTEM_USER = "pgserver"
CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True)
class Identity:
    """Who the server runs as.

    Attributes:
        become: Called in a child before it becomes PostgreSQL.
        user, group: Owner the server's files need.
    """

    become: Callable[[], None]
    user: int
    group: int


def server_identity(folder: Path, binaries: Path) -> Identity:
    """Find somebody PostgreSQL agrees to run as, and that can reach its folders as they are.

    An ordinary user runs it as itself. Root runs it in a user namespace in which root has another number: the
    files stay root's, private folders stay private, and no account is made. Where the machine forbids such
    namespaces root uses the account ``pgserver``, which must be able to enter the folders.

    Raises:
        KeeperError: A folder on the way is closed to that account.
    """
    if os.geteuid() != 0:
        return Identity(_stay, os.geteuid(), os.getegid())
    if sys.platform == "linux" and _can_enter(_renumber_root, (folder, binaries)):
        return Identity(_renumber_root, 0, os.getegid())
    for path in (folder.parent, binaries):
        for above in (*reversed(path.parents), path):
            if not above.stat().st_mode & 0o001:
                raise KeeperError(
                    f"PostgreSQL does not run as root, and the account {SYSTEM_USER} cannot enter {above}, which stays "
                    "as private as it is: run as an ordinary user, or set FOOD_INSPECTIONS_HOME to a folder that "
                    "others may enter."
                )
    folder.chmod(0o711)
    account = _account()

    def become() -> None:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)

    return Identity(become, account.pw_uid, account.pw_gid)


def _stay() -> None:
    """Nothing to do."""


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


def _can_enter(become: Callable[[], None], folders: Sequence[Path]) -> bool:
    """Whether a child can become that identity and enter the folders."""
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(OSError, StopIteration):
            become()
            code = 0 if all(os.access(folder, os.X_OK) for folder in folders) else 1
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _account() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    subprocess.run([useradd, "--system", "--no-create-home", SYSTEM_USER], check=True)  # noqa: S603 - our own words
    return pwd.getpwnam(SYSTEM_USER)
