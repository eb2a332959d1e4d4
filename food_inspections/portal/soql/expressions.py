"""SoQL's expressions as SQL for SQLite, with their types checked and their values in parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from food_inspections.portal.soql.functions import DATES, FUNCTIONS, OPERATORS, Function, Type
from food_inspections.portal.soql.tree import Call, Expression, Literal, Name, SoqlError, Star

LARGEST_WHOLE_NUMBER = 2**53


@dataclass
class Sql:
    """A piece of SQL with its parameters, in the order of their question marks."""

    text: str
    type: Type
    parameters: list[str | float | int | None] = field(default_factory=list)


class Translator:
    """Translates expressions over the columns of a table.

    Args:
        columns: The table's columns and their types.
        aliases: What ``$select`` names; their expressions name columns only.
    """

    def __init__(self, columns: Mapping[str, Type], aliases: Mapping[str, Expression]) -> None:
        self._columns = columns
        self._aliases = aliases

    def resolve(self, expression: Expression) -> Expression:
        """An alias stands for what it names; a column of the same name goes first."""
        if isinstance(expression, Name) and expression.name not in self._columns and expression.name in self._aliases:
            return self._aliases[expression.name]
        return expression

    def bare(self, expression: Expression) -> Sql:
        """For ``$select`` and ``$group``: columns as the text they are."""
        expression = self.resolve(expression)
        if isinstance(expression, Name):
            return Sql(f'"{expression.name}"', self.type_of(expression.name))
        return self.value(expression)

    def type_of(self, name: str) -> Type:
        """The type of a column.

        Raises:
            SoqlError: There is none of this name.
        """
        if name not in self._columns:
            raise SoqlError("query.soql.no-such-column", f"No such column: {name}", column=name)
        return self._columns[name]

    def condition(self, expression: Expression) -> Sql:
        """For ``$where`` and ``$having``: something that is true or false."""
        sql = self.value(expression)
        if sql.type != "boolean":
            raise SoqlError("query.soql.type-mismatch", f"A condition is needed, not a {sql.type}")
        return sql

    def value(self, expression: Expression) -> Sql:
        """For everything that compares or computes: numbers as numbers."""
        expression = self.resolve(expression)
        match expression:
            case Literal(value):
                return _literal(value)
            case Name(name):
                type_ = self.type_of(name)
                return Sql(f'CAST("{name}" AS NUMERIC)' if type_ == "number" else f'"{name}"', type_)
            case Call(is_operator=True):
                return self._operation(expression)
            case Call():
                return self._function(expression)
        raise SoqlError("query.compiler.malformed", "* cannot be used here")

    def _operation(self, call: Call) -> Sql:
        sides = self._comparable(call.arguments)
        if call.function == "IN":
            first, *others = [side.text for side in sides]
            return _joined(f"({first} IN ({', '.join(others)}))", "boolean", sides)
        return _applied(OPERATORS[call.function], call.function, sides)

    def _comparable(self, arguments: Sequence[Expression]) -> list[Sql]:
        """The operands, with literals read as the type of the first operand that is none."""
        sides = [self.value(argument) for argument in arguments]
        types = [
            side.type for side, argument in zip(sides, arguments, strict=True) if not isinstance(argument, Literal)
        ]
        for position, argument in enumerate(arguments):
            if types and isinstance(argument, Literal):
                sides[position] = _literal_as(argument, types[0])
            elif types and sides[position].type != types[0] and {*DATES} != {sides[position].type, types[0]}:
                raise _mismatch(types[0], str(sides[position].type))
        return sides

    def _function(self, call: Call) -> Sql:
        name = call.function
        if name == "count" and call.arguments == (Star(),):
            return Sql("count(*)", "number")
        function = FUNCTIONS.get(f"{name} distinct" if call.is_distinct else name)
        if function is None:
            raise SoqlError("query.soql.no-such-function", f"No such function: {name}", function=name)
        return _applied(function, name, [self.value(argument) for argument in call.arguments])


def _applied(function: Function, name: str, arguments: Sequence[Sql]) -> Sql:
    if len(arguments) != len(function.takes):
        raise SoqlError("query.soql.no-such-function", f"{name} takes {len(function.takes)} arguments", function=name)
    for argument, types in zip(arguments, function.takes, strict=True):
        if types is not None and argument.type not in (*types, "null"):
            raise _mismatch(types[0], str(argument.type))
    text = function.sql.format(*(argument.text for argument in arguments))
    return _joined(text, function.gives or arguments[0].type, arguments)


def _joined(text: str, type_: Type, parts: Sequence[Sql]) -> Sql:
    return Sql(text, type_, [value for part in parts for value in part.parameters])


def _literal(value: str | float | int | bool | None) -> Sql:
    if value is None:
        return Sql("NULL", "null")
    if isinstance(value, bool):
        return Sql("1" if value else "0", "boolean")
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE_NUMBER:
        value = float(value)
    return Sql("?", "text" if isinstance(value, str) else "number", [value])


def _literal_as(literal: Literal, type_: Type) -> Sql:
    value = literal.value
    if value is None or isinstance(value, bool):
        return _literal(value)
    if type_ == "number":
        try:
            return Sql("?", "number", [float(value)])
        except ValueError:
            raise _mismatch("number", repr(value)) from None
    if type_ in DATES:
        return Sql("?", type_, [timestamp(str(value), type_)])
    if not isinstance(value, str):
        raise _mismatch(type_, "number")
    return Sql("?", type_, [value])


def timestamp(value: str, type_: Type) -> str:
    """A date or time as the table holds it: a floating timestamp, or one in UTC with a ``Z``.

    Raises:
        SoqlError: It is neither.
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _mismatch(str(type_), repr(value)) from None
    if type_ == "fixed_timestamp" and moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text + "Z" if type_ == "fixed_timestamp" else text


def _mismatch(wanted: Type, found: str) -> SoqlError:
    return SoqlError("query.soql.type-mismatch", f"Type mismatch: {wanted} needed, {found} found")
