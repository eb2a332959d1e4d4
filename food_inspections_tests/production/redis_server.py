"""A Redis server on this machine that keeps nothing."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from food_inspections_tests.production.postgresql_server import free_port

PASSWORD = "planted-redis-password"  # noqa: S105 - of a server that lives as long as the tests
START_SECONDS = 20


def program() -> str | None:
    """``redis-server``, or ``None`` where it is not installed."""
    return shutil.which("redis-server")


@contextmanager
def running_redis(executable: str) -> Iterator[str]:
    """Start a server that asks for a password; its address as Celery takes it."""
    with tempfile.TemporaryDirectory(prefix="fi-redis-") as folder:
        server, port = _start(executable, folder)
        try:
            yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def _start(executable: str, folder: str) -> "tuple[subprocess.Popen[bytes], int]":
    for _ in range(3):
        port = free_port()
        options = {"port": str(port), "bind": "127.0.0.1", "save": "", "requirepass": PASSWORD, "dir": folder}
        server = subprocess.Popen(  # noqa: S603 - no shell
            [executable, *(word for name, value in options.items() for word in (f"--{name}", value))],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while server.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return server, port
            time.sleep(0.05)
        # Somebody else took the port meanwhile.
        server.kill()
        server.wait()
    raise RuntimeError("Redis did not start.")
