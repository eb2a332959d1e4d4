"""SoQL, the query language of Socrata portals: text in, syntax tree out.

A recursive descent parser of the part that clients use. What the names mean, and how
a tree is evaluated, belongs in ``sql``.

Grammar (https://dev.socrata.com/docs/queries/)::

    or      = and ("OR" and)*                     comparison = sum [compare | null | in | like | between]
    and     = not ("AND" not)*                    sum        = product (("+" | "-" | "||") product)*
    not     = "NOT" not | comparison              product    = value (("*" | "/" | "%") value)*
    value   = "-" value | "(" or ")" | literal | name | name "(" ["DISTINCT"] arguments ")"
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from food_inspections.portal.soql.tree import Call, Expression, Literal, Name, Ordered, Query, Selected, SoqlError, Star

Tree = TypeVar("Tree")

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
      | (?P<name>:?@?[A-Za-z_][A-Za-z0-9_]*|`[^`]+`)
      | (?P<symbol><=|>=|!=|<>|\|\||==|[-=<>()+*/%,:])
    )""",
    re.VERBOSE,
)
_COMPARISONS = {"=": "=", "==": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_RESERVED = frozenset(
    {"and", "or", "not", "in", "is", "null", "like", "between", "asc", "desc", "as", "distinct", "true", "false"}
    | {"select", "where", "group", "by", "having", "order", "limit", "offset"}
)
_DEEPEST = 100


def parse_expression(text: str) -> Expression:
    """Parse ``$where`` or ``$having``."""
    parser = _Parser(text)
    return parser.whole(parser.disjunction())


def parse_select(text: str) -> list[Selected]:
    """Parse ``$select``."""
    parser = _Parser(text)
    return parser.whole(parser.several(parser.selected))


def parse_group(text: str) -> list[Expression]:
    """Parse ``$group``."""
    parser = _Parser(text)
    return parser.whole(parser.several(parser.disjunction))


def parse_order(text: str) -> list[Ordered]:
    """Parse ``$order``."""
    parser = _Parser(text)
    return parser.whole(parser.several(parser.ordered))


def parse_query(text: str) -> Query:
    """Parse ``$query``: all clauses in one text."""
    parser = _Parser(text)
    return parser.whole(parser.query())


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    column: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._tokenize()
        self._next = 0
        if sum(token.text == "(" or token.text.lower() == "not" for token in self._tokens) > _DEEPEST:
            # The parser calls itself for each of them.
            raise SoqlError("query.compiler.malformed", f"More than {_DEEPEST} parentheses and NOTs in one expression")

    def _tokenize(self) -> list[_Token]:
        tokens, position, end = [], 0, len(self._text.rstrip())
        while position < end:
            match = _TOKEN.match(self._text, position)
            if match is None:
                self._fail(position)
            kind = str(match.lastgroup)
            tokens.append(_Token(kind, match[kind], match.start(kind)))
            position = match.end()
        return tokens

    def _fail(self, column: int) -> NoReturn:
        rest = self._text[column : column + 20].strip() or "end of text"
        message = f"Could not parse SoQL query {self._text!r} at character {column + 1}: unexpected {rest!r}"
        raise SoqlError("query.compiler.malformed", message, query=self._text, column=column + 1)

    def _unexpected(self) -> NoReturn:
        token = self._peek()
        self._fail(token.column if token else len(self._text))

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, *texts: str) -> str | None:
        """Step over the next token where it is one of these words or symbols."""
        token = self._peek()
        if token is None or token.kind not in ("name", "symbol") or token.text.lower() not in texts:
            return None
        self._next += 1
        return token.text.lower()

    def _expect(self, *texts: str) -> None:
        if self._take(*texts) is None:
            self._unexpected()

    def whole(self, tree: Tree) -> Tree:
        """The tree, provided that nothing follows it."""
        if self._peek() is not None:
            self._unexpected()
        return tree

    def several(self, item: Callable[[], Tree]) -> list[Tree]:
        """Items between commas."""
        items = [item()]
        while self._take(","):
            items.append(item())
        return items

    def query(self) -> Query:
        query = Query()
        if self._take("select"):
            query.select = self.several(self.selected)
        if self._take("where"):
            query.where = self.disjunction()
        if self._take("group"):
            self._expect("by")
            query.group = self.several(self.disjunction)
        if self._take("having"):
            query.having = self.disjunction()
        if self._take("order"):
            self._expect("by")
            query.order = self.several(self.ordered)
        if self._take("limit"):
            query.limit = self._whole_number()
        if self._take("offset"):
            query.offset = self._whole_number()
        return query

    def selected(self) -> Selected:
        if self._take(":"):
            self._expect("*")
            return Selected(Star(is_system=True))
        if self._take("*"):
            return Selected(Star())
        expression = self.disjunction()
        return Selected(expression, self._word() if self._take("as") else None)

    def ordered(self) -> Ordered:
        expression = self.disjunction()
        return Ordered(expression, self._take("asc", "desc") == "desc")

    def disjunction(self) -> Expression:
        tree = self._conjunction()
        while self._take("or"):
            tree = _operator("OR", tree, self._conjunction())
        return tree

    def _conjunction(self) -> Expression:
        tree = self._negation()
        while self._take("and"):
            tree = _operator("AND", tree, self._negation())
        return tree

    def _negation(self) -> Expression:
        return _operator("NOT", self._negation()) if self._take("not") else self._comparison()

    def _comparison(self) -> Expression:
        tree = self._sum()
        if compare := self._take(*_COMPARISONS):
            return _operator(_COMPARISONS[compare], tree, self._sum())
        if self._take("is"):
            is_negated = self._take("not") is not None
            self._expect("null")
            return _operator("IS NOT NULL" if is_negated else "IS NULL", tree)
        is_negated = self._take("not") is not None
        match self._take("in", "like", "between"):
            case "in":
                self._expect("(")
                tree = _operator("IN", tree, *self.several(self._sum))
                self._expect(")")
            case "like":
                tree = _operator("LIKE", tree, self._sum())
            case "between":
                low = self._sum()
                self._expect("and")
                tree = _operator("BETWEEN", tree, low, self._sum())
            case _ if is_negated:
                self._unexpected()
        return _operator("NOT", tree) if is_negated else tree

    def _sum(self) -> Expression:
        tree = self._product()
        while sign := self._take("+", "-", "||"):
            tree = _operator(sign, tree, self._product())
        return tree

    def _product(self) -> Expression:
        tree = self._value()
        while sign := self._take("*", "/", "%"):
            tree = _operator(sign, tree, self._value())
        return tree

    def _value(self) -> Expression:
        if self._take("-"):
            return _operator("-", Literal(0), self._value())
        if self._take("("):
            tree = self.disjunction()
            self._expect(")")
            return tree
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self._take(word):
                return Literal(value)
        token = self._peek()
        if token is not None and token.kind == "string":
            self._next += 1
            return Literal(token.text[1:-1].replace("''", "'"))
        if token is not None and token.kind == "number":
            self._next += 1
            return Literal(int(token.text) if token.text.isdecimal() else float(token.text))
        name = self._word()
        return self._call(name) if self._take("(") else Name(name)

    def _call(self, name: str) -> Expression:
        if self._take("*"):
            self._expect(")")
            return Call(name, (Star(),))
        is_distinct = self._take("distinct") is not None
        arguments = [] if self._take(")") else self.several(self.disjunction)
        if arguments:
            self._expect(")")
        return Call(name, tuple(arguments), is_distinct)

    def _word(self) -> str:
        token = self._peek()
        if token is None or token.kind != "name" or token.text.lower() in _RESERVED:
            self._unexpected()
        self._next += 1
        return token.text.strip("`").lower()

    def _whole_number(self) -> int:
        token = self._peek()
        # SQLite's largest number is longer than any of these.
        if token is None or not token.text.isdecimal() or len(token.text) > 18:
            self._unexpected()
        self._next += 1
        return int(token.text)


def _operator(sql: str, *operands: Expression) -> Call:
    return Call(sql, operands, is_operator=True)
