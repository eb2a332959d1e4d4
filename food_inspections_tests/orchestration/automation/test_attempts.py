"""What a tick does about runs that were for the same before, and about a portal that is another city's."""

from collections.abc import Iterator

import dagster as dg
import pytest

from food_inspections_tests.orchestration.automation.conftest import UNDER_WAY, Ticks, ticks_over, weeks_of
from food_inspections_tests.orchestration.city import NEWEST, small_city
from food_inspections_tests.orchestration.shared_city import SharedCity


@pytest.fixture
def ticks(shared_city: SharedCity) -> Iterator[Ticks]:
    """A portal that holds what was pulled."""
    with ticks_over(shared_city, small_city()) as ticks:
        yield ticks


@pytest.fixture
def corrected(shared_city: SharedCity) -> Iterator[Ticks]:
    """A portal with corrections in the newest complete week."""
    frame = small_city()
    frame.loc[frame["inspection_date"] >= str(NEWEST), "dba_name"] = "RENAMED"
    with ticks_over(shared_city, frame) as ticks:
        yield ticks


def record(ticks: Ticks, request: dg.RunRequest, status: dg.DagsterRunStatus) -> str:
    """A run that was for the request, with this outcome."""
    run = ticks.city.instance.create_run_for_job(
        ticks.defs.resolve_job_def(request.job_name or ""), tags=dict(request.tags), status=status
    )
    return run.run_id


def test_the_sensor_does_not_pull_again_what_was_just_pulled(corrected: Ticks) -> None:
    (request,) = corrected.sensor("revisions").run_requests or ()
    run_id = record(corrected, request, dg.DagsterRunStatus.SUCCESS)

    again = corrected.sensor("revisions")

    assert not again.run_requests
    assert again.skip_message == f"{NEWEST} to {NEWEST}: run {run_id} has already been for this (success)"


def test_the_schedule_does_not_pull_again_what_was_just_pulled(corrected: Ticks) -> None:
    monday = corrected.at(UNDER_WAY, 5)
    (request,) = monday.schedule("pull").run_requests or ()
    assert weeks_of(request) == (str(NEWEST), str(NEWEST))
    record(corrected, request, dg.DagsterRunStatus.SUCCESS)

    again = monday.schedule("pull")

    assert not again.run_requests
    assert again.skip_message == "All of this was pulled, or tried, a short while ago."


def test_what_has_failed_waits_and_does_not_keep_the_rest_from_being_made(ticks: Ticks) -> None:
    (first,) = ticks.sensor("out_of_date").run_requests or ()
    run_id = record(ticks, first, dg.DagsterRunStatus.FAILURE)
    # Dagster's answer to whether it retries the run itself: until it is given, nothing else is asked for.
    ticks.city.instance.add_run_tags(run_id, {"dagster/will_retry": "false"})

    (second,) = ticks.sensor("out_of_date").run_requests or ()

    assert second.run_key != first.run_key
    assert (weeks_of(second), second.asset_selection) != (weeks_of(first), first.asset_selection)


def set_status(ticks: Ticks, status: str) -> None:
    """The verdict on the newest week's download."""
    with ticks.city.warehouse.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE metadata.materializations SET status = %s WHERE asset = 'raw_inspections' AND week = %s",
            (status, NEWEST),
        )


def test_a_download_that_a_dead_run_left_unfinished_is_pulled_again(ticks: Ticks) -> None:
    assert not ticks.at(UNDER_WAY, 5).schedule("pull").run_requests
    set_status(ticks, "pending")
    (request,) = ticks.at(UNDER_WAY, 5).schedule("pull").run_requests or ()
    assert weeks_of(request) == (str(NEWEST), str(NEWEST))


def test_a_week_pulled_while_it_was_under_way_is_pulled_again_by_the_schedule_or_an_hour_later(ticks: Ticks) -> None:
    with ticks.city.warehouse.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE metadata.materializations SET created_at = CAST(%s AS date) + 4 "
            "WHERE asset = 'raw_inspections' AND week = %s",
            (NEWEST, NEWEST),
        )
    (request,) = ticks.at(UNDER_WAY, 5).schedule("pull").run_requests or ()
    assert weeks_of(request) == (str(NEWEST), str(NEWEST))
    assert not ticks.at(UNDER_WAY, 4).sensor("revisions").run_requests, "the schedule has the first try, at five"
    (request,) = ticks.sensor("revisions").run_requests or ()
    assert weeks_of(request) == (str(NEWEST), str(NEWEST))


def test_another_citys_portal_is_not_pulled_from(shared_city: SharedCity) -> None:
    with shared_city.copy({"portal_url": "https://data.example.org"}) as city:
        ticks = Ticks(city.deployed)
        for tick in (ticks.sensor("revisions"), ticks.at(UNDER_WAY, 5).schedule("pull")):
            assert not tick.run_requests
            assert "not mixing them with another portal's" in (tick.skip_message or "")
