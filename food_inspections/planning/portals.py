"""One store holds the inspections of one city: a pull from another portal would mix them."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import Connection

from food_inspections.errors import PortalError
from food_inspections.settings import Settings
from food_inspections.storage.records import pulls


def require_same_portal(pulled_from: Sequence[tuple[str, str]], settings: Settings) -> None:
    """Refuse to pull from another portal than the store's inspections came from.

    Portals on this machine count as one: they stand in for the city's, on any port.

    Args:
        pulled_from: Portal and data set of the downloads so far, the newest first.
        settings: The portal to be asked now.

    Raises:
        PortalError: The store's inspections came from elsewhere.
    """
    other = other_portal(pulled_from, settings)
    if other is not None:
        back = "set it to a local portal again (`food-inspections up` serves the demo's)"
        raise PortalError(
            f"{settings.home} holds inspections from {other}, but FOOD_INSPECTIONS_PORTAL_URL names "
            f"{settings.portal_url}: {back if _is_local(pulled_from[0][0]) else 'set it back'}, "
            "or set FOOD_INSPECTIONS_HOME to a new folder."
        )


def other_portal(pulled_from: Sequence[tuple[str, str]], settings: Settings) -> str | None:
    """The portal that the store's newest inspections came from, if it is another one."""
    if not pulled_from:
        return None
    portal, dataset = pulled_from[0]
    same = dataset == settings.dataset and (
        portal == settings.portal_url or (_is_local(portal) and _is_local(settings.portal_url))
    )
    return None if same else f"{portal} ({dataset})"


def mixing(connection: Connection, settings: Settings) -> str | None:
    """Why a pull would mix two cities, if it would."""
    other = other_portal(pulls.portals(connection), settings)
    return (
        None if other is None else f"The store's inspections came from {other}: not mixing them with another portal's."
    )


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
