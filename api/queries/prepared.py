"""Queries that each connection plans once.

PostgreSQL takes several times as long to plan the query of a row as to find it, and plans anew at
every call, but for what it was told to prepare.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, text
from sqlalchemy.dialects import postgresql

_PREPARED = "food-inspections-prepared"


class Prepared:
    """A query that is asked for again and again.

    Args:
        query: Takes ``:parameters``, whose types follow from where they stand.
    """

    def __init__(self, query: str) -> None:
        compiled = text(query).compile(dialect=postgresql.dialect(paramstyle="numeric_dollar"))  # type: ignore[no-untyped-call]
        self._query = str(compiled)
        self._parameters = tuple(compiled.positiontup or ())
        self._name = f"query_{hashlib.sha256(self._query.encode()).hexdigest()[:16]}"
        places = ", ".join(["%s"] * len(self._parameters))
        self._call = f"EXECUTE {self._name}({places})" if places else f"EXECUTE {self._name}"

    def ask(self, connection: Connection, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """The rows.

        Args:
            connection: To read on; the first time it is told to prepare the query.
            parameters: What the query takes.
        """
        # Belongs to the session of the server, and goes with it.
        known = connection.info.setdefault(_PREPARED, set())
        if self._name not in known:
            connection.exec_driver_sql(f"PREPARE {self._name} AS {self._query}")
            known.add(self._name)
        given = parameters or {}
        return connection.exec_driver_sql(self._call, tuple(given[name] for name in self._parameters))
