"""How often one caller may ask.

A caller is an API key where one was accepted, else an address. Without a shared
storage each worker counts by itself, so a limit then holds per worker.

``limits`` is the engine of Flask-Limiter, which is left out: working out anew for each
request which limits hold takes it a fifth of the time of a cached answer, and here the
same ones hold on every route.
"""

import logging
import math
import threading
import time
from typing import Any

from flask import Flask, g, request
from limits import RateLimitItem, parse_many
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from food_inspections.api.http.errors import ApiError
from food_inspections.api.http.security import ANONYMOUS, OPEN_ENDPOINTS
from food_inspections.settings import Settings

logger = logging.getLogger("food_inspections.api")

AWAY_SECONDS = 5.0
"""How long a shared storage that failed is left alone: asking it may take each request seconds."""

_OWN_MEMORY = "memory://"
_MOST_KEYS = 10_000


class WorkerMemory(Storage):  # type: ignore[misc, unused-ignore]
    """Counts in this process.

    The one of ``limits`` starts a thread for every few requests to forget old counts,
    which costs more than all the rest of a cached answer; this one forgets them when
    they have become many.
    """

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


class _Counter:
    """Counts in the shared storage, and in this process while that one is away."""

    def __init__(self, storage_url: str) -> None:
        self._own = FixedWindowRateLimiter(WorkerMemory())
        self._shared = None if storage_url == _OWN_MEMORY else _shared(storage_url)
        self._away_until = 0.0

    def hit(self, item: RateLimitItem, *identifiers: str) -> None:
        """Count the present request.

        Raises:
            ApiError: It is one too many.
        """
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                _hit(self._shared, item, *identifiers)
            except self._shared.storage.base_exceptions as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                logger.warning(
                    "FOOD_INSPECTIONS_API_RATE_LIMIT_STORAGE is away (%s): this worker counts by itself for now.",
                    type(error).__name__,
                )
            else:
                return
        _hit(self._own, item, *identifiers)


def register(app: Flask, settings: Settings) -> None:
    """Count requests, and refuse those over the limit with 429 and ``Retry-After``."""
    of_all = parse_many(settings.api_rate_limit) if settings.api_rate_limit else []
    of_scoring = parse_many(settings.api_scoring_rate_limit) if settings.api_scoring_rate_limit else []
    counter = _Counter(settings.api_rate_limit_storage)

    @app.before_request
    def count() -> None:
        if request.endpoint in OPEN_ENDPOINTS:
            return
        for item in of_all:
            counter.hit(item, "all", _caller())
        if request.method == "POST":
            for item in of_scoring:
                counter.hit(item, "scoring", _caller())


def _shared(storage_url: str) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(storage_from_string(storage_url))


def _hit(window: FixedWindowRateLimiter, item: RateLimitItem, *identifiers: str) -> None:
    if window.hit(item, *identifiers):
        return
    seconds = max(1, math.ceil(window.get_window_stats(item, *identifiers).reset_time - time.time()))
    message = f"Too many requests: at most {item}. Try again in {seconds} s."
    raise ApiError(429, "too_many_requests", message, headers={"Retry-After": str(seconds)})


def _caller() -> str:
    caller: str = g.get("caller", ANONYMOUS)
    return request.remote_addr or ANONYMOUS if caller == ANONYMOUS else caller
