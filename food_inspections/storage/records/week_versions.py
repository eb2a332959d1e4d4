"""What is published for a week is history: other content is another version, the same content is none."""

from datetime import date
from typing import Literal, NamedTuple

from sqlalchemy import Connection, text


class Version(NamedTuple):
    """A version of a week.

    Attributes:
        number: From 1 on.
        is_new: Whether it is still to be written.
    """

    number: int
    is_new: bool


def version_of(
    connection: Connection, table: Literal["data.plans", "api.queue_publications"], week: date, content_hash: str
) -> Version:
    """The version that some content of a week is, or becomes; nobody else adds one before the transaction ends.

    Args:
        connection: Transaction that will write it.
        table: Where the versions stand: week, version, content_hash.
        week: The week's Monday.
        content_hash: Content hash of all rows.

    Returns:
        The newest version when its content is the same, else the next one.
    """
    # Two at the same time would both become the same version.
    connection.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
    newest = connection.execute(
        text(f"SELECT version, content_hash FROM {table} WHERE week = :week ORDER BY version DESC LIMIT 1"),  # noqa: S608
        {"week": week},
    ).one_or_none()
    if newest is None:
        return Version(1, is_new=True)
    is_new = newest.content_hash != content_hash
    return Version(int(newest.version) + is_new, is_new)
