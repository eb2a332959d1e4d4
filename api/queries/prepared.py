"""Queries that each connection plans once.

PostgreSQL takes several times as long to plan the query of a row as to find it, and plans anew at
every call, but for what it was told to prepare.
"""

import hashlib
from collections import namedtuple
from collections.abc import Mapping
from typing import Any

import psycopg2
from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

_PREPARED = "food-inspections-prepared"


class Prepared:
    """A query that is asked for again and again.

    Attributes:
        text: The query as PostgreSQL takes it.

    Args:
        query: Takes ``:parameters``, whose types follow from where they stand.
    """

    def __init__(self, query: str) -> None:
        compiled = text(query).compile(dialect=postgresql.dialect(paramstyle="numeric_dollar"))  # type: ignore[no-untyped-call]
        self.text = str(compiled)
        self._parameters = tuple(compiled.positiontup or ())
        self._name = f"query_{hashlib.sha256(self.text.encode()).hexdigest()[:16]}"
        places = ", ".join(["%s"] * len(self._parameters))
        self._call = f"EXECUTE {self._name}({places})" if places else f"EXECUTE {self._name}"
        self._row: Any = None

    def ask(self, connection: Connection, parameters: Mapping[str, Any] | None = None) -> list[Any]:
        """The rows, as named tuples.

        Args:
            connection: To read on; the first time it is told to prepare the query.
            parameters: What the query takes.

        Raises:
            DBAPIError: As of any other query.
        """
        # Belongs to the session of the server, and goes with it.
        known = connection.info.setdefault(_PREPARED, set())
        if self._name not in known:
            connection.exec_driver_sql(f"PREPARE {self._name} AS {self.text}")
            known.add(self._name)
        given = parameters or {}
        values = tuple(given[name] for name in self._parameters)
        # By the driver itself: what SQLAlchemy does around it takes twice as long as the rest.
        driver: Any = connection.connection.driver_connection
        try:
            with driver.cursor() as cursor:
                cursor.execute(self._call, values)
                found: list[Any] = cursor.fetchall()
                if self._row is None:
                    # Once: psycopg2's own named tuples take as long as the rest of reading a row.
                    self._row = namedtuple("Row", [column.name for column in cursor.description])  # type: ignore[misc]
        except psycopg2.Error as error:
            if driver.closed:
                # A lost connection concerns the pool: let SQLAlchemy find it lost.
                connection.exec_driver_sql(self._call, values)
            raise DBAPIError.instance(
                self._call, None, error, psycopg2.Error, hide_parameters=True, dialect=connection.dialect
            ) from error
        return list(map(self._row._make, found))

    def row(self, connection: Connection, parameters: Mapping[str, Any] | None = None) -> Any:
        """The only row, or ``None``; see :meth:`ask`."""
        rows = self.ask(connection, parameters)
        return rows[0] if rows else None
