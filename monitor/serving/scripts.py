"""How the scripts of Dash and Plotly reach the browser: compressed once, and kept there for a while."""

from flask import Flask, Request, Response, request
from flask_compress import Compress

SCRIPTS = ("/_dash-component-suites/", "/vendor/")

# Dash gives some of its scripts neither a name of their own for each version nor leave to keep them; ten minutes
# bridge a visit, and are over soon after an upgrade.
KEPT_SECONDS = 600


class ScriptCache:
    """The cache Flask-Compress asks; it keeps scripts, which never change while the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    @staticmethod
    def key_of(asked: Request) -> str:
        """The path of a script; nothing for what is made anew each time."""
        return asked.path if asked.path.startswith(SCRIPTS) else ""

    def get(self, key: str) -> bytes | None:
        """What is kept; Flask-Compress puts the algorithm and a semicolon before the key."""
        return self._kept.get(key)

    def set(self, key: str, value: bytes) -> bool:
        """Keep a script, and only that."""
        if not key.endswith(";"):
            self._kept[key] = value
        return True


def compress_and_keep(server: Flask) -> None:
    """Compress what the server answers, and let browsers keep the scripts."""
    server.config.update(
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        # A map of fifteen thousand places takes 4 ms, at level 9 it takes 20 for 5% less.
        COMPRESS_ZSTD_LEVEL=3,
        COMPRESS_MIN_SIZE=2000,
        # Files of our own are small, and Flask-Compress leaves those it streams open.
        COMPRESS_STREAMS=False,
        COMPRESS_CACHE_BACKEND=ScriptCache,
        COMPRESS_CACHE_KEY=ScriptCache.key_of,
    )
    Compress(server)

    def keep(response: Response) -> Response:
        if request.path.startswith(SCRIPTS) and response.status_code == 200 and response.cache_control.max_age is None:
            response.cache_control.max_age = KEPT_SECONDS
        return response

    server.after_request(keep)
