"""The functions and operators of SoQL that the local portal knows, and their SQL."""

from dataclasses import dataclass

from food_inspections.portal.columns import Kind

Type = Kind | str
AGGREGATES = frozenset({"count", "max", "min", "sum", "avg"})
DATES = ("calendar_date", "fixed_timestamp")
_NUMBER, _TEXT = ("number",), ("text",)


@dataclass(frozen=True)
class Function:
    """SQL of a function or operator; ``takes`` and ``gives`` are types, ``None`` any and the first argument's."""

    sql: str
    takes: tuple[tuple[str, ...] | None, ...]
    gives: Type | None = None


FUNCTIONS = {
    "count": Function("count({0})", (None,), "number"),
    "count distinct": Function("count(DISTINCT {0})", (None,), "number"),
    "max": Function("max({0})", (None,)),
    "min": Function("min({0})", (None,)),
    "sum": Function("sum({0})", (_NUMBER,), "number"),
    "avg": Function("avg({0})", (_NUMBER,), "number"),
    "upper": Function("upper({0})", (_TEXT,), "text"),
    "lower": Function("lower({0})", (_TEXT,), "text"),
    "starts_with": Function("(instr({0}, {1}) = 1)", (_TEXT, _TEXT), "boolean"),
    "contains": Function("(instr({0}, {1}) > 0)", (_TEXT, _TEXT), "boolean"),
    "date_trunc_ymd": Function("(substr({0}, 1, 10) || 'T00:00:00.000')", (DATES,), "calendar_date"),
    "date_trunc_ym": Function("(substr({0}, 1, 7) || '-01T00:00:00.000')", (DATES,), "calendar_date"),
    "date_trunc_y": Function("(substr({0}, 1, 4) || '-01-01T00:00:00.000')", (DATES,), "calendar_date"),
    "date_extract_y": Function("CAST(substr({0}, 1, 4) AS INTEGER)", (DATES,), "number"),
    "date_extract_m": Function("CAST(substr({0}, 6, 2) AS INTEGER)", (DATES,), "number"),
    "date_extract_d": Function("CAST(substr({0}, 9, 2) AS INTEGER)", (DATES,), "number"),
    "date_extract_dow": Function("CAST(strftime('%w', {0}) AS INTEGER)", (DATES,), "number"),
}
OPERATORS = {
    **{sign: Function(f"({{0}} {sign} {{1}})", (None, None), "boolean") for sign in ("=", "<>", "<", "<=", ">", ">=")},
    **{sign: Function(f"({{0}} {sign} {{1}})", (_NUMBER, _NUMBER), "number") for sign in ("+", "-", "*", "%")},
    # SQLite divides whole numbers without their remainder; SoQL's numbers have no such kind.
    "/": Function("(CAST({0} AS REAL) / {1})", (_NUMBER, _NUMBER), "number"),
    "||": Function("({0} || {1})", (_TEXT, _TEXT), "text"),
    "LIKE": Function("({0} LIKE {1})", (_TEXT, _TEXT), "boolean"),
    "IS NULL": Function("({0} IS NULL)", (None,), "boolean"),
    "IS NOT NULL": Function("({0} IS NOT NULL)", (None,), "boolean"),
    "BETWEEN": Function("({0} BETWEEN {1} AND {2})", (None, None, None), "boolean"),
    "AND": Function("({0} AND {1})", (("boolean",), ("boolean",)), "boolean"),
    "OR": Function("({0} OR {1})", (("boolean",), ("boolean",)), "boolean"),
    "NOT": Function("(NOT {0})", (("boolean",),), "boolean"),
}
