"""SoQL on SQLite: a syntax tree becomes one parameterised SELECT over the table of inspections.

The table holds text only, as the portal publishes it; what compares as a number is cast.
Names come from the known columns, values go through parameters: nothing a client
sends becomes part of the SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from food_inspections.portal.soql.functions import AGGREGATES, DATES, FUNCTIONS, OPERATORS, Function, Type
from food_inspections.portal.soql.tree import Call, Expression, Literal, Name, Ordered, Query, Selected, SoqlError, Star


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


@dataclass
class _Sql:
    """A piece of SQL with its parameters, in the order of their question marks."""

    text: str
    type: Type
    parameters: list[str | float | int | None] = field(default_factory=list)


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
        for item in self._selected:
            for name in _names(item.expression):
                self._type_of(name)
        # Checked above to name columns only, so that no alias leads to another, or to itself.
        self._aliases = {item.alias: item.expression for item in self._selected if item.alias}
        self._parameters: list[str | float | int | None] = []

    def statement(self) -> Statement:
        query = self._query
        outputs, selected = [], []
        for item in self._selected:
            sql = self._bare(item.expression)
            outputs.append(Output(item.alias or _default_name(item.expression), sql.type))
            selected.append(self._use(sql))
        _refuse_same_names(outputs)
        is_grouped = bool(query.group) or any(_has_aggregate(item.expression) for item in self._selected)
        if is_grouped:
            self._refuse_ungrouped()
        parts = [f"SELECT {', '.join(selected)} FROM {self._table}"]  # noqa: S608 - names of known columns only
        conditions = [self._use(self._condition(query.where))] if query.where is not None else []
        conditions += [self._use(condition) for condition in self._search_conditions()]
        if conditions:
            parts.append("WHERE " + " AND ".join(f"({condition})" for condition in conditions))
        if query.group:
            parts.append("GROUP BY " + ", ".join(self._use(self._bare(item)) for item in query.group))
        if query.having is not None:
            parts.append("HAVING " + self._use(self._condition(query.having)))
        order = [self._ordered(item) for item in query.order]
        if not is_grouped:
            order.append('":id"')
        if order:
            parts.append("ORDER BY " + ", ".join(order))
        parts.append("LIMIT ? OFFSET ?")
        self._parameters += [query.limit, query.offset]
        return Statement(" ".join(parts), self._parameters, outputs)

    def _ordered(self, item: Ordered) -> str:
        """As in PostgreSQL, nulls are the largest; ``:id`` has none, and its index knows no other order of them."""
        sql = self._value(item.expression)
        nulls = "" if sql.text == '":id"' else (" NULLS FIRST" if item.is_descending else " NULLS LAST")
        return self._use(sql) + (" DESC" if item.is_descending else " ASC") + nulls

    def _use(self, sql: _Sql) -> str:
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
        grouped = {self._resolve(item) for item in self._query.group}
        for item in self._selected:
            for name in _ungrouped_names(self._resolve(item.expression), grouped):
                raise SoqlError(
                    "query.soql.column-not-in-group-bys",
                    f"Column not in group bys: {name}",
                    column=name,
                )

    def _search_conditions(self) -> list[_Sql]:
        """``$q``: every word somewhere in the row's text."""
        texts = [name for name, kind in self._columns.items() if kind == "text"]
        haystack = " || ' ' || ".join(f"coalesce(\"{name}\", '')" for name in texts)
        words = (self._query.search or "").lower().split()
        return [_Sql(f"instr(lower({haystack}), ?) > 0", "boolean", [word]) for word in words]

    def _resolve(self, expression: Expression) -> Expression:
        """An alias stands for what it names; a column of the same name goes first."""
        if isinstance(expression, Name) and expression.name not in self._columns and expression.name in self._aliases:
            return self._aliases[expression.name]
        return expression

    def _bare(self, expression: Expression) -> _Sql:
        """For ``$select`` and ``$group``: columns as the text they are."""
        expression = self._resolve(expression)
        if isinstance(expression, Name):
            return _Sql(f'"{expression.name}"', self._type_of(expression.name))
        return self._value(expression)

    def _type_of(self, name: str) -> Type:
        if name not in self._columns:
            raise SoqlError("query.soql.no-such-column", f"No such column: {name}", column=name)
        return self._columns[name]

    def _condition(self, expression: Expression) -> _Sql:
        sql = self._value(expression)
        if sql.type != "boolean":
            raise SoqlError("query.soql.type-mismatch", f"A condition is needed, not a {sql.type}")
        return sql

    def _value(self, expression: Expression) -> _Sql:
        expression = self._resolve(expression)
        match expression:
            case Literal(value):
                return _literal(value)
            case Name(name):
                type_ = self._type_of(name)
                return _Sql(f'CAST("{name}" AS NUMERIC)' if type_ == "number" else f'"{name}"', type_)
            case Call(is_operator=True):
                return self._operation(expression)
            case Call():
                return self._function(expression)
        raise SoqlError("query.compiler.malformed", "* cannot be used here")

    def _operation(self, call: Call) -> _Sql:
        sides = self._comparable(call.arguments)
        if call.function == "IN":
            first, *others = [side.text for side in sides]
            return _joined(f"({first} IN ({', '.join(others)}))", "boolean", sides)
        return _applied(OPERATORS[call.function], call.function, sides)

    def _comparable(self, arguments: Sequence[Expression]) -> list[_Sql]:
        """The operands, with literals read as the type of the first operand that is none."""
        sides = [self._value(argument) for argument in arguments]
        types = [
            side.type for side, argument in zip(sides, arguments, strict=True) if not isinstance(argument, Literal)
        ]
        for position, argument in enumerate(arguments):
            if types and isinstance(argument, Literal):
                sides[position] = _literal_as(argument, types[0])
            elif types and sides[position].type != types[0] and {*DATES} != {sides[position].type, types[0]}:
                raise _mismatch(types[0], str(sides[position].type))
        return sides

    def _function(self, call: Call) -> _Sql:
        name = call.function
        if name == "count" and call.arguments == (Star(),):
            return _Sql("count(*)", "number")
        function = FUNCTIONS.get(f"{name} distinct" if call.is_distinct else name)
        if function is None:
            raise SoqlError("query.soql.no-such-function", f"No such function: {name}", function=name)
        return _applied(function, name, [self._value(argument) for argument in call.arguments])


