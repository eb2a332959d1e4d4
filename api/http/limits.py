"""How often one caller may ask.

A caller is an API key where one was accepted, else an address. Without a shared
storage each worker counts by itself, so a limit then holds per worker. Requests are
counted, documentation and files included, and visits that are to be scored, which cost
more; wrong keys are counted by address before any key is looked at.

``limits`` is the engine of Flask-Limiter, which is left out: working out anew for each
request which limits hold takes it a fifth of the time of a cached answer, and here the
same ones hold on every route.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from flask import Flask, Response, g, request
from limits import RateLimitItem, parse_many
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from food_inspections.api.http.errors import ApiError
from food_inspections.serving.wrong_keys import WRONG_KEYS, counted_address
from food_inspections.settings import Settings

logger = logging.getLogger("food_inspections.api")

ANSWER_SECONDS = 2.0
"""How long a request waits for a shared storage."""

AWAY_SECONDS = 5.0
"""How long a shared storage that failed is left alone: asking it may take each request seconds."""

ANONYMOUS = "anonymous"
"""Whoever sent no key."""

UNCOUNTED_ENDPOINTS = frozenset({"health.Live", "health.Ready", "root_live", "root_ready"})
"""Probes come often, from few addresses, and must not be refused."""

Answer = TypeVar("Answer")

_OWN_MEMORY = "memory://"
_KEYS_TO_TIDY = 10_000


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
        self._tidied_at = _KEYS_TO_TIDY

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a failing storage raises; this one does not fail."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to the count of a window, which begins with its first request."""
        now = time.time()
        with self._lock:
            if len(self._counts) >= self._tidied_at:
                self._counts = {name: held for name, held in self._counts.items() if held[0] > now}
                # Twice as many as are left: where few are old, tidying at every request would be what is slow.
                self._tidied_at = max(_KEYS_TO_TIDY, 2 * len(self._counts))
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


class Limits:
    """What a deployment lets one caller do; one per worker, with the counts shared where a storage is given.

    Args:
        settings: The limits, and where to count.
    """

    def __init__(self, settings: Settings) -> None:
        self._of_requests = _items(settings.api_rate_limit)
        self._of_visits = _items(settings.api_scoring_rate_limit)
        self._of_anonymous_log = _items(settings.api_anonymous_log)
        self._own = FixedWindowRateLimiter(WorkerMemory())
        storage = settings.api_rate_limit_storage
        self._shared = None if storage == _OWN_MEMORY else FixedWindowRateLimiter(_storage(storage))
        self._away_until = 0.0

    def refuse_guesser(self) -> None:
        """Look at no further key from an address that has sent too many wrong ones.

        Raises:
            ApiError: It has.
        """
        if not self._asked(lambda window: window.test(WRONG_KEYS, "wrong key", _address())):
            ends_at = self._ends_at(WRONG_KEYS, "wrong key", _address())
            raise _refusal(WRONG_KEYS, "wrong keys from this address", ends_at)

    def count_wrong_key(self) -> None:
        """Count a key that is not known."""
        self._hit(WRONG_KEYS, 1, "wrong key", _address())

    def count_request(self) -> None:
        """Count the present request, and remember for its answer how many more may come.

        Raises:
            ApiError: It is one too many.
        """
        caller = _caller()
        for place, item in enumerate(self._of_requests):
            count, ends_at = self._asked(partial(_counted, item=item, identifiers=("all", caller)))
            if place == 0:
                g.request_allowance = item.amount, max(0, item.amount - count), ends_at
            if count > item.amount:
                raise _refusal(item, "requests", ends_at)

    def count_visits(self, visits: int) -> None:
        """Count the visits that are to be scored.

        Args:
            visits: How many this request brings.

        Raises:
            ApiError: They are too many; none of them is counted.
        """
        for item in self._of_visits:
            if visits > item.amount:
                raise ApiError(
                    413, "content_too_large", f"This deployment scores at most {item} of one caller: send fewer visits."
                )
            if not self._hit(item, visits, "scoring", _caller()):
                raise _refusal(item, "visits", self._ends_at(item, "scoring", _caller()))

    def may_be_logged(self, visits: int) -> bool:
        """Whether so many scores of the present caller still find room in the log: with a key always."""
        if g.get("caller", ANONYMOUS) != ANONYMOUS:
            return True
        return all(self._hit(item, visits, "log", ANONYMOUS) for item in self._of_anonymous_log)

    def _hit(self, item: RateLimitItem, cost: int, *identifiers: str) -> bool:
        """Count, where there is room: what is refused costs a caller nothing of what it may still do."""
        return self._asked(
            lambda window: window.test(item, *identifiers, cost=cost) and window.hit(item, *identifiers, cost=cost)
        )

    def _ends_at(self, item: RateLimitItem, *identifiers: str) -> float:
        """When the window under way ends."""
        return self._asked(lambda window: window.get_window_stats(item, *identifiers)).reset_time

    def _asked(self, question: Callable[[FixedWindowRateLimiter], Answer]) -> Answer:
        """Ask the shared storage, or this process while that one is away."""
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except self._shared.storage.base_exceptions as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                logger.warning(
                    "FOOD_INSPECTIONS_API_RATE_LIMIT_STORAGE is away (%s): this worker counts by itself for now.",
                    type(error).__name__,
                )
        return question(self._own)


def register(app: Flask, limits: Limits) -> None:
    """Count requests, refuse those over the limit with 429 and ``Retry-After``, and say what is left."""

    @app.before_request
    def count() -> None:
        if request.endpoint not in UNCOUNTED_ENDPOINTS:
            limits.count_request()

    @app.after_request
    def announce(response: Response) -> Response:
        if "request_allowance" in g:
            most, remaining, ends_at = g.request_allowance
            response.headers.extend(
                {
                    "RateLimit-Limit": str(most),
                    "RateLimit-Remaining": str(remaining),
                    "RateLimit-Reset": str(_seconds_until(ends_at)),
                }
            )
        return response


def _storage(address: str) -> Storage:
    """The storage; the driver of Redis, unlike others, would wait without end for one that is frozen."""
    waits = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), ANSWER_SECONDS)
    storage = storage_from_string(address, **(waits if address.startswith("redis") else {}))
    return cast(Storage, storage)  # of the kind that does not await


def _items(limit: str | None) -> list[RateLimitItem]:
    return parse_many(limit) if limit else []


def _counted(window: FixedWindowRateLimiter, item: RateLimitItem, identifiers: Sequence[str]) -> tuple[int, float]:
    """Count one, room or no room: what a window counts so far, and when it ends."""
    key = item.key_for(*identifiers)
    return window.storage.incr(key, item.get_expiry()), window.storage.get_expiry(key)


def _refusal(item: RateLimitItem, what: str, ends_at: float) -> ApiError:
    seconds = _seconds_until(ends_at)
    message = f"Too many {what}: at most {item}. Try again in {seconds} s."
    return ApiError(429, "too_many_requests", message, headers={"Retry-After": str(seconds)})


def _seconds_until(reset_time: float) -> int:
    return max(1, math.ceil(reset_time - time.time()))


def _address() -> str:
    return counted_address(request.remote_addr or ANONYMOUS)


def _caller() -> str:
    caller: str = g.get("caller", ANONYMOUS)
    return _address() if caller == ANONYMOUS else caller
