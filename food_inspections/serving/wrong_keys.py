"""How many wrong keys an address may try, on the API and on the monitor."""

import math
import time
from ipaddress import IPv6Network

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

WRONG_KEYS = parse("20 per minute")
"""So many keys may an address try; a person who mistypes one needs fewer, who guesses gets nowhere."""


def counted_address(address: str) -> str:
    """What callers are told apart by: an address of IPv4; of IPv6 the network, as each customer has one to itself.

    Whoever holds a network of IPv6 could otherwise take another address for every guess.

    Args:
        address: As the server or a proxy that is believed tells it.
    """
    if ":" not in address:
        return address
    try:
        return str(IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:  # a proxy may tell what it likes
        return address


class WrongKeys:
    """Wrong keys by address, counted in this process."""

    def __init__(self) -> None:
        self._window = FixedWindowRateLimiter(MemoryStorage())

    def seconds_to_wait(self, address: str) -> int:
        """After how many seconds a key from this address is looked at again; 0 where it is now."""
        caller = counted_address(address)
        if self._window.test(WRONG_KEYS, caller):
            return 0
        return max(1, math.ceil(self._window.get_window_stats(WRONG_KEYS, caller).reset_time - time.time()))

    def count(self, address: str) -> None:
        """Count a key that is not known."""
        self._window.hit(WRONG_KEYS, counted_address(address))
