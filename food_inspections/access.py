"""Who may do what: keys by role, compared in constant time.

Whoever holds a key of role *reader* may read and score; one of role *writer* may also decide on the lines of a plan,
under its name. A deployment may list SHA-256 digests in place of keys, so that its configuration holds no key.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

from food_inspections.errors import SettingsError

DIGEST = re.compile(r"[0-9a-f]{64}")
SHORTEST_WRITERS_KEY = 16
"""Characters; a shorter key could be guessed."""

_HOLDER = re.compile(r"[A-Za-z0-9._-]{1,40}")


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


def named_keys(variable: str, text: str) -> tuple[tuple[str, str], ...]:
    """Writers' keys as a setting lists them: ``NAME:KEY, NAME:KEY``.

    What is refused may be a key: no message shows more than its place.

    Args:
        variable: Name of the setting.
        text: Its value.

    Raises:
        SettingsError: An entry is not of this form, its key could be guessed, or a name or a key is there twice.
    """
    named: dict[str, str] = {}
    holders: dict[str, str] = {}
    for place, part in enumerate((part.strip() for part in text.split(",") if part.strip()), start=1):
        holder, colon, rest = part.partition(":")
        key = rest.strip()
        if not colon or not key or _HOLDER.fullmatch(holder) is None:
            raise SettingsError(
                f"{variable}: entry {place} is not NAME:KEY: write whose key it is (letters, digits, . _ -), a colon "
                "and the key or its SHA-256."
            )
        if holder in named:
            raise SettingsError(f"{variable} names {holder} twice: give each holder one key.")
        if len(key) < SHORTEST_WRITERS_KEY:
            raise SettingsError(
                f"{variable}: the key of entry {place} is short enough to be guessed: give it at least "
                f"{SHORTEST_WRITERS_KEY} characters, such as 'openssl rand -hex 24' makes."
            )
        digest = key if DIGEST.fullmatch(key) else digest_of(key)
        if digest in holders:
            raise SettingsError(
                f"{variable}: {holders[digest]} and {holder} have the same key, so nobody could tell who decided: give "
                "each one of their own."
            )
        named[holder], holders[digest] = key, holder
    return tuple(named.items())


def digest_of(key: str) -> str:
    """SHA-256 of a key, in hex."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
