from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from food_inspections.errors import PermanentPortalError, PortalError
from food_inspections.portal.client import PortalClient
from food_inspections.portal.paging import BatchPaging, OffsetPaging
from food_inspections.portal.soda import Patience
from food_inspections.settings import Settings
from food_inspections_tests.chicago import COLUMNS, DATASET, PORTAL_FIELDS
from food_inspections_tests.portal.batch_portal import BatchPortal
from food_inspections_tests.portal.conftest import FIRST_DAY, LAST_DAY
from food_inspections_tests.portal.faulty_portal import FaultyPortal
from food_inspections_tests.portal.test_client import MONDAY, SUNDAY, of_days

PAGING = BatchPaging("/batches/next", "/batches/reset")


def fetch(
    portal: BatchPortal,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    on_progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    with PortalClient(portal.url, DATASET, COLUMNS, paging=PAGING, patience=Patience(sleep=lambda _: None)) as client:
        return client.fetch(first, last, on_progress)


@pytest.mark.parametrize("page_size", [1, 10, 19, 20])
def test_the_last_page_is_part_of_the_pull(page_size: int, portal: FaultyPortal, inspections: pd.DataFrame) -> None:
    """Whether it is full, holds one row or lies between."""
    with PortalClient(portal.url, DATASET, COLUMNS, paging=OffsetPaging(page_size)) as client:
        frame = client.fetch(MONDAY, SUNDAY)

    due = of_days(inspections, MONDAY, SUNDAY)
    assert frame["inspection_id"].tolist() == due["inspection_id"].tolist()
    assert len(portal.pages) == -(-len(due) // page_size)


@pytest.mark.parametrize("done_status", [200, 400])
@pytest.mark.parametrize("batch_rows", [37, 1000])
def test_batches_are_collected_to_the_last(inspections: pd.DataFrame, batch_rows: int, done_status: int) -> None:
    with BatchPortal(inspections, batch_rows, done_status) as portal:
        frame = fetch(portal)

    expected = inspections.sort_values(["inspection_date", "inspection_id"], ignore_index=True)
    own = frame[list(PORTAL_FIELDS)]
    pd.testing.assert_frame_equal(own, expected[list(PORTAL_FIELDS)].astype(own.dtypes))
    assert frame["portal_row_id"].equals(frame["inspection_id"].rename("portal_row_id"))


def test_the_settings_choose_batches(inspections: pd.DataFrame) -> None:
    """A client that asked by offset would be told that there is no such address."""
    with BatchPortal(inspections, 100) as portal:
        settings = Settings.from_environment(
            {
                "FOOD_INSPECTIONS_PORTAL_URL": portal.url,
                "FOOD_INSPECTIONS_PORTAL_PAGING": "batches",
                "FOOD_INSPECTIONS_PORTAL_BATCH_PATH": "/batches/next",
                "FOOD_INSPECTIONS_PORTAL_RESET_PATH": "/batches/reset",
                "FOOD_INSPECTIONS_HOME": "/nowhere",
            }
        )
        with PortalClient.from_settings(settings) as client:
            frame = client.fetch(FIRST_DAY, LAST_DAY)

    assert len(frame) == len(inspections)
    assert portal.resets == 1


def test_a_second_collection_resets_the_portal_first(inspections: pd.DataFrame) -> None:
    with BatchPortal(inspections, 100) as portal:
        first = fetch(portal)
        second = fetch(portal)

    pd.testing.assert_frame_equal(first, second)
    assert portal.resets == 2


def test_the_days_are_picked_from_all_that_the_portal_has(inspections: pd.DataFrame) -> None:
    week = date(2018, 6, 11), date(2018, 6, 17)
    with BatchPortal(inspections, 50) as portal:
        frame = fetch(portal, *week)

    assert frame["inspection_id"].tolist() == of_days(inspections, *week)["inspection_id"].tolist()


def test_progress_counts_what_has_come(inspections: pd.DataFrame) -> None:
    progress: list[tuple[int, int]] = []
    with BatchPortal(inspections, 150) as portal:
        fetch(portal, on_progress=lambda *now: progress.append(now))

    assert progress[0] == (150, 150)
    assert progress[-1] == (len(inspections), len(inspections))


def test_days_are_counted_from_all_batches(inspections: pd.DataFrame) -> None:
    """These portals answer no questions: a look is a collection, made anew where a batch is lost."""
    with (
        BatchPortal(inspections, 100) as portal,
        PortalClient(portal.url, DATASET, COLUMNS, paging=PAGING, patience=Patience(sleep=lambda _: None)) as client,
    ):
        portal.lose = {2}
        everything = client.days()
        week = client.days(date(2018, 6, 11), date(2018, 6, 17))

    assert everything["row_count"].sum() == len(inspections)
    assert everything["newest_updated_at"].isna().all()
    assert week["inspection_date"].between("2018-06-11", "2018-06-17").all()
    assert week["row_count"].sum() == len(of_days(inspections, date(2018, 6, 11), date(2018, 6, 17)))
    assert portal.resets == 3


@pytest.mark.parametrize("batch", [1, 3, 5])
def test_a_lost_batch_starts_the_collection_anew(inspections: pd.DataFrame, batch: int) -> None:
    """The last one too, whose loss would otherwise look like the end."""
    with BatchPortal(inspections, -(-len(inspections) // 5)) as portal:
        portal.lose = {batch}
        frame = fetch(portal)

    assert len(frame) == len(inspections)
    assert portal.resets == 2


def test_a_batch_that_was_refused_is_asked_for_again_without_a_reset(inspections: pd.DataFrame) -> None:
    with BatchPortal(inspections, 100) as portal:
        portal.refuse = {2, 3}
        frame = fetch(portal)

    assert len(frame) == len(inspections)
    assert portal.resets == 1


def test_somebody_else_collecting_too_is_an_error(inspections: pd.DataFrame) -> None:
    with BatchPortal(inspections, 10) as portal:

        def collect_too(_: int, __: int) -> None:
            portal.collect(1)

        with pytest.raises(PortalError, match=r"batch 3 came where batch 2 was due: one was lost, or somebody else"):
            fetch(portal, on_progress=collect_too)


def test_a_portal_without_batches_refuses_for_good(inspections: pd.DataFrame) -> None:
    with (
        BatchPortal(inspections, 10) as portal,
        PortalClient(portal.url, DATASET, COLUMNS, paging=BatchPaging("/elsewhere", "/batches/reset")) as client,
        pytest.raises(PermanentPortalError, match="answered 404"),
    ):
        client.fetch(FIRST_DAY, LAST_DAY)
