"""How often one caller may ask.

A caller is an API key where one was accepted, else an address. Without a shared
storage each worker counts by itself, so a limit then holds per worker.
"""

import threading
import time
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limit, Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits.storage import Storage

from api.errors import error_response
from api.security import ANONYMOUS, OPEN_ENDPOINTS
from food_inspections.settings import Settings

_OWN_MEMORY = "memory://"
_MOST_KEYS = 10_000


class WorkerMemory(Storage):  # type: ignore[misc, unused-ignore]
    """Counts in this process.

    The one of ``limits`` starts a thread for every few requests to forget old counts,
    which costs more than all the rest of a cached answer; this one forgets them when
    they have become many.
    """

    STORAGE_SCHEME = ("worker-memory",)  # type: ignore[assignment]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_options: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[float, int]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a failing storage raises; this one does not fail."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to the count of a window, which begins with its first request."""
        now = time.time()
        with self._lock:
            if len(self._counts) >= _MOST_KEYS:
                self._counts = {name: held for name, held in self._counts.items() if held[0] > now}
            ends_at, count = self._counts.get(key, (0.0, 0))
            if ends_at <= now:
                ends_at, count = now + expiry, 0
            self._counts[key] = (ends_at, count + amount)
            return count + amount

    def get(self, key: str) -> int:
        """The count of the window under way; 0 where none is."""
        ends_at, count = self._counts.get(key, (0.0, 0))
        return count if ends_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window under way ends."""
        return self._counts.get(key, (time.time(), 0))[0]

    def check(self) -> bool:
        """Whether the storage works."""
        return True

    def reset(self) -> int:
        """Forget all counts."""
        with self._lock:
            count = len(self._counts)
            self._counts = {}
            return count

    def clear(self, key: str) -> None:
        """Forget one count."""
        with self._lock:
            self._counts.pop(key, None)


def register(app: Flask, settings: Settings) -> None:
    """Count requests, and refuse those over the limit with 429 and ``Retry-After``."""
    of_all, of_scoring = settings.api_rate_limit, settings.api_scoring_rate_limit
    own = settings.api_rate_limit_storage == _OWN_MEMORY
    limiter = Limiter(
        _caller,
        application_limits=[ApplicationLimit(of_all)] if of_all else [],
        default_limits=[Limit(of_scoring, methods=("POST",))] if of_scoring else [],
        storage_uri="worker-memory://" if own else settings.api_rate_limit_storage,
        strategy="fixed-window",
        headers_enabled=False,
        # A shared storage that is away must not take the API down with it.
        in_memory_fallback_enabled=not own,
    )
    limiter.request_filter(lambda: request.endpoint in OPEN_ENDPOINTS)
    limiter.init_app(app)

    @app.errorhandler(RateLimitExceeded)
    def refuse(error: RateLimitExceeded) -> Response:
        breached = limiter.current_limit
        seconds = 1 if breached is None else max(1, int(breached.reset_at - time.time()))
        message = f"Too many requests: at most {error.description}. Try again in {seconds} s."
        return error_response(429, "too_many_requests", message, headers={"Retry-After": str(seconds)})


def _caller() -> str:
    caller: str = g.get("caller", ANONYMOUS)
    return get_remote_address() if caller == ANONYMOUS else caller
