"""What a SODA client may ask of the local portal, and what it is told of the rest."""

from collections.abc import Iterator
from typing import Protocol

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from food_inspections.portal.query import ID_INDEX, QueryError, read_query
from food_inspections.portal.table import InspectionTable, Value

ROWS = pd.DataFrame(
    {
        "inspection_id": ["1", "2", "10", "11", "12"],
        "dba_name": ["ALMA'S GRILL", "diner", "Cafe (old), or new", None, "CAFE"],
        "zip": ["60601", "60602", "60601", None, "60614"],
        "results": ["Pass", "Fail", "Fail", "Pass", "Out of Business"],
        "inspection_date": ["2025-01-06", "2025-01-06", "2025-01-07", "2025-01-07", "2025-02-01"],
    }
)


class Ids(Protocol):
    """The ids of the rows that a query finds."""

    def __call__(self, where: str, **clauses: str) -> list[Value]: ...


@pytest.fixture(scope="module")
def table() -> Iterator[InspectionTable]:
    table = InspectionTable([ROWS])
    yield table
    table.close()


@pytest.fixture
def ids(table: InspectionTable) -> Ids:
    def found(where: str, **clauses: str) -> list[Value]:
        named = {f"${name}": text for name, text in clauses.items()}
        query = {"$select": "inspection_id", "$where": where, "$order": "inspection_id", **named}
        return [row[0] for row in table.select(query)[1]]

    return found


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("inspection_id = 2", ["2"]),
        ("inspection_id = '2'", ["2"]),
        ("inspection_id > 9", ["10", "11", "12"]),
        ("inspection_id in (1, '10')", ["1", "10"]),
        ("inspection_id not in (1, 10)", ["2", "11", "12"]),
        ("INSPECTION_ID BETWEEN 2 AND 11", ["2", "10", "11"]),
        ("inspection_date = '2025-01-07'", ["10", "11"]),
        ("inspection_date = '2025-01-07T00:00:00'", ["10", "11"]),
        ("inspection_date <= '2025-01-07T00:00'", ["1", "2", "10", "11"]),
        ("inspection_date between '2025-01-07' and '2025-02-01T00:00:00.000'", ["10", "11", "12"]),
        ("inspection_date>='2025-01-06T00:00:00' AND inspection_date<'2025-01-07T00:00:00'", ["1", "2"]),
        ("results = 'Pass' or results = 'Fail' and zip = 60601", ["1", "10", "11"]),
        ("(results = 'Pass' or results = 'Fail') and zip = 60601", ["1", "10"]),
        ("not (results = 'Pass')", ["2", "10", "12"]),
        ("zip is null", ["11"]),
        ("zip is not null and results != 'Fail'", ["1", "12"]),
        ("dba_name = 'ALMA''S GRILL'", ["1"]),
        ("dba_name like 'C%'", ["10", "12"]),
        ("upper(dba_name) = 'DINER'", ["2"]),
        ("date_trunc_ym(inspection_date) = '2025-02-01'", ["12"]),
        (":updated_at > '2025-01-09T00:00:00'", ["12"]),
    ],
)
def test_conditions(ids: Ids, where: str, expected: list[str]) -> None:
    assert ids(where) == expected


def test_numbers_are_ordered_as_numbers_and_nulls_are_the_largest(ids: Ids) -> None:
    assert ids("1 = 1", order="inspection_id desc") == ["12", "11", "10", "2", "1"]
    assert ids("1 = 1", order="zip, inspection_id desc") == ["10", "1", "2", "12", "11"]
    assert ids("1 = 1", order="zip DESC, inspection_id") == ["11", "12", "2", "1", "10"]


@pytest.mark.parametrize("order", ["results", "results desc", ":id", ":id desc", "zip, results"])
def test_pages_in_any_order_neither_overlap_nor_leave_out(ids: Ids, order: str) -> None:
    pages = [ids("1 = 1", order=order, limit="2", offset=str(offset)) for offset in (0, 2, 4, 6)]

    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert sorted(str(row) for page in pages for row in page) == ["1", "10", "11", "12", "2"]


def test_rows_come_by_id_where_no_order_is_asked_for(table: InspectionTable) -> None:
    rows = [str(row[0]) for row in table.select({"$select": ":id"})[1]]

    assert rows == sorted(rows)


@pytest.mark.parametrize(
    ("parameters", "is_by_index"),
    [
        ({"$offset": "0"}, True),
        ({"$order": ":id", "$offset": "2"}, True),
        ({"$order": "zip", "$offset": "2"}, False),
        ({"$order": ":id"}, False),
    ],
)
def test_only_pages_by_id_are_read_along_the_index_of_ids(
    table: InspectionTable, parameters: dict[str, str], is_by_index: bool
) -> None:
    """Sorting all rows for every page, or walking the ids for another order, takes minutes of a whole city."""
    assert (f"INDEXED BY {ID_INDEX}" in read_query(parameters, table.kinds).sql) is is_by_index


