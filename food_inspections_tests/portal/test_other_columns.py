"""A pull of a data set with columns of its own: a key of several columns, a row for each violation, no stamps."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest

from food_inspections.errors import PermanentPortalError, PortalError
from food_inspections.portal.client import PortalClient
from food_inspections.portal.columns import DatasetColumns
from food_inspections.portal.paging import BatchPaging, Days, OffsetPaging, Request
from food_inspections.portal.rows import ROWS_TO_MISS_A_COLUMN, RowCollector
from food_inspections.portal.server import Answer
from food_inspections.portal.soda import Patience, SodaPortal, WrongPageError
from food_inspections_tests.chicago import COLUMNS as CHICAGO
from food_inspections_tests.chicago import DATASET
from food_inspections_tests.portal.batch_portal import BatchPortal
from food_inspections_tests.portal.faulty_portal import FaultyPortal, rows, without

FIRST_DAY, LAST_DAY = date(2025, 1, 6), date(2025, 1, 12)
COLUMNS = DatasetColumns(
    fields=("place", "seen_on", "code", "points", "note"),
    key=("place", "seen_on"),
    date="seen_on",
    order=("place", "seen_on", ":id"),
    required=("place", "code"),
    is_one_row_each=False,
    is_stamped=False,
)
INSPECTIONS = COLUMNS.key
PATIENCE = Patience(sleep=lambda _: None)


@pytest.fixture
def violations() -> pd.DataFrame:
    """30 places seen on two days of the week and one after it, with up to three violations a visit."""
    rows = [
        {"place": f"P{place}", "seen_on": f"2025-01-{day:02}T00:00:00.000", "code": f"{code}X", "points": str(code)}
        for place in range(30)
        for day in (6 + place % 3, 12, 13)
        for code in range(1 + (place + day) % 3)
    ]
    return pd.DataFrame(rows).assign(note=None)


@pytest.fixture
def portal(violations: pd.DataFrame) -> Iterator[FaultyPortal]:
    with FaultyPortal(violations) as portal:
        yield portal


@pytest.fixture
def client(portal: FaultyPortal) -> Iterator[PortalClient]:
    with client_of(portal, COLUMNS) as client:
        yield client


def client_of(portal: FaultyPortal, columns: DatasetColumns) -> PortalClient:
    return PortalClient(portal.url, DATASET, columns, paging=OffsetPaging(20), patience=PATIENCE)


def of_the_week(violations: pd.DataFrame) -> pd.DataFrame:
    return violations[violations["seen_on"] < "2025-01-13"]


def test_every_row_of_every_inspection_comes(client: PortalClient, violations: pd.DataFrame) -> None:
    frame = client.fetch(FIRST_DAY, LAST_DAY)

    assert tuple(frame.columns) == (*COLUMNS.fields, "portal_row_id", "portal_updated_at")
    expected = of_the_week(violations).sort_values(["seen_on", "place", "code"], ignore_index=True)
    own = frame[list(COLUMNS.fields)]
    pd.testing.assert_frame_equal(own, expected.astype(own.dtypes))
    assert frame.duplicated(list(INSPECTIONS)).any()
    assert frame["portal_updated_at"].isna().all()


def test_rows_come_in_the_same_order_whatever_the_portals_own(client: PortalClient, violations: pd.DataFrame) -> None:
    """A portal that replaces the data set every night gives every row another id."""
    before = client.fetch(FIRST_DAY, LAST_DAY)
    ids = [f"new-{9999 - place}" for place in violations.index]
    with FaultyPortal(violations.assign(**{":id": ids})) as renewed, client_of(renewed, COLUMNS) as its_client:
        after = its_client.fetch(FIRST_DAY, LAST_DAY)

    fields = list(COLUMNS.fields)
    pd.testing.assert_frame_equal(before[fields], after[fields])
    assert not set(before["portal_row_id"]) & set(after["portal_row_id"])


def test_pages_come_in_the_order_of_the_data_set(client: PortalClient, portal: FaultyPortal) -> None:
    client.fetch(FIRST_DAY, LAST_DAY)

    assert len(portal.pages) > 1
    assert {page.parameters["$order"] for page in portal.pages} == {"place,seen_on,:id"}
    assert not any(":updated_at" in request.parameters.get("$select", "") for request in portal.requests)


def test_rows_are_counted_by_the_day_of_the_data_set(client: PortalClient, violations: pd.DataFrame) -> None:
    days = client.days(FIRST_DAY, LAST_DAY)

    expected = of_the_week(violations).groupby("seen_on").size()
    assert days["inspection_date"].dt.strftime("%Y-%m-%dT00:00:00.000").tolist() == expected.index.tolist()
    assert days["row_count"].tolist() == expected.tolist()
    assert days["newest_updated_at"].isna().all()


def test_batches_hold_several_rows_of_an_inspection(violations: pd.DataFrame) -> None:
    same = pd.concat([violations, violations.iloc[[0]]])
    paging = BatchPaging("/batches/next", "/batches/reset")
    with (
        BatchPortal(same, 50) as portal,
        PortalClient(portal.url, DATASET, COLUMNS, paging=paging, patience=PATIENCE) as client,
    ):
        frame, days = client.fetch(FIRST_DAY, LAST_DAY), client.days(FIRST_DAY, LAST_DAY)

    assert len(frame) == days["row_count"].sum() == len(of_the_week(same))
    assert frame["portal_row_id"].is_unique


def test_a_column_that_the_data_set_has_not_is_named(portal: FaultyPortal) -> None:
    with (
        client_of(portal, CHICAGO) as client,
        pytest.raises(PermanentPortalError, match="no column 'inspection_id'"),
    ):
        client.fetch(FIRST_DAY, LAST_DAY)


@pytest.mark.parametrize(
    ("column", "reason"), [("code", "'code' is missing from all"), ("place", "'place' is missing from all")]
)
def test_a_required_column_or_a_part_of_the_key_may_not_be_missing(
    column: str, reason: str, client: PortalClient, portal: FaultyPortal
) -> None:
    portal.spoil_pages(without(column), times=1000)

    with pytest.raises(PortalError, match=reason):
        client.fetch(FIRST_DAY, LAST_DAY)


@pytest.mark.parametrize("lost", [slice(1, None), slice(0, -1)])
def test_violations_that_do_not_add_up_to_the_count_are_refused_as_a_whole(
    lost: slice, client: PortalClient, portal: FaultyPortal
) -> None:
    """Short of one row, an inspection would look cleaner than it was."""
    portal.spoil_pages(rows(lambda page: page[lost]), times=1000)

    with pytest.raises(PortalError, match=r"week 2025-01-06: .*was cut short"):
        client.fetch(FIRST_DAY, LAST_DAY)


def test_violations_that_come_while_the_pages_do_are_pulled_anew(
    client: PortalClient, portal: FaultyPortal, violations: pd.DataFrame
) -> None:
    """The count that no longer agrees decides, not the rows that came."""
    late = pd.concat([violations, violations.iloc[[0]].assign(code="late")], ignore_index=True)

    def add(answer: Answer) -> Answer:
        portal.replace(late)
        return answer

    portal.spoil_pages(add)

    assert len(client.fetch(FIRST_DAY, LAST_DAY)) == len(of_the_week(late))


def collector_of(columns: DatasetColumns, *rows: dict[str, Any]) -> RowCollector:
    collector = RowCollector(Days(FIRST_DAY, LAST_DAY), columns)
    collector.check(list(rows))
    collector.add(list(rows))
    return collector


def test_the_same_row_twice_is_refused_though_the_inspection_may_have_several() -> None:
    row = {":id": "row-1", "place": "P1", "seen_on": "2025-01-06"}
    collector = collector_of(COLUMNS, row, {**row, ":id": "row-2"})

    with pytest.raises(WrongPageError, match="inspection P1 2025-01-06 came twice"):
        collector.check([row])


def test_no_column_is_required_of_a_few_rows() -> None:
    bare = [{":id": str(number), "place": "P1", "seen_on": "2025-01-06"} for number in range(ROWS_TO_MISS_A_COLUMN)]

    assert len(collector_of(COLUMNS, *bare[1:]).frame()) == ROWS_TO_MISS_A_COLUMN - 1
    with pytest.raises(PermanentPortalError, match="'code' is missing from all"):
        collector_of(COLUMNS, *bare).frame()


def test_the_days_are_asked_for_whole() -> None:
    portal = SodaPortal("http://127.0.0.1:1", None, Patience())
    request = Request(portal, DATASET, Days(FIRST_DAY, LAST_DAY), COLUMNS)

    assert request.where == "seen_on >= '2025-01-06T00:00:00' AND seen_on < '2025-01-13T00:00:00'"
