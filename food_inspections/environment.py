"""Environment variables as values: what each kind of them must look like, and a sentence where it does not."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from food_inspections.errors import SettingsError

PREFIX = "FOOD_INSPECTIONS_"
READ_ELSEWHERE = frozenset({"IMAGE", "NOTEBOOK_DATA", "TEST_DATA", "TEST_DATABASE_URL"})
"""Variables that compose.yaml, the notebooks and the tests read; all others are read in :mod:`settings`."""
LEAST_SECRET_BYTES = 24

_MEANT = re.compile(r"FOOD_?INSPECTIONS?_", re.IGNORECASE)
_OF_KUBERNETES = re.compile(r"(\w+?)_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_\w+)?)$")
_RATE_LIMIT = re.compile(r"[1-9]\d{0,8} per (?:[1-9]\d{0,4} )?(?:second|minute|hour|day)s?")


@dataclass(frozen=True)
class Source:
    """The variables, and the names of those that were asked for."""

    environment: Mapping[str, str]
    names: set[str] = field(default_factory=set)

    def require_no_others(self) -> None:
        """Refuse variables that were meant for the program and that nothing reads: their value was lost in silence.

        To be called once every variable was asked for.
        """
        known = sorted(PREFIX + name for name in self.names | READ_ELSEWHERE)
        unknown = sorted(
            name
            for name, value in self.environment.items()
            if _MEANT.match(name) and name not in known and value.strip() and not self._is_of_kubernetes(name)
        )
        if not unknown:
            return
        nearest = list(
            dict.fromkeys(near for name in unknown for near in get_close_matches(name.upper(), known, n=1, cutoff=0.85))
        )
        remedy = f"did you mean {' or '.join(nearest)}?" if nearest else "unset it;"
        raise SettingsError(
            f"The program reads no {' and no '.join(unknown)}: {remedy} .env.example lists all of them."
        )

    def _is_of_kubernetes(self, name: str) -> bool:
        """Whether Kubernetes tells with it where one of the services is: ours are named like the program."""
        service = _OF_KUBERNETES.match(name)
        return service is not None and f"{service[1]}_SERVICE_HOST" in self.environment

    def text(self, name: str) -> str | None:
        """The text of a variable, or ``None`` where it is empty."""
        self.names.add(name)
        return self.environment.get(PREFIX + name, "").strip() or None

    def path(self, name: str) -> str | None:
        """A path on the portal."""
        value = self.text(name)
        if value is not None and not value.startswith("/"):
            raise SettingsError(f"{PREFIX}{name}={value!r}: write the path on the portal, beginning with a slash.")
        return value

    def file(self, name: str) -> Path | None:
        """A file of this machine."""
        value = self.text(name)
        return None if value is None else Path(value).expanduser().resolve()

    def minutes(self, name: str) -> tuple[tuple[str, int], ...]:
        """``60``, or ``60; re-inspection=30; School=90``: of a visit, and of visits that differ."""
        parts = [part.strip() for part in (self.text(name) or "").split(";") if part.strip()]
        pairs = [
            (kind.strip() or "visit", value.strip()) for kind, _, value in (part.rpartition("=") for part in parts)
        ]
        wrong = [part for part, (_, value) in zip(parts, pairs, strict=True) if not value.isdecimal() or int(value) < 1]
        if wrong:
            raise SettingsError(f"{PREFIX}{name} has {wrong[0]!r}: write minutes, such as '60; re-inspection=30'.")
        return tuple((kind, int(value)) for kind, value in pairs)

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of some words."""
        value = self.text(name) or default
        if value not in allowed:
            raise SettingsError(f"{PREFIX}{name}={value!r}: choose one of {', '.join(allowed)}.")
        return value

    def secret(self, name: str) -> bytes | None:
        """The bytes of a key of Standard Webhooks: ``whsec_`` and base64."""
        value = self.text(name)
        if value is None:
            return None
        try:
            key = base64.b64decode(value.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            key = b""
        if len(key) < LEAST_SECRET_BYTES:
            raise SettingsError(f'{PREFIX}{name} is no key: make one with echo "whsec_$(openssl rand -base64 32)".')
        return key

    def flag(self, name: str) -> bool:
        """1 or 0."""
        value = (self.text(name) or "0").lower()
        if value not in ("0", "1", "true", "false", "yes", "no"):
            raise SettingsError(f"{PREFIX}{name}={value!r}: set it to 1 or 0.")
        return value in ("1", "true", "yes")

    def whole_number(self, name: str, minimum: int) -> int | None:
        """A whole number of at least so much."""
        value = self.text(name)
        if value is None:
            return None
        if not value.isdecimal() or int(value) < minimum:
            raise SettingsError(f"{PREFIX}{name}={value!r}: set it to a whole number of at least {minimum}.")
        return int(value)

    def number(self, name: str, default: float, minimum: float, below: float = float("inf")) -> float:
        """A number within bounds."""
        value = self.text(name)
        try:
            number = default if value is None else float(value)
        except ValueError:
            number = float("nan")
        if not minimum <= number < below:
            raise SettingsError(f"{PREFIX}{name}={value!r}: set it to a number from {minimum} to below {below}.")
        return number

    def monday(self, name: str) -> date | None:
        """A Monday."""
        value = self.text(name)
        if value is None:
            return None
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise SettingsError(f"{PREFIX}{name}={value!r}: write a Monday like 2012-01-02.") from None
        if day.weekday() != 0:
            raise SettingsError(f"{PREFIX}{name}={value!r} is a {day:%A}: weeks begin on Mondays, so name one.")
        return day

    def rate_limit(self, name: str, default: str) -> str | None:
        """How many within what time, or ``None`` for no limit."""
        value = self.text(name) or default
        if value == "none":
            return None
        parts = [part.strip() for part in value.split(";")]
        if not all(_RATE_LIMIT.fullmatch(part) for part in parts):
            raise SettingsError(
                f"{PREFIX}{name}={value!r}: write '100 per second', '100 per second; 10000 per hour' or 'none'."
            )
        return "; ".join(parts)

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins of the web, separated by commas."""
        origins = tuple(part.strip() for part in (self.text(name) or "").split(",") if part.strip())
        for origin in origins:
            parts = urlsplit(origin)
            if (
                parts.scheme not in ("http", "https")
                or not parts.netloc
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise SettingsError(
                    f"{PREFIX}{name} names {origin!r}: list web origins such as https://example.org, without a path."
                )
        return origins

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        """An address that begins with one of some schemes."""
        value = self.text(name)
        if value is not None and urlsplit(value).scheme not in schemes:
            scheme = urlsplit(value).scheme or "none"
            raise SettingsError(
                f"{PREFIX}{name} has the scheme {scheme!r}: use an address that starts with {schemes[0]}://."
            )
        return value
