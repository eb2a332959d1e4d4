import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.portal.soql import parser
from food_inspections.portal.soql.tree import Call, Expression, Literal, Name, Ordered, Selected, SoqlError, Star


def op(sql: str, *operands: Expression) -> Call:
    return Call(sql, operands, is_operator=True)


A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = 1", op("=", A, Literal(1))),
        ("a == 1.5", op("=", A, Literal(1.5))),
        ("a != 'x'", op("<>", A, Literal("x"))),
        ("a <> 'it''s'", op("<>", A, Literal("it's"))),
        ("A <= -2", op("<=", A, op("-", Literal(0), Literal(2)))),
        ("a or b and not c", op("OR", A, op("AND", B, op("NOT", C)))),
        ("(a or b) AND c", op("AND", op("OR", A, B), C)),
        ("a is null", op("IS NULL", A)),
        ("a IS NOT NULL", op("IS NOT NULL", A)),
        ("a in ('x', 'y')", op("IN", A, Literal("x"), Literal("y"))),
        ("a not in (1)", op("NOT", op("IN", A, Literal(1)))),
        ("a like 'x%'", op("LIKE", A, Literal("x%"))),
        ("a not like 'x%'", op("NOT", op("LIKE", A, Literal("x%")))),
        ("a between 1 and 2 and b", op("AND", op("BETWEEN", A, Literal(1), Literal(2)), B)),
        ("a not between 1 and 2", op("NOT", op("BETWEEN", A, Literal(1), Literal(2)))),
        ("a - b - c", op("-", op("-", A, B), C)),
        ("a + b * c", op("+", A, op("*", B, C))),
        ("a || b", op("||", A, B)),
        ("upper(a)", Call("upper", (A,))),
        ("count(*)", Call("count", (Star(),))),
        ("count(distinct a)", Call("count", (A,), is_distinct=True)),
        ("max(:updated_at)", Call("max", (Name(":updated_at"),))),
        ("now()", Call("now", ())),
        ("`a` = true", op("=", A, Literal(True))),
        ("a = null", op("=", A, Literal(None))),
        ("a = .5e1", op("=", A, Literal(5.0))),
    ],
)
def test_expressions(text: str, tree: Expression) -> None:
    assert parser.parse_expression(text) == tree


def test_select() -> None:
    assert parser.parse_select("*, :*, :id, a as x, count(*) AS row_count") == [
        Selected(Star()),
        Selected(Star(is_system=True)),
        Selected(Name(":id")),
        Selected(A, "x"),
        Selected(Call("count", (Star(),)), "row_count"),
    ]


def test_order() -> None:
    assert parser.parse_order("a, b DESC, :id asc") == [Ordered(A), Ordered(B, True), Ordered(Name(":id"))]


def test_whole_query() -> None:
    query = parser.parse_query(
        "select a, count(*) as n where b > 2 group by a having n > 1 order by n desc limit 5 offset 10"
    )

    assert query.select == [Selected(A), Selected(Call("count", (Star(),)), "n")]
    assert query.where == op(">", B, Literal(2))
    assert query.group == [A]
    assert query.having == op(">", Name("n"), Literal(1))
    assert query.order == [Ordered(Name("n"), True)]
    assert (query.limit, query.offset) == (5, 10)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a =",
        "a = 'open",
        "a = 1 b",
        "(a = 1",
        "a in ()",
        "a in 1",
        "a between 1",
        "a is 1",
        "a not 1",
        "upper(a",
        "a; drop table inspections",
        "select",
        "$a = 1",
        "a and or b",
        "count(*, a)",
    ],
)
def test_what_is_no_soql_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SoqlError, match="Could not parse SoQL") as caught:
        parser.parse_expression(text)

    assert caught.value.code == "query.compiler.malformed"


@pytest.mark.parametrize("nest", ["(" * 5000 + "a" + ")" * 5000, "not " * 5000 + "a"])
def test_deep_nesting_is_refused(nest: str) -> None:
    with pytest.raises(SoqlError, match="More than 100"):
        parser.parse_expression(nest)


words = st.sampled_from(["a", "count", "(", ")", "'x'", "1", "=", "and", "not", "in", "like", "*", ",", "between", "-"])


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(words, max_size=25).map(" ".join)))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(SoqlError):
        parser.parse_expression(text)