def test_days_are_grouped_as_the_client_asks(table: InspectionTable) -> None:
    names, rows = table.select(
        {
            "$select": "inspection_date, count(*) as row_count, max(:updated_at) as newest_updated_at",
            "$where": "inspection_date < '2025-02-01'",
            "$group": "inspection_date",
            "$order": "inspection_date desc",
            "$limit": "50000",
        }
    )

    assert names == ["inspection_date", "row_count", "newest_updated_at"]
    assert [row[:2] for row in rows] == [("2025-01-07T00:00:00.000", 2), ("2025-01-06T00:00:00.000", 2)]
    assert [str(row[2])[:10] for row in rows] == ["2025-01-08", "2025-01-07"]


def test_groups_by_an_alias_in_the_order_of_a_count(table: InspectionTable) -> None:
    query = {"$select": "date_trunc_ym(inspection_date) as month, count(*)", "$group": "month", "$order": "count(*)"}

    names, rows = table.select(query)

    assert names == ["month", "count"]
    assert rows == [("2025-02-01T00:00:00.000", 1), ("2025-01-01T00:00:00.000", 4)]


def test_counts_leave_nulls_out_and_need_no_groups(table: InspectionTable) -> None:
    names, rows = table.select({"$select": "count(zip), count(distinct zip) as kinds, count(*), max(inspection_id)"})

    assert names == ["count_zip", "kinds", "count", "max_inspection_id"]
    assert rows == [(4, 3, 5, 12)]


def test_plain_fields_filter_beside_a_condition(table: InspectionTable) -> None:
    query = {"results": "Fail", "zip": "60601", "$select": "inspection_id", "$$app_token": "x"}

    assert table.select(query)[1] == [("10",)]
    assert table.select({**query, "$where": "inspection_id = 1 or inspection_id = 2"})[1] == []
    assert table.select({"dba_name": "ALMA'S GRILL", "$select": "zip"})[1] == [("60601",)]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"$where": "nothing = 1"}, "No such column: nothing"),
        ({"$select": "nothing"}, "No such column: nothing"),
        ({"$order": "nothing"}, "No such column: nothing"),
        ({"$group": "nothing", "$select": "count(*)"}, "No such column: nothing"),
        ({"nothing": "1"}, "No such column: nothing"),
        ({"$where": "shout(dba_name) = 'X'"}, "No such column: shout"),
        ({"$where": "zip = 'x"}, "Not understood: 'x"),
        ({"$where": "zip = 1; zip"}, "Not understood: ; zip"),
        ({"$where": 'zip = "x"'}, 'Not understood: "x"'),
        ({"$where": "zip in (select zip)"}, "No such column: select"),
        ({"$where": "load_extension('x')"}, "No such column: load_extension"),
        ({"$where": "zip = 'x\0'"}, "Not understood: 'x\0'"),
        ({"$where": "inspection_date > '2025-13-01'"}, "No such day: '2025-13-01'"),
        ({"$where": "zip = = 1"}, "This query cannot be answered: .*syntax error"),
        ({"$where": ""}, "This query cannot be answered: .*syntax error"),
        ({"$where": "count(*) > 1"}, "This query cannot be answered: misuse of aggregate"),
        ({"$where": "(" * 5000}, "This query cannot be answered"),
        ({"$select": "dba_name, count(*)"}, "Column not in group bys: dba_name"),
        ({"$select": "dba_name", "$group": "zip"}, "Column not in group bys: dba_name"),
        ({"$select": "zip, dba_name as zip"}, "Duplicate alias in .select: zip, dba_name as zip"),
        ({"$limit": "many"}, "Invalid .limit: 'many'"),
        ({"$offset": "-1"}, "Invalid .offset: '-1'"),
        ({"$limit": "9" * 30}, "Invalid .limit"),
        ({"$q": "grill"}, "Unrecognized argument: .q"),
    ],
)
def test_what_is_not_understood_is_named(table: InspectionTable, parameters: dict[str, str], reason: str) -> None:
    with pytest.raises(QueryError, match=reason.replace("(d", r"\(d")):
        table.select(parameters)


def test_values_stay_values(ids: Ids, table: InspectionTable) -> None:
    assert ids("dba_name = 'x'' OR ''1''=''1'") == []
    assert ids("dba_name = '\"; DROP TABLE inspections; --'") == []
    assert table.select({"dba_name": "x' OR '1'='1"})[1] == []
    assert ids("2 = 1 --1") == ["1", "2", "10", "11", "12"]
    assert table.row_count == 5


numbers = st.integers(0, 60) | st.floats(0, 60, allow_nan=False).map(lambda number: round(number, 3))


@settings(max_examples=60, deadline=None)
@given(
    number=numbers,
    sign=st.sampled_from(["<", "<=", "=", "!=", ">", ">="]),
    text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
)
def test_comparisons_are_those_of_pandas(table: InspectionTable, number: float, sign: str, text: str) -> None:
    quoted = text.replace("'", "''")

    found = table.select(
        {"$select": "inspection_id", "$where": f"inspection_id {sign} {number:f} or dba_name = '{quoted}'"}
    )[1]

    values = ROWS["inspection_id"].astype(float)
    operators = {"<": "lt", "<=": "le", "=": "eq", "!=": "ne", ">": "gt", ">=": "ge"}
    expected = getattr(values, operators[sign])(number) | (ROWS["dba_name"] == text)
    assert {row[0] for row in found} == set(ROWS.loc[expected, "inspection_id"])
