"""What a SoQL query says, as data: the syntax tree between ``parser`` (text in) and ``sql`` (SQL out)."""

from dataclasses import dataclass, field


class SoqlError(Exception):
    """A query that cannot be answered.

    Attributes:
        code: Socrata's code of the fault.
        data: What it says besides, such as the column.
    """

    def __init__(self, code: str, message: str, **data: object) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


@dataclass(frozen=True)
class Literal:
    """A string, number, truth value or null."""

    value: str | float | int | bool | None


@dataclass(frozen=True)
class Name:
    """A column or an alias."""

    name: str


@dataclass(frozen=True)
class Star:
    """``*``, all columns; ``:*``, all system columns."""

    is_system: bool = False


@dataclass(frozen=True)
class Call:
    """A function or, by its SQL spelling, an operator."""

    function: str
    arguments: tuple["Expression", ...]
    is_distinct: bool = False
    is_operator: bool = False


Expression = Literal | Name | Star | Call


@dataclass(frozen=True)
class Selected:
    """One item of ``$select``."""

    expression: Expression
    alias: str | None = None


@dataclass(frozen=True)
class Ordered:
    """One item of ``$order``."""

    expression: Expression
    is_descending: bool = False


@dataclass
class Query:
    """A whole query; ``search`` is the text of ``$q``."""

    select: list[Selected] = field(default_factory=lambda: [Selected(Star())])
    where: Expression | None = None
    group: list[Expression] = field(default_factory=list)
    having: Expression | None = None
    order: list[Ordered] = field(default_factory=list)
    limit: int = 1000
    offset: int = 0
    search: str | None = None
