"""One store holds the inspections of one city: a pull from another portal would mix them."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit


def other_portal(pulled_from: Sequence[tuple[str, str]], portal: str, dataset: str) -> str | None:
    """The portal that the store's newest inspections came from, if it is another one.

    Portals on this machine count as one: they stand in for the city's, on any port.

    Args:
        pulled_from: Portal and data set of the downloads so far, the newest first.
        portal: Address of the portal to be asked now.
        dataset: Its data set.
    """
    if not pulled_from:
        return None
    known, known_dataset = pulled_from[0]
    is_same = known == portal or (is_local(known) and is_local(portal))
    return None if is_same and known_dataset == dataset else f"{known} ({known_dataset})"


def is_local(url: str) -> bool:
    """Whether a portal is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
