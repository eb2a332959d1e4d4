"""SoQL on SQLite: a syntax tree becomes one parameterised SELECT over the table of inspections.

The table holds text only, as the portal publishes it; what compares as a number is cast.
Names come from the known columns, values go through parameters: nothing a client
sends becomes part of the SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from food_inspections.portal.soql.expressions import Sql, Translator
from food_inspections.portal.soql.functions import AGGREGATES, Type
from food_inspections.portal.soql.tree import Call, Expression, Literal, Name, Ordered, Query, Selected, SoqlError, Star

ID_INDEX = "by_id"
"""Name of the index on ``:id`` that the table must have; it may go on with other columns."""


@dataclass(frozen=True)
class Output:
    """One column of the answer."""

    name: str
    type: Type


@dataclass
class Statement:
    """A SELECT with its parameters and the columns it gives."""

    sql: str
    parameters: list[str | float | int | None]
    outputs: list[Output]


def compile_query(query: Query, columns: Mapping[str, Type], table: str, has_system_fields: bool = False) -> Statement:
    """Translate a query.

    Args:
        query: The parsed query.
        columns: The table's columns and their types; system columns start with a colon.
        table: Name of the table.
        has_system_fields: Whether ``*`` includes system columns.

    Raises:
        SoqlError: An unknown column or function, values that do not compare, or a column outside the groups.
    """
    return _Compiler(query, columns, table, has_system_fields).statement()


class _Compiler:
    def __init__(self, query: Query, columns: Mapping[str, Type], table: str, has_system_fields: bool) -> None:
        self._query = query
        self._columns = columns
        self._table = table
        self._selected = self._expand(query.select, has_system_fields)
        aliases = {item.alias: item.expression for item in self._selected if item.alias}
        self._translator = Translator(columns, aliases)
        for item in self._selected:
            for name in _names(item.expression):
                # An unknown one is refused, so that no alias leads to another, or to itself.
                self._translator.type_of(name)
        self._parameters: list[str | float | int | None] = []

    def statement(self) -> Statement:
        query = self._query
        outputs, selected = [], []
        for item in self._selected:
            sql = self._translator.bare(item.expression)
            outputs.append(Output(item.alias or _default_name(item.expression), sql.type))
            selected.append(self._use(sql))
        _refuse_same_names(outputs)
        is_grouped = bool(query.group) or any(_has_aggregate(item.expression) for item in self._selected)
        if is_grouped:
            self._refuse_ungrouped()
        source = f"SELECT {', '.join(selected)} FROM {self._table}"  # noqa: S608 - names of known columns only
        filters = self._filters()
        if is_grouped:
            clauses = [source, *filters, *self._groups(), *self._order(is_grouped), "LIMIT ? OFFSET ?"]
            self._parameters += [query.limit, query.offset]
        else:
            # The rows of the page are found first: sorting whole rows to skip most of them takes minutes.
            page = " ".join(
                [
                    "SELECT rowid FROM",
                    self._table,
                    *self._hint(),
                    *filters,
                    *self._order(is_grouped),
                    "LIMIT ? OFFSET ?",
                ]
            )
            self._parameters += [query.limit, query.offset]
            clauses = [source, f"WHERE rowid IN ({page})", *self._order(is_grouped)]
        return Statement(" ".join(clauses), self._parameters, outputs)

    def _hint(self) -> list[str]:
        """A later page says that there are many rows, which SQLite cannot know: then no sorting, but the index."""
        is_by_id = all(item == Ordered(Name(":id")) for item in self._query.order)
        return [f"INDEXED BY {ID_INDEX}"] if is_by_id and self._query.offset else []

    def _filters(self) -> list[str]:
        where = self._query.where
        if where is not None and _has_aggregate(where):
            raise SoqlError("query.soql.aggregate-in-where", "Cannot aggregate in $where: use $having")
        conditions = [self._translator.condition(where)] if where is not None else []
        conditions += self._search_conditions()
        return ["WHERE " + " AND ".join(self._use(condition) for condition in conditions)] if conditions else []

    def _groups(self) -> list[str]:
        clauses = []
        if self._query.group:
            clauses.append(
                "GROUP BY " + ", ".join(self._use(self._translator.bare(item)) for item in self._query.group)
            )
        if self._query.having is not None:
            clauses.append("HAVING " + self._use(self._translator.condition(self._query.having)))
        return clauses

    def _order(self, is_grouped: bool) -> list[str]:
        """The order asked for; rows end with their id, so that pages never overlap."""
        order = [self._ordered(item) for item in self._query.order]
        if not is_grouped and Name(":id") not in [item.expression for item in self._query.order]:
            order.append('":id"')
        return ["ORDER BY " + ", ".join(order)] if order else []

    def _ordered(self, item: Ordered) -> str:
        """As in PostgreSQL, nulls are the largest; ``:id`` has none, and its index knows no other order of them."""
        sql = self._translator.value(item.expression)
        nulls = "" if sql.text == '":id"' else (" NULLS FIRST" if item.is_descending else " NULLS LAST")
        return self._use(sql) + (" DESC" if item.is_descending else " ASC") + nulls

    def _use(self, sql: Sql) -> str:
        self._parameters += sql.parameters
        return sql.text

    def _expand(self, select: Sequence[Selected], has_system_fields: bool) -> list[Selected]:
        expanded = []
        for item in select:
            if isinstance(item.expression, Star):
                is_system = item.expression.is_system
                names = [
                    name
                    for name in self._columns
                    if name.startswith(":") == is_system or (has_system_fields and not is_system)
                ]
                expanded += [Selected(Name(name)) for name in names]
            else:
                expanded.append(item)
        return expanded

    def _refuse_ungrouped(self) -> None:
        grouped = {self._translator.resolve(item) for item in self._query.group}
        for item in self._selected:
            for name in _ungrouped_names(self._translator.resolve(item.expression), grouped):
                raise SoqlError(
                    "query.soql.column-not-in-group-bys",
                    f"Column not in group bys: {name}",
                    column=name,
                )

    def _search_conditions(self) -> list[Sql]:
        """``$q``: every word somewhere in the row's text."""
        texts = [name for name, kind in self._columns.items() if kind == "text"]
        haystack = " || ' ' || ".join(f"coalesce(\"{name}\", '')" for name in texts)
        words = (self._query.search or "").lower().split()
        return [Sql(f"instr(lower({haystack}), ?) > 0", "boolean", [word]) for word in words]


