"""SODA's request parameters as one SELECT of SQLite, which parses and computes.

Every word of a query is looked up before it reaches SQLite: a column, one of the functions and
keywords below, a literal or an operator. There is no word to read or write anything else with.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from food_inspections.portal.columns import ROW_ID

ID_INDEX = "by_id"
"""Name of the index on ``:id`` that the table must have."""

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\0]|'')*')|(?P<number>\d+\.?\d*|\.\d+)"
    r"|(?P<word>:?@?[A-Za-z_]\w*)|(?P<sign><=|>=|!=|<>|[-=<>()+*/%,]))",
    re.ASCII,
)
_AGGREGATES = frozenset({"count", "max", "min", "sum", "avg"})
_WORDS = _AGGREGATES | {"and", "or", "not", "in", "is", "null", "like", "between", "asc", "desc", "distinct"}
_WORDS |= {"upper", "lower", "date_trunc_ymd", "date_trunc_ym", "date_trunc_y"}
_CLAUSES = frozenset({"$select", "$where", "$group", "$order", "$limit", "$offset"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?")


class QueryError(Exception):
    """A query that cannot be answered; its message names the part."""


@dataclass(frozen=True)
class Statement:
    """A SELECT and the names of the columns it gives."""

    sql: str
    names: list[str]


def read_query(parameters: Mapping[str, str], kinds: Mapping[str, str]) -> Statement:
    """Translate the parameters of a request to a SELECT from the table ``inspections``.

    Args:
        parameters: ``$select`` and its kin, and plain ``column=value`` filters.
        kinds: SODA's kind of every column; system columns start with a colon.

    Raises:
        QueryError: A parameter, word or sign that is not understood.
    """
    for name in parameters:
        if name.startswith("$") and not name.startswith("$$") and name not in _CLAUSES:
            raise QueryError(f"Unrecognized argument: {name}")
    has_system_fields = parameters.get("$$exclude_system_fields") == "false"
    columns = [name for name in kinds if has_system_fields or not name.startswith(":")]
    selected = _items(parameters.get("$select", "*"), columns, [name for name in kinds if name.startswith(":")])
    items = dict(selected)
    if len(items) < len(selected):
        raise QueryError(f"Duplicate alias in $select: {parameters.get('$select')}")
    sql = {name: _sql(item, kinds) for name, item in items.items()}
    # A column goes before an alias of the same name.
    names = {**{name: _sql(item, kinds, is_value=True) for name, item in items.items()}, **_values(kinds)}
    groups = [part.strip() for part in _parts(parameters.get("$group", ""))]
    is_grouped = bool(groups) or any(_is_aggregate(item) for item in items.values())
    for name, item in items.items():
        if is_grouped and not _is_aggregate(item) and not {name, item} & set(groups):
            raise QueryError(f"Column not in group bys: {item}")
    where = _where(parameters, kinds, names)
    order = _order(parameters.get("$order", ""), kinds, names, is_grouped)
    limit = f"LIMIT {_whole_number(parameters, '$limit', 1000)} OFFSET {_whole_number(parameters, '$offset', 0)}"
    columns_asked = ", ".join(f"{text} AS {quoted(name)}" for name, text in sql.items())
    source = f"SELECT {columns_asked} FROM inspections"  # noqa: S608 - every word was looked up
    if is_grouped:
        by = [sql.get(group) or _sql(group, kinds) for group in groups]
        return Statement(f"{source} {where} {_clause('GROUP BY', by)} {order} {limit}", list(items))
    # A later page says that there are many rows, which SQLite cannot know: then no sorting, but the index.
    hint = f"INDEXED BY {ID_INDEX}" if parameters.get("$order", ROW_ID) == ROW_ID and "$offset" in parameters else ""
    # The rows of the page are found first: sorting whole rows to skip most of them takes minutes.
    page = f"SELECT rowid FROM inspections {hint} {where} {order} {limit}"  # noqa: S608 - as above
    return Statement(f"{source} WHERE rowid IN ({page}) {order}", list(items))


def quoted(name: str) -> str:
    """A name as SQLite's identifier."""
    return '"' + name.replace('"', '""') + '"'


