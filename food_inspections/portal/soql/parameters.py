"""SODA's request parameters as a query: ``$where`` and its kin, and plain ``field=value`` filters."""

from collections.abc import Callable, Mapping

from food_inspections.portal.soql import parser
from food_inspections.portal.soql.tree import Call, Expression, Literal, Name, Query, SoqlError


def _select(query: Query, value: str) -> None:
    query.select = parser.parse_select(value)


def _where(query: Query, value: str) -> None:
    query.where = _both(query.where, parser.parse_expression(value))


def _group(query: Query, value: str) -> None:
    query.group = parser.parse_group(value)


def _having(query: Query, value: str) -> None:
    query.having = parser.parse_expression(value)


def _order(query: Query, value: str) -> None:
    query.order = parser.parse_order(value)


def _limit(query: Query, value: str) -> None:
    query.limit = _whole_number("$limit", value)


def _offset(query: Query, value: str) -> None:
    query.offset = _whole_number("$offset", value)


def _search(query: Query, value: str) -> None:
    query.search = value


_CLAUSES: dict[str, Callable[[Query, str], None]] = {
    "$select": _select,
    "$where": _where,
    "$group": _group,
    "$having": _having,
    "$order": _order,
    "$limit": _limit,
    "$offset": _offset,
    "$q": _search,
}


def read_query(parameters: Mapping[str, str]) -> Query:
    """Read SODA's parameters: ``$query`` or the single clauses, and ``field=value`` filters.

    Raises:
        SoqlError: A parameter is unknown or malformed.
    """
    query = parser.parse_query(parameters["$query"]) if "$query" in parameters else Query()
    for name, value in parameters.items():
        if name in _CLAUSES:
            _CLAUSES[name](query, value)
        elif not name.startswith("$"):
            query.where = _both(query.where, Call("=", (Name(name.lower()), Literal(value)), is_operator=True))
        elif name != "$query" and not name.startswith("$$"):
            raise SoqlError("query.soql.unrecognized-argument", f"Unrecognized argument: {name}", argument=name)
    return query


def _both(one: Expression | None, other: Expression) -> Expression:
    return other if one is None else Call("AND", (one, other), is_operator=True)


def _whole_number(name: str, value: str) -> int:
    # SQLite's largest number is longer than any of these.
    if not value.strip().isdecimal() or len(value) > 18:
        raise SoqlError("query.soql.invalid-parameter", f"Invalid {name}: {value!r}", parameter=name)
    return int(value)
