import json
import logging
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from food_inspections.errors import DataError, PermanentPortalError, PortalError
from food_inspections.portal.client import PortalClient
from food_inspections.portal.paging import OffsetPaging
from food_inspections.portal.soda import Patience
from food_inspections.settings import Settings
from food_inspections_tests.chicago import COLUMNS, DATASET, PORTAL_FIELDS, RAW_COLUMNS
from food_inspections_tests.portal.conftest import FIRST_DAY, LAST_DAY
from food_inspections_tests.portal.faulty_portal import (
    Fault,
    FaultyPortal,
    broken_off,
    cut_json,
    html,
    rows,
    status,
    with_value,
    without,
)

MONDAY = date(2018, 6, 11)
SUNDAY = date(2018, 6, 17)


def of_days(inspections: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    days = inspections["inspection_date"].str[:10]
    rows = inspections[days.between(str(first), str(last))]
    return rows.sort_values(["inspection_date", "inspection_id"], ignore_index=True)


def test_fetch_returns_every_row_of_the_days_as_the_portal_has_it(
    client: PortalClient, inspections: pd.DataFrame
) -> None:
    frame = client.fetch(MONDAY, SUNDAY)

    expected = of_days(inspections, MONDAY, SUNDAY)
    assert tuple(frame.columns) == RAW_COLUMNS
    assert set(frame.dtypes) == {pd.ArrowDtype(pa.large_string())}
    values = [name for name in PORTAL_FIELDS if name != "location"]
    pd.testing.assert_frame_equal(frame[values], expected[values].astype(frame[values].dtypes))
    assert frame["portal_row_id"].is_unique
    assert frame["portal_updated_at"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z").all()


def test_location_is_kept_as_json_text(client: PortalClient) -> None:
    frame = client.fetch(MONDAY, SUNDAY).dropna(subset="location")

    places = frame["location"].map(json.loads)
    assert places.map(lambda place: place["latitude"]).tolist() == frame["latitude"].tolist()


def test_fetching_twice_gives_the_same_frame(client: PortalClient) -> None:
    pd.testing.assert_frame_equal(client.fetch(MONDAY, SUNDAY), client.fetch(MONDAY, SUNDAY))


def test_fetch_asks_in_order_and_tells_progress(client: PortalClient, portal: FaultyPortal) -> None:
    progress: list[tuple[int, int]] = []

    frame = client.fetch(MONDAY, SUNDAY, lambda *now: progress.append(now))

    assert [request.parameters["$order"] for request in portal.pages] == [":id"] * len(portal.pages)
    assert [int(request.parameters["$offset"]) for request in portal.pages] == list(range(0, len(frame), 20))
    assert progress == [(min(n, len(frame)), len(frame)) for n in range(20, len(frame) + 20, 20)]


def test_days_without_inspections_are_an_empty_frame(client: PortalClient) -> None:
    frame = client.fetch(date(2018, 6, 9), date(2018, 6, 10))

    assert frame.empty
    assert tuple(frame.columns) == RAW_COLUMNS
    assert set(frame.dtypes) == {pd.ArrowDtype(pa.large_string())}


@pytest.mark.parametrize(
    "fault",
    [
        status(429),
        status(500),
        status(503, Retry_After="7"),
        status(202),
        cut_json,
        broken_off,
        html,
        rows(lambda page: {"error": True}),
        rows(lambda page: page[:-3]),
        rows(lambda page: page + page),
        without(":id", which=3),
        without("inspection_id", which=3),
        without("inspection_date", which=3),
        with_value("inspection_date", "yesterday"),
        with_value("inspection_date", "2018-06-10T00:00:00.000"),
        with_value(":id", {"not": "text"}),
    ],
)
def test_a_passing_fault_is_mended_by_asking_again(
    fault: Fault, client: PortalClient, portal: FaultyPortal, inspections: pd.DataFrame
) -> None:
    portal.spoil_pages(fault, times=2)

    frame = client.fetch(MONDAY, SUNDAY)

    assert len(frame) == len(of_days(inspections, MONDAY, SUNDAY))
    assert frame["inspection_id"].is_unique


def test_a_page_of_other_rows_is_asked_for_again(client: PortalClient, portal: FaultyPortal) -> None:
    """The portal delivers the page before once more, with as many rows as were due."""
    first_page: list[object] = []
    portal.spoil_pages(rows(first_page.extend))
    portal.spoil_pages(rows(lambda page: first_page))

    assert client.fetch(MONDAY, SUNDAY)["inspection_id"].is_unique


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (status(500), "answered 500 Internal Server Error: made to fail"),
        (status(429), "answered 429 Too Many Requests"),
        (cut_json, "not whole JSON"),
        (broken_off, "gave no complete answer"),
        (html, "not whole JSON (text/html"),
        (rows(lambda page: page[:-3] and []), "cut short: 0 rows of 20"),
        (rows(lambda page: page + page), "came twice"),
        (without(":id", which=3), "has no id"),
        (without("inspection_id", which=3), "has no id"),
        (with_value("inspection_date", "2018-06-10T00:00:00.000"), "is of 2018-06-10, outside the days"),
        (with_value("inspection_date", "yesterday"), "has the date 'yesterday'"),
    ],
)
def test_a_lasting_fault_ends_in_an_error_that_names_data_set_week_and_reason(
    fault: Fault, reason: str, client: PortalClient, portal: FaultyPortal, waits: list[float]
) -> None:
    portal.spoil_pages(fault, times=1000)

    with pytest.raises(PortalError) as caught:
        client.fetch(MONDAY, SUNDAY)

    message = str(caught.value)
    assert message.startswith("Data set 4ijn-s7e5, week 2018-06-11: ")
    assert reason in message
    assert "Run it again" in message or "run it again" in message
    assert not isinstance(caught.value, PermanentPortalError)
    assert len(portal.pages) <= 10
    assert sum(waits) < 60


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (status(400), "answered 400 Bad Request: made to fail. The portal does not understand"),
        (status(401), "FOOD_INSPECTIONS_APP_TOKEN"),
        (status(403), "FOOD_INSPECTIONS_APP_TOKEN"),
        (status(404), "Check FOOD_INSPECTIONS_PORTAL_URL and FOOD_INSPECTIONS_DATASET"),
        (status(501), "answered 501"),
        (status(301, Location="http://127.0.0.1:1/elsewhere?$x=1"), "has moved to http://127.0.0.1:1/elsewhere: set"),
        (with_value("grade", "A"), "unknown column 'grade'"),
    ],
)
def test_what_asking_again_cannot_mend_fails_at_once(
    fault: Fault, reason: str, client: PortalClient, portal: FaultyPortal, waits: list[float]
) -> None:
    portal.spoil_pages(fault, times=1000)

    with pytest.raises(PermanentPortalError, match="week 2018-06-11") as caught:
        client.fetch(MONDAY, SUNDAY)

    assert reason in str(caught.value)
    assert len(portal.pages) == 1
    assert waits == []


