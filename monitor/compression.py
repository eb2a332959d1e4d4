"""Keeps the compressed scripts, so that a megabyte of Plotly is not compressed for every visitor."""

from flask import Request

SCRIPTS = "/_dash-component-suites/"


class ScriptCache:
    """The cache Flask-Compress asks; it keeps Dash's scripts, which never change while the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    @staticmethod
    def key_of(request: Request) -> str:
        """The path of a script; nothing for what is made anew each time."""
        return request.path if SCRIPTS in request.path else ""

    def get(self, key: str) -> bytes | None:
        """What is kept; Flask-Compress puts the algorithm and a semicolon before the key."""
        return self._kept.get(key)

    def set(self, key: str, value: bytes) -> bool:
        """Keep a script, and only that."""
        if not key.endswith(";"):
            self._kept[key] = value
        return True