def _default_name(expression: Expression) -> str:
    """Socrata's name for a column without an alias: ``count``, ``max_inspection_date``."""
    match expression:
        case Name(name):
            return name
        case Call(function, arguments):
            parts = [function, *(_default_name(argument).lstrip(":") for argument in arguments)]
            name = "_".join(part for part in parts if part)
            return (
                "".join(character if character.isalnum() else "_" for character in name).strip("_").lower() or "value"
            )
        case Literal(value):
            return str(value).lower()
    return ""


def _refuse_same_names(outputs: Sequence[Output]) -> None:
    names = [output.name for output in outputs]
    for name in names:
        if names.count(name) > 1:
            raise SoqlError("query.soql.duplicate-alias", f"Duplicate alias: {name}", name=name)


def _has_aggregate(expression: Expression) -> bool:
    return isinstance(expression, Call) and (
        (expression.function in AGGREGATES and not expression.is_operator)
        or any(_has_aggregate(argument) for argument in expression.arguments)
    )


def _names(expression: Expression) -> list[str]:
    if isinstance(expression, Call):
        return [name for argument in expression.arguments for name in _names(argument)]
    return [expression.name] if isinstance(expression, Name) else []


def _ungrouped_names(expression: Expression, grouped: set[Expression]) -> list[str]:
    if expression in grouped or (isinstance(expression, Call) and expression.function in AGGREGATES):
        return []
    if isinstance(expression, Name):
        return [expression.name]
    if isinstance(expression, Call):
        return [name for argument in expression.arguments for name in _ungrouped_names(argument, grouped)]
    return []