@pytest.mark.parametrize("column", ["dba_name", "results", "inspection_type", "address", "latitude", "license_"])
def test_a_column_missing_from_all_rows_is_an_error(column: str, client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil_pages(without(column), times=1000)

    with pytest.raises(PermanentPortalError, match=f"column '{column}' is missing from all"):
        client.fetch(MONDAY, SUNDAY)


@pytest.mark.parametrize("column", ["aka_name", "violations"])
def test_a_column_that_may_be_empty_may_be_missing(column: str, client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil_pages(without(column), times=1000)

    assert client.fetch(MONDAY, SUNDAY)[column].isna().all()


def test_a_portal_that_caps_its_pages_is_read_to_the_end(client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil_pages(rows(lambda page: page[:8]), times=1000)

    frame = client.fetch(MONDAY, SUNDAY)

    assert len(frame) > 20
    assert frame["inspection_id"].is_unique


def test_rows_that_arrive_while_the_pages_come_lead_to_a_whole_pull(
    client: PortalClient, portal: FaultyPortal, inspections: pd.DataFrame
) -> None:
    late = inspections.copy()
    late["inspection_id"] = "9" + late["inspection_id"]

    def grow(rows: int, _: int) -> None:
        if rows == 20:
            portal.replace([inspections, late])

    frame = client.fetch(MONDAY, SUNDAY, grow)

    assert len(frame) == 2 * len(of_days(inspections, MONDAY, SUNDAY))
    assert frame["inspection_id"].is_unique


def test_a_count_that_never_fits_is_an_error(client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil_counts(rows(lambda _: [{"count": "3"}]), times=1000)

    with pytest.raises(PortalError, match=r"week 2018-06-11: 20 rows came, but the portal counts 3\."):
        client.fetch(MONDAY, SUNDAY)


def test_a_count_that_is_no_number_is_an_error(client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil_counts(rows(lambda _: [{"count": "many"}]), times=1000)

    with pytest.raises(PortalError, match="not answered with one number"):
        client.fetch(MONDAY, SUNDAY)


def test_an_unreachable_portal_is_named_with_what_to_do(waits: list[float]) -> None:
    with (
        PortalClient("http://127.0.0.1:1", DATASET, COLUMNS, patience=Patience(sleep=waits.append)) as client,
        pytest.raises(PortalError, match=r"127\.0\.0\.1:1 gave no complete answer \(Connection refused\)") as caught,
    ):
        client.fetch(MONDAY, SUNDAY)

    assert "Check FOOD_INSPECTIONS_PORTAL_URL" in str(caught.value)
    assert len(waits) == Patience().attempts - 1


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (MONDAY, SUNDAY, "week 2018-06-11"),
        (MONDAY, SUNDAY + timedelta(days=14), "weeks 2018-06-11...2018-06-25"),
        (MONDAY, MONDAY, "day 2018-06-11"),
        (MONDAY, MONDAY + timedelta(days=2), "days 2018-06-11 to 2018-06-13"),
    ],
)
def test_errors_name_the_period(
    first: date, last: date, period: str, client: PortalClient, portal: FaultyPortal
) -> None:
    portal.spoil_pages(status(404))

    with pytest.raises(PortalError, match=f"{period}: "):
        client.fetch(first, last)


def test_days_in_the_wrong_order_are_refused(client: PortalClient) -> None:
    with pytest.raises(DataError, match="earlier day first"):
        client.fetch(SUNDAY, MONDAY)


def test_days_counts_all_days_in_one_query(
    client: PortalClient, portal: FaultyPortal, inspections: pd.DataFrame
) -> None:
    days = client.days()

    expected = inspections.groupby(inspections["inspection_date"].str[:10]).size()
    assert days["inspection_date"].dt.strftime("%Y-%m-%d").tolist() == expected.index.tolist()
    assert days["row_count"].tolist() == expected.tolist()
    assert days["row_count"].dtype == "int64"
    assert len(portal.requests) == 1


def test_days_tells_the_newest_update_in_the_words_of_fetch(client: PortalClient) -> None:
    days = client.days(MONDAY, SUNDAY)

    rows = client.fetch(MONDAY, SUNDAY)
    newest = rows.groupby(rows["inspection_date"].str[:10])["portal_updated_at"].max()
    assert days["newest_updated_at"].tolist() == newest.tolist()


def test_days_that_cannot_be_read_are_an_error(client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil(with_value("row_count", "many"))

    with pytest.raises(PortalError, match="all days: the counts by day cannot be read"):
        client.days()


def test_the_whole_period_in_pages_of_any_size(portal: FaultyPortal, inspections: pd.DataFrame) -> None:
    frames = []
    for size in (7, 64, 10_000):
        with PortalClient(portal.url, DATASET, COLUMNS, paging=OffsetPaging(size)) as client:
            frames.append(client.fetch(FIRST_DAY, LAST_DAY))

    assert len(frames[0]) == len(inspections)
    pd.testing.assert_frame_equal(frames[0], frames[1])
    pd.testing.assert_frame_equal(frames[0], frames[2])


def test_the_token_is_sent_and_never_shown(
    client: PortalClient, portal: FaultyPortal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    portal.spoil_pages(status(500), times=2)
    client.fetch(MONDAY, SUNDAY)
    portal.spoil_pages(status(403, "the-token is wrong"))

    with pytest.raises(PortalError) as caught:
        client.fetch(MONDAY, SUNDAY)

    assert {request.headers.get("x-app-token") for request in portal.requests} == {"the-token"}
    assert "*** is wrong" in str(caught.value)
    assert "the-token" not in caplog.text + str(caught.value) + repr(client)


def test_a_client_without_token_says_so_once_and_leaves_logging_alone(
    portal: FaultyPortal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings = Settings.from_environment(
        {"FOOD_INSPECTIONS_PORTAL_URL": portal.url, "FOOD_INSPECTIONS_HOME": "/nowhere"}
    )

    with PortalClient.from_settings(settings) as client:
        client.fetch(MONDAY, SUNDAY)

    ours = [record for record in caplog.records if "APP_TOKEN" in record.getMessage()]
    assert [record.name for record in ours] == ["food_inspections.portal.soda"]
    assert not [record for record in caplog.records if record.name == "root"]
    assert "x-app-token" not in portal.requests[0].headers


@pytest.mark.real_data
def test_real_inspections_come_back_whole(real_data: Path) -> None:
    path = real_data / "window_2013-02_2013-03.csv.gz"
    expected = pd.read_csv(path, dtype=str, keep_default_na=False).replace("", None)
    with FaultyPortal(path) as portal, PortalClient(portal.url, DATASET, COLUMNS) as client:
        frame = client.fetch(date(2013, 2, 11), date(2013, 3, 17))

    expected = expected.sort_values(["inspection_date", "inspection_id"], ignore_index=True)
    values = [name for name in PORTAL_FIELDS if name != "location"]
    pd.testing.assert_frame_equal(frame[values], expected[values].astype(frame[values].dtypes))


def test_characters_that_no_table_holds_do_not_keep_a_week_out(client: PortalClient, portal: FaultyPortal) -> None:
    portal.spoil_pages(with_value("dba_name", "CAF\0\ud83d"))

    assert "CAF\ufffd" in set(client.fetch(MONDAY, SUNDAY)["dba_name"])
