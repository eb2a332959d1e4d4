"""Publications as an Atom feed (RFC 4287)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from sqlalchemy import RowMapping

ATOM = "application/atom+xml"

_NAMESPACE = "http://www.w3.org/2005/Atom"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(publications: Sequence[RowMapping], host: str, path: str, updated_at: datetime | None) -> bytes:
    """The feed as XML.

    Args:
        publications: Rows with ``week``, ``version``, ``published_at``, ``model_id`` and ``row_count``, newest first.
        host: Address of the API, without a slash at the end.
        path: Where its lists are.
        updated_at: When the newest was published; ``None`` where nothing is.
    """
    ET.register_namespace("", _NAMESPACE)
    feed = ET.Element(f"{{{_NAMESPACE}}}feed")
    address = f"{host}{path}"
    _add(feed, "title", "Published inspection queues")
    _add(feed, "id", f"{address}/feed")
    _add(feed, "updated", (updated_at or _EPOCH).isoformat())
    _add(feed, "link", rel="self", href=f"{address}/feed")
    _add(_add(feed, "author"), "name", "Food Inspections")
    for row in publications:
        entry = _add(feed, "entry")
        link = f"{address}?week={row['week']}&version={row['version']}"
        _add(entry, "title", f"Inspection queue of the week of {row['week']}, version {row['version']}")
        _add(entry, "id", link)
        _add(entry, "updated", row["published_at"].isoformat())
        _add(entry, "link", href=link)
        _add(entry, "summary", f"{row['row_count']:,} establishments ranked by {row['model_id'] or 'no model'}.")
    content: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _add(parent: ET.Element, name: str, content: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    child.text = content
    return child
