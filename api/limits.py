"""How often one caller may ask.

A caller is an API key where one was accepted, else an address. Without a shared
storage each worker counts by itself, so a limit then holds per worker.
"""

import logging
import math
import threading
import time
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import Limit, Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse_many
from limits.storage import Storage

from api.errors import ApiError, api_error_response
from api.security import ANONYMOUS, OPEN_ENDPOINTS
from food_inspections.settings import Settings

logger = logging.getLogger("food_inspections.api")

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
    of_scoring, is_own = settings.api_scoring_rate_limit, settings.api_rate_limit_storage == _OWN_MEMORY
    limiter = Limiter(
        _caller,
        default_limits=[Limit(of_scoring, methods=("POST",))] if of_scoring else [],
        storage_uri="worker-memory://" if is_own else settings.api_rate_limit_storage,
        strategy="fixed-window",
        headers_enabled=False,
        # A shared storage that is away must not take the API down with it.
        in_memory_fallback_enabled=not is_own,
    )
    # Working out which limits hold for a request takes Flask-Limiter as long as the whole rest of a cached answer.
    # One limit holds for all of them: they are counted with its storage and strategy, and it is left out for reads.
    limiter.request_filter(lambda: request.method in ("GET", "HEAD", "OPTIONS"))
    limiter.init_app(app)
    items = parse_many(settings.api_rate_limit) if settings.api_rate_limit else []

    @app.before_request
    def count() -> None:
        if request.endpoint not in OPEN_ENDPOINTS:
            for item in items:
                _hit(limiter, item)

    @app.errorhandler(RateLimitExceeded)
    def refuse(error: RateLimitExceeded) -> Response:
        breached = limiter.current_limit
        return api_error_response(_refusal(str(error.description), 0 if breached is None else breached.reset_at))


def _hit(limiter: Limiter, item: RateLimitItem) -> None:
    identifiers = ("all", _caller())
    try:
        is_within = limiter.limiter.hit(item, *identifiers)
    except limiter.storage.base_exceptions:
        logger.warning("Requests are not counted: the storage of FOOD_INSPECTIONS_API_RATE_LIMIT_STORAGE is away.")
        return
    if not is_within:
        raise _refusal(str(item), limiter.limiter.get_window_stats(item, *identifiers).reset_time)


def _refusal(limit: str, reset_at: float) -> ApiError:
    seconds = max(1, math.ceil(reset_at - time.time()))
    message = f"Too many requests: at most {limit}. Try again in {seconds} s."
    return ApiError(429, "too_many_requests", message, headers={"Retry-After": str(seconds)})


def _caller() -> str:
    caller: str = g.get("caller", ANONYMOUS)
    return get_remote_address() if caller == ANONYMOUS else caller
