from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.portal.soql.parameters import read_query
from food_inspections.portal.soql.tree import SoqlError
from food_inspections.portal.table import InspectionTable, Value

ROWS = pd.DataFrame(
    {
        "inspection_id": ["1", "2", "10", "11", "12"],
        "dba_name": ["ALMA'S GRILL", "Benny 100%", "CARLA_S", None, "alma's diner"],
        "results": ["Pass", "Fail", "Fail", "Pass", None],
        "zip": ["60601", "60602", "60601", "60610", None],
        "latitude": ["41.80", "41.9", "41.85", None, "42"],
        "longitude": ["-87.6", "-87.7", "-87.65", None, "-87.5"],
        "inspection_date": [
            "2025-01-06T00:00:00.000",
            "2025-01-07",
            "2025-01-07T10:30:00",
            "2025-02-01T00:00:00.000",
            "2024-12-31T00:00:00.000",
        ],
    }
)

Select = Callable[..., list[tuple[Value, ...]]]


@pytest.fixture(scope="module")
def table() -> Iterator[InspectionTable]:
    table = InspectionTable([ROWS])
    yield table
    table.close()


@pytest.fixture(scope="module")
def select(table: InspectionTable) -> Select:
    def select(**clauses: str) -> list[tuple[Value, ...]]:
        return table.select(read_query({f"${name}": value for name, value in clauses.items()}))[1]

    return select


def ids(select: Select, where: str) -> set[Value]:
    return {row[0] for row in select(select="inspection_id", where=where)}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("inspection_id = 2", {"2"}),
        ("inspection_id = '2'", {"2"}),
        ("inspection_id > 9", {"10", "11", "12"}),
        ("inspection_id between 2 and 10", {"2", "10"}),
        ("inspection_id in (1, '12', 99)", {"1", "12"}),
        ("inspection_id not in (1, '12', 99)", {"2", "10", "11"}),
        ("latitude = 41.8", {"1"}),
        ("latitude > 41.84 and latitude < 42", {"2", "10"}),
        ("-longitude > 87.6", {"2", "10"}),
        ("dba_name = 'ALMA''S GRILL'", {"1"}),
        ("dba_name like 'ALMA%'", {"1"}),
        ("upper(dba_name) like 'ALMA%'", {"1", "12"}),
        ("lower(dba_name) = 'carla_s'", {"10"}),
        ("starts_with(dba_name, 'Benny')", {"2"}),
        ("contains(dba_name, '100%')", {"2"}),
        ("dba_name is null", {"11"}),
        ("dba_name is not null and results is not null", {"1", "2", "10"}),
        ("results != 'Fail'", {"1", "11"}),
        ("not results = 'Fail'", {"1", "11"}),
        ("results = 'Fail' or zip = 60610", {"2", "10", "11"}),
        ("results || dba_name = 'FailCARLA_S'", {"10"}),
        ("inspection_date = '2025-01-07'", {"2"}),
        ("inspection_date between '2025-01-07T00:00:00' and '2025-01-07T23:59:59.999'", {"2", "10"}),
        ("inspection_date >= '2025-01-06T00:00:00.000' AND inspection_date < '2025-01-08'", {"1", "2", "10"}),
        ("date_trunc_ymd(inspection_date) = '2025-01-07'", {"2", "10"}),
        ("date_trunc_ym(inspection_date) = '2025-01-01'", {"1", "2", "10"}),
        ("date_extract_y(inspection_date) = 2024", {"12"}),
        ("date_extract_m(inspection_date) = 2", {"11"}),
        ("date_extract_dow(inspection_date) = 2", {"2", "10", "12"}),
        ("inspection_id / 4 > 2.7", {"11", "12"}),
        ("inspection_id % 2 = 0", {"2", "10", "12"}),
        (":updated_at > '2025-01-20T00:00:00Z'", {"11"}),
        (":updated_at > '2025-01-20T00:00:00-06:00'", {"11"}),
        ("true", {"1", "2", "10", "11", "12"}),
    ],
)
def test_conditions(select: Select, where: str, expected: set[str]) -> None:
    assert ids(select, where) == expected


def test_numbers_are_compared_as_numbers_and_shown_as_they_are(select: Select) -> None:
    assert select(select="latitude", order="latitude desc") == [(None,), ("42",), ("41.9",), ("41.85",), ("41.80",)]
    assert [row[0] for row in select(select="inspection_id", order="inspection_id")] == ["1", "2", "10", "11", "12"]


def test_nulls_are_the_largest(select: Select) -> None:
    assert select(select="zip", order="zip")[-1] == (None,)
    assert select(select="zip", order="zip desc")[0] == (None,)


def test_groups(select: Select) -> None:
    rows = select(
        select="results, count(*) as n, max(inspection_id), min(inspection_date), avg(latitude), sum(inspection_id)",
        group="results",
        order="n desc, results",
        where="results is not null",
    )

    assert rows == [
        ("Fail", 2, 10, "2025-01-07T00:00:00.000", 41.875, 12),
        ("Pass", 2, 11, "2025-01-06T00:00:00.000", 41.8, 12),
    ]


def test_groups_may_be_aliases_and_functions(select: Select) -> None:
    rows = select(select="date_trunc_ymd(inspection_date) as day, count(*)", group="day", having="count(*) > 1")

    assert rows == [("2025-01-07T00:00:00.000", 2)]


