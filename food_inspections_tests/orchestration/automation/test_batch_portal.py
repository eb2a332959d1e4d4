"""A portal that hands out batches, named by the settings alone: pulled whole, looked at, pulled again."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from food_inspections.orchestration.partitions import CALENDAR
from food_inspections.portal.sample_city import CityParameters, make_city
from food_inspections_tests.orchestration.automation.conftest import Ticks, weeks_of
from food_inspections_tests.orchestration.city import deployment_over
from food_inspections_tests.portal.batch_portal import BatchPortal

FIRST = date(2025, 1, 6)
NEWEST = FIRST + timedelta(weeks=3)
NOW = CALENDAR.at(NEWEST + timedelta(days=9), 13)


def test_a_batch_portal_is_pulled_whole_and_late_rows_are_seen(database_url: str, tmp_path: Path) -> None:
    frame = make_city(CityParameters(3, FIRST, NEWEST + timedelta(days=6), 200, inspections_per_week=25)).inspections
    late = frame[frame["inspection_date"] >= str(NEWEST)].index[:3]
    early = frame.drop(index=late)
    with (
        BatchPortal(early, 20) as portal,
        deployment_over(portal, tmp_path, database_url, portal_paging="batches") as city,
    ):
        # Somebody stopped half-way: without a reset the first batches would be missing.
        portal.collect(2)
        ticks = Ticks(city, NOW)
        (first,) = ticks.sensor("revisions").run_requests or ()
        assert weeks_of(first) == (str(FIRST), str(NEWEST))
        ticks.launch(first)
        assert pulled(ticks) == set(early["inspection_id"])
        tick = ticks.sensor("revisions")
        assert tick.skip_message == "The portal holds what was pulled: 4 weeks are unchanged."
        portal.hold(pd.concat([early, frame.loc[late]]))
        (again,) = ticks.sensor("revisions", tick.cursor).run_requests or ()
        assert weeks_of(again) == (str(NEWEST), str(NEWEST))
        ticks.launch(again)
        assert pulled(ticks) == set(frame["inspection_id"])
        city.warehouse.engine.dispose()


def pulled(ticks: Ticks) -> set[str]:
    """The inspections that the store holds."""
    return {name for (name,) in ticks.city.query("SELECT inspection_id FROM metadata.pulled_inspections")}
