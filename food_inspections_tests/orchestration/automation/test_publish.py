"""What the run that publishes makes beside the publication."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from food_inspections_tests.orchestration.automation.conftest import UNDER_WAY, Ticks, assets_of
from food_inspections_tests.orchestration.shared_city import SharedCity

COMING = UNDER_WAY + timedelta(weeks=1)
MADE = "key:establishment_features or key:inspection_queue"


@pytest.fixture
def friday(shared_city: SharedCity) -> Iterator[Ticks]:
    """The Friday before the coming week, in a city whose queue of that week was never made."""
    with shared_city.copy({}) as city:
        yield Ticks(city.deployed).at(UNDER_WAY + timedelta(days=4), 15)


def asked_for(ticks: Ticks) -> set[str]:
    (request,) = ticks.schedule("publish").run_requests or ()
    return assets_of(request)


def test_a_queue_that_is_up_to_date_is_only_published(friday: Ticks) -> None:
    assert friday.city.materialize(MADE, COMING).success
    assert asked_for(friday) == {"api_inspection_queue", "inspection_plan"}


def reject(ticks: Ticks) -> None:
    """What a failed check would leave of a queue that was made."""
    assert ticks.city.materialize(MADE, COMING).success
    with ticks.city.warehouse.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE metadata.materializations SET status = 'rejected' WHERE asset = 'inspection_queue' AND week = %s",
            (COMING,),
        )


def test_a_rejected_queue_is_made_again_before_it_is_published(friday: Ticks) -> None:
    reject(friday)
    assert asked_for(friday) == {"inspection_queue", "api_inspection_queue", "inspection_plan"}


def test_a_rejected_queue_is_not_published(friday: Ticks) -> None:
    reject(friday)
    assert not friday.city.materialize("key:api_inspection_queue", COMING).success
    assert friday.city.query("SELECT 1 FROM api.queue_publications WHERE week = :w", w=COMING) == []
