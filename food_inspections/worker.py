"""Which process does a piece of work, so that others can see whether it still lives, and end with it.

A number alone may be another process by now: the start time tells them apart. By hand although psutil has it: there it
counts by the wall clock, which may be set meanwhile.
"""

import ctypes
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

TAG = ".dagster/food_inspections_worker"
"""Tag of a run that names the process which executes it; the prefix hides it in the UI."""

PR_SET_PDEATHSIG = 1
"""Of Linux's prctl."""


def this_worker() -> str:
    """This process, as text for :func:`is_alive`."""
    return json.dumps({"host": _host(), "pid": os.getpid(), "started": started(os.getpid())})


def is_alive(worker: str) -> bool:
    """Whether the process that the text names still runs.

    One on another machine, which cannot be seen from here, counts as alive.
    """
    named = json.loads(worker)
    return bool(named["host"] != _host() or started(named["pid"]) == named["started"])


def was_killed(tags: Mapping[str, str]) -> bool:
    """Whether the process that a run's tags name is known to be gone; a run that names none counts as alive."""
    return TAG in tags and not is_alive(tags[TAG])


def started(pid: int) -> str | None:
    """A text that no other process of this number has; ``None`` where none runs."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name in parentheses may hold spaces; state is the 3rd field, the start the 22nd.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else fields[19]
    shown = subprocess.run(  # noqa: S603 - a number
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 - where a system has it
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip() or None


def end_with(parent: int, number: signal.Signals) -> None:
    """Have the system send this process a signal when the one that started it is gone, however it went; on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


def _host() -> str:
    """The machine since it was started; containers on it have names of their own."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{platform.node()}/{boot.read_text().strip() if boot.exists() else ''}"