def _applied(function: Function, name: str, arguments: Sequence[_Sql]) -> _Sql:
    if len(arguments) != len(function.takes):
        raise SoqlError("query.soql.no-such-function", f"{name} takes {len(function.takes)} arguments", function=name)
    for argument, types in zip(arguments, function.takes, strict=True):
        if types is not None and argument.type not in (*types, "null"):
            raise _mismatch(types[0], str(argument.type))
    text = function.sql.format(*(argument.text for argument in arguments))
    return _joined(text, function.gives or arguments[0].type, arguments)


def _joined(text: str, type_: Type, parts: Sequence[_Sql]) -> _Sql:
    return _Sql(text, type_, [value for part in parts for value in part.parameters])


def _literal(value: str | float | int | bool | None) -> _Sql:
    if value is None:
        return _Sql("NULL", "null")
    if isinstance(value, bool):
        return _Sql("1" if value else "0", "boolean")
    return _Sql("?", "text" if isinstance(value, str) else "number", [value])


def _literal_as(literal: Literal, type_: Type) -> _Sql:
    value = literal.value
    if value is None or isinstance(value, bool):
        return _literal(value)
    if type_ == "number":
        try:
            return _Sql("?", "number", [float(value)])
        except ValueError:
            raise _mismatch("number", repr(value)) from None
    if type_ in DATES:
        return _Sql("?", type_, [timestamp(str(value), type_)])
    if not isinstance(value, str):
        raise _mismatch(type_, "number")
    return _Sql("?", type_, [value])


def timestamp(value: str, type_: Type) -> str:
    """A date or time as the table holds it: a floating timestamp, or one in UTC with a ``Z``.

    Raises:
        SoqlError: It is neither.
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _mismatch(str(type_), repr(value)) from None
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text + "Z" if type_ == "fixed_timestamp" else text


def _mismatch(wanted: Type, found: str) -> SoqlError:
    return SoqlError("query.soql.type-mismatch", f"Type mismatch: {wanted} needed, {found} found")


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
