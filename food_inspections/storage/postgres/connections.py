"""Addresses of PostgreSQL and plain connections to them, for what does not want a pool."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
from sqlalchemy import URL, make_url

from food_inspections.errors import StorageError
from food_inspections.storage.postgres.bounded import PATIENCE, BoundedConnection

SECRETS = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
"""Parameters of libpq that may not be shown."""


def connect(url: str | URL, **parameters: Any) -> Any:
    """A connection of the driver's own.

    Args:
        url: Address with the driver's name, as SQLAlchemy takes it.
        parameters: Parameters of libpq and of the driver, whatever the address says of them.

    Raises:
        StorageError: The database cannot be reached; the message names it, without its password.
    """
    address = make_url(url)
    arguments, options = address.get_dialect()().create_connect_args(address)
    try:
        return psycopg2.connect(*arguments, **{**PATIENCE, **options, **parameters})
    except (psycopg2.OperationalError, psycopg2.ProgrammingError) as error:
        raise unreachable(address, error) from error


@contextmanager
def connected(url: str | URL, *, is_read_only: bool = False) -> Iterator[BoundedConnection]:
    """A connection that commits every statement, closed at the end.

    Args:
        url: Address with the driver's name, as SQLAlchemy takes it.
        is_read_only: Refuse every statement that changes something.

    Raises:
        StorageError: The database cannot be reached; the message names it, without its password.
    """
    connection: BoundedConnection = connect(url, connection_factory=BoundedConnection)
    with closing(connection):
        connection.set_session(readonly=is_read_only, autocommit=True)
        yield connection


def unreachable(url: URL, error: psycopg2.Error) -> StorageError:
    """The error for a database that cannot be reached, or whose address libpq does not understand."""
    shown = url.difference_update_query(SECRETS)
    return StorageError(
        f"The database {shown!r} cannot be reached: {str(error).strip()}. Check that its server runs and that "
        "FOOD_INSPECTIONS_DATABASE_URL is right."
    )


def libpq_url(url: str | URL, *, has_password: bool = True) -> str:
    """An address as ``psql`` and every other program built on libpq takes it.

    Unlike SQLAlchemy's own text it writes a space as ``%20``: libpq does not take ``+`` for one.
    """
    address = make_url(url)
    user = quote(address.username or "", safe="")
    if has_password and address.password is not None:
        user += f":{quote(str(address.password), safe='')}"
    host = address.host or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{address.port}" if address.port else ""
    query = urlencode(dict(address.query), doseq=True, quote_via=quote, safe="")
    return (
        f"postgresql://{user}{'@' if user else ''}{host}{port}/{quote(address.database or '', safe='')}"
        f"{'?' if query else ''}{query}"
    )