def test_count_of_a_column_leaves_nulls_out(select: Select) -> None:
    assert select(select="count(zip), count(distinct zip) as kinds, count(*)") == [(4, 3, 5)]


def test_pages_in_any_order_neither_overlap_nor_leave_out(select: Select) -> None:
    for order in ("results", "results desc", ":id", ":id desc", "zip, results"):
        pages = [select(select="inspection_id", order=order, limit="2", offset=str(offset)) for offset in (0, 2, 4)]

        assert sorted(row[0] for page in pages for row in page) == ["1", "10", "11", "12", "2"]


def test_rows_without_an_order_come_by_id(select: Select) -> None:
    row_ids = [row[0] for row in select(select=":id")]

    assert row_ids == sorted(row_ids, key=str)


def test_names_of_columns(table: InspectionTable) -> None:
    outputs, _ = table.select(
        read_query({"$select": "count(*), max(:updated_at), date_trunc_ymd(max(inspection_date)) as d, 1, upper('x')"})
    )

    assert [output.name for output in outputs] == ["count", "max_updated_at", "d", "1", "upper_x"]
    assert [output.type for output in outputs] == ["number", "fixed_timestamp", "calendar_date", "number", "text"]


@pytest.mark.parametrize(
    ("clauses", "code"),
    [
        ({"where": "nothing = 1"}, "query.soql.no-such-column"),
        ({"select": "nothing"}, "query.soql.no-such-column"),
        ({"select": "max(nothing) as nothing", "order": "nothing"}, "query.soql.no-such-column"),
        ({"order": "nothing"}, "query.soql.no-such-column"),
        ({"where": "shout(dba_name) = 'X'"}, "query.soql.no-such-function"),
        ({"where": "upper(dba_name, zip) = 'X'"}, "query.soql.no-such-function"),
        ({"where": "dba_name"}, "query.soql.type-mismatch"),
        ({"where": "dba_name = 5"}, "query.soql.type-mismatch"),
        ({"where": "zip = 'north'"}, "query.soql.type-mismatch"),
        ({"where": "results || zip = 'Fail60602'"}, "query.soql.type-mismatch"),
        ({"where": "zip = dba_name"}, "query.soql.type-mismatch"),
        ({"where": "inspection_date > 'yesterday'"}, "query.soql.type-mismatch"),
        ({"where": "sum(zip) > 1"}, "query.soql.aggregate-in-where"),
        ({"select": "sum(dba_name)"}, "query.soql.type-mismatch"),
        ({"select": "upper(*)"}, "query.compiler.malformed"),
        ({"select": "max(count(*))"}, "query.soql.unsupported"),
        ({"select": "dba_name, count(*)"}, "query.soql.column-not-in-group-bys"),
        ({"select": "dba_name", "group": "zip"}, "query.soql.column-not-in-group-bys"),
        ({"select": "zip, dba_name as zip"}, "query.soql.duplicate-alias"),
        ({"limit": "many"}, "query.soql.invalid-parameter"),
        ({"offset": "-1"}, "query.soql.invalid-parameter"),
        ({"limit": "9" * 30}, "query.soql.invalid-parameter"),
        ({"jsonp": "f"}, "query.soql.unrecognized-argument"),
    ],
)
def test_faults_have_their_codes(select: Select, clauses: dict[str, str], code: str) -> None:
    with pytest.raises(SoqlError) as caught:
        select(**clauses)

    assert caught.value.code == code


def test_values_never_become_sql(select: Select) -> None:
    assert select(where="dba_name = 'x'' OR ''1''=''1'") == []
    assert select(where="dba_name = '\"; DROP TABLE inspections; --'") == []
    assert len(select()) == 5


def test_search_finds_every_word_in_any_text(select: Select) -> None:
    assert [row[0] for row in select(select="inspection_id", q="GRILL alma's")] == ["1"]
    assert select(q="grill diner") == []


def test_plain_fields_filter(table: InspectionTable) -> None:
    query = read_query({"results": "Fail", "zip": "60601", "$select": "inspection_id", "$$app_token": "x"})

    assert table.select(query)[1] == [("10",)]


def test_a_whole_query_at_once(table: InspectionTable) -> None:
    query = read_query({"$query": "SELECT zip, count(*) AS n WHERE zip < 60610 GROUP BY zip ORDER BY n DESC LIMIT 1"})

    assert table.select(query)[1] == [("60601", 2)]


numbers = st.integers(0, 60) | st.floats(0, 60, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(number=numbers, sign=st.sampled_from(["<", "<=", "=", "!=", ">", ">="]), text=st.text(max_size=8))
def test_comparisons_are_those_of_pandas(table: InspectionTable, number: float, sign: str, text: str) -> None:
    quoted = text.replace("'", "''")

    found = table.select(read_query({"$where": f"inspection_id {sign} {number} or dba_name = '{quoted}'"}))[1]

    values = ROWS["inspection_id"].astype(float)
    operators = {"<": "lt", "<=": "le", "=": "eq", "!=": "ne", ">": "gt", ">=": "ge"}
    expected = getattr(values, operators[sign])(number) | (ROWS["dba_name"] == text)
    assert {row[0] for row in found} == set(ROWS.loc[expected, "inspection_id"])