def timestamp(text: str) -> str:
    """A day or moment as the table holds it, so that they compare as text.

    Raises:
        ValueError: It is neither.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + ("Z" if text.endswith("Z") else "")


def is_date(text: str) -> bool:
    """Whether the text is spelt like a day or moment of a portal."""
    return _DATE.fullmatch(text) is not None


def _items(select: str, columns: Sequence[str], system: Sequence[str]) -> list[tuple[str, str]]:
    """Name and expression of every column asked for."""
    items: list[tuple[str, str]] = []
    for part in _parts(select):
        expression, *named = re.split(r"\s+as\s+(?=[a-z_]\w*$)", part.strip(), flags=re.IGNORECASE)
        if expression in ("*", ":*"):
            items += [(name, name) for name in (columns if expression == "*" else system)]
        else:
            is_name = re.fullmatch(r":?\w+", expression)
            default = expression if is_name else re.sub(r"\W+", "_", expression).strip("_")
            items.append(((named[0] if named else default).lower(), expression.lower() if is_name else expression))
    return items


def _parts(text: str) -> list[str]:
    """Split at the commas outside of brackets, of which a query of ours nests one level."""
    return re.findall(r"(?:[^,()]|\([^()]*\)|[()])+", text)


def _values(kinds: Mapping[str, str]) -> dict[str, str]:
    """Columns as what they compare as: the table holds text only."""
    return {
        name: f"CAST({quoted(name)} AS NUMERIC)" if kind == "number" else quoted(name) for name, kind in kinds.items()
    }


def _sql(text: str, kinds: Mapping[str, str], names: Mapping[str, str] | None = None, *, is_value: bool = False) -> str:
    """An expression with every word looked up; a column alone is the text it is, unless its value is needed."""
    if text in kinds and names is None and not is_value:
        return quoted(text)
    names = _values(kinds) if names is None else names
    words, end = [], 0
    while end < len(text.rstrip()):
        token = _TOKEN.match(text, end)
        if token is None:
            raise QueryError(f"Not understood: {text[end:].strip()[:100]}")
        end = token.end()
        words.append(_word(token, names))
    return " ".join(words)


def _word(token: re.Match[str], names: Mapping[str, str]) -> str:
    text = token[0].strip()
    if token["word"]:
        word = text.lower()
        # What opens a bracket is a function, though a column or alias may have its name.
        if word in _WORDS and token.string[token.end() :].lstrip().startswith("("):
            return word
        if word not in names and word not in _WORDS:
            raise QueryError(f"No such column: {text}")
        return names.get(word, word)
    if token["text"] and is_date(text[1:-1]):
        try:
            return f"'{timestamp(text[1:-1])}'"
        except ValueError:
            raise QueryError(f"No such day: {text}") from None
    return text


def _is_aggregate(expression: str) -> bool:
    return any(word.lower() in _AGGREGATES for word in re.findall(r"(\w+)\s*\(", expression))


def _where(parameters: Mapping[str, str], kinds: Mapping[str, str], names: Mapping[str, str]) -> str:
    where = parameters.get("$where")
    conditions = [_sql(where, kinds, names)] if where is not None else []
    for name, value in parameters.items():
        if not name.startswith("$"):
            if name.lower() not in kinds:
                raise QueryError(f"No such column: {name}")
            literal = value.replace("'", "''")
            conditions.append(_sql(f"{name} = '{literal}'", kinds, names))
    return _clause("WHERE", [f"({condition})" for condition in conditions], " AND ")


def _order(order: str, kinds: Mapping[str, str], names: Mapping[str, str], is_grouped: bool) -> str:
    """The order asked for; rows end with their id, so that pages never overlap.

    As in PostgreSQL nulls are the largest; ``:id`` has none, and its index knows no other order of them.
    """
    parts = [_sql(part, kinds, names) for part in _parts(order)]
    ordered = [
        part
        if part.startswith(quoted(ROW_ID))
        else part + (" NULLS FIRST" if part.endswith(" desc") else " NULLS LAST")
        for part in parts
    ]
    if not is_grouped and not any(part.startswith(quoted(ROW_ID)) for part in parts):
        ordered.append(quoted(ROW_ID))
    return _clause("ORDER BY", ordered)


def _clause(keyword: str, parts: Sequence[str], between: str = ", ") -> str:
    return f"{keyword} {between.join(parts)}" if parts else ""


def _whole_number(parameters: Mapping[str, str], name: str, default: int) -> int:
    value = parameters.get(name, str(default))
    # SQLite's largest number is longer than any of these.
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise QueryError(f"Invalid {name}: {value!r}")
    return int(value)
