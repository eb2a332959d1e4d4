"""Run by path: ``python -I -S .../keeper/__main__.py FOLDER BINARIES [NAME=VALUE ...]``.

Answers on standard output, once: ``ready``, ``busy`` (another keeper has the folder) or ``error ...``.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Isolated, Python knows neither this package nor any installed one.
sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from food_inspections.storage.postgres.keeper import KeeperError
from food_inspections.storage.postgres.keeper.files import try_lock
from food_inspections.storage.postgres.keeper.server import Server


def main(folder: Path, binaries: Path, options: Sequence[str]) -> None:
    """Leave the process that asked, run the server, and report to it."""
    if os.fork():
        os._exit(0)
    os.umask(0o077)
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: (folder / "stop").touch())
    lock = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not try_lock(lock, fcntl.LOCK_EX):
        report("busy")
        return
    try:
        Server(folder, binaries, options).run(report)
    except (KeeperError, OSError, subprocess.SubprocessError) as error:
        report(f"error {error}")


def report(line: str) -> None:
    """Tell whoever asked, if it is still there, and let go of its pipe."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, line.encode())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
