"""Which process does a piece of work, so that others can see whether it still lives.

A number alone may be another process by now: the start time tells them apart.
"""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

TAG = ".dagster/food_inspections_worker"
"""Tag of a run that names the process which executes it; the prefix hides it in the UI."""


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


def _host() -> str:
    """The machine since it was started; containers on it have names of their own."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{platform.node()}/{boot.read_text().strip() if boot.exists() else ''}"
