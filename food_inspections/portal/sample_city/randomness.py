"""Random numbers by purpose: each array has a stream of its own.

A longer period then draws the same numbers for its first weeks as a shorter one, so the
same city can be let grow, and a change in one part leaves the others as they were.
"""

import zlib

import numpy as np


def stream(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """The generator of one array: of this purpose, in this week or round."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), *numbers])
