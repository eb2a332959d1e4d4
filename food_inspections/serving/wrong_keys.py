"""How many wrong keys an address may try, on the API and on the monitor."""

import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

WRONG_KEYS = parse("20 per minute")
"""So many keys may an address try; a person who mistypes one needs fewer, who guesses gets nowhere."""


class WrongKeys:
    """Wrong keys by address, counted in this process."""

    def __init__(self) -> None:
        self._window = FixedWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, address: str) -> int:
        """After how many seconds a key from this address is looked at again; 0 where it is now."""
        if self._window.test(WRONG_KEYS, address):
            return 0
        return max(1, math.ceil(self._window.get_window_stats(WRONG_KEYS, address).reset_time - time.time()))

    def count(self, address: str) -> None:
        """Count a key that is not known."""
        self._window.hit(WRONG_KEYS, address)
