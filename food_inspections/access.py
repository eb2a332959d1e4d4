"""Who may do what: keys by role, compared in constant time.

Whoever holds a key of role *reader* may read and score; one of role *writer* may also decide on the lines of a plan,
under its name. A deployment may list SHA-256 digests in place of keys, so that its configuration holds no key.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

DIGEST = re.compile(r"[0-9a-f]{64}")


class Keys:
    """The keys of one role.

    Args:
        keys: Plain keys, or their SHA-256 digests as 64 lower-case hex digits.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = tuple(key if DIGEST.fullmatch(key) else digest_of(key) for key in keys)

    def __bool__(self) -> bool:
        return bool(self._digests)

    def place_of(self, key: str) -> int | None:
        """Which of them the key is; takes as long for one that is among them as for one that is not."""
        presented = digest_of(key)
        found = None
        for place, digest in enumerate(self._digests):
            found = place if hmac.compare_digest(digest, presented) else found
        return found

    def accepts(self, key: str) -> bool:
        """Whether the key is among them."""
        return self.place_of(key) is not None


class Writers:
    """The keys of role *writer*, each with the name of who holds it.

    Args:
        keys: Pairs of a name and a plain key or digest.
    """

    def __init__(self, keys: Iterable[tuple[str, str]]) -> None:
        pairs = tuple(keys)
        self._names = tuple(name for name, _ in pairs)
        self._keys = Keys(key for _, key in pairs)

    def __bool__(self) -> bool:
        return bool(self._names)

    def name_of(self, key: str) -> str | None:
        """Who holds the key; ``None`` where nobody does."""
        place = self._keys.place_of(key)
        return None if place is None else self._names[place]


def digest_of(key: str) -> str:
    """SHA-256 of a key, in hex."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
