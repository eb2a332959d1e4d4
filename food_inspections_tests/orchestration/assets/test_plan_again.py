"""A week that is planned again after people decided about its stops, from the decisions as they are kept."""

import pandas as pd

from food_inspections.domain.decisions import Asked
from food_inspections.storage.records import materializations, plan_decisions
from food_inspections_tests.chicago import CALENDAR
from food_inspections_tests.orchestration.shared_city import FORECAST, SharedCity

WEEK = FORECAST[-1]


def newest_stops(city: SharedCity) -> pd.DataFrame:
    stops = city.frame(
        "SELECT * FROM data.inspection_plan WHERE week = :week "
        "AND version = (SELECT max(version) FROM api.published_plans WHERE week = :week)",
        week=WEEK,
    )
    return stops.set_index("establishment_id").sort_index()


def test_what_was_handed_out_stays_and_nothing_is_added_to_a_week_that_is_over(shared_city: SharedCity) -> None:
    before = newest_stops(shared_city)
    done, closed = before.index[:2]
    with shared_city.copy({}) as city:
        with city.warehouse.transaction() as connection:
            asked = [Asked(done, "done", "done-key"), Asked(closed, "closed", "closed-key")]
            plan_decisions.decide(connection, WEEK, asked, "office", CALENDAR.today())
        city.make("inspection_plan", first=WEEK)
        after = newest_stops(city)
        with city.warehouse.snapshot() as connection:
            (record,) = materializations.latest(connection, "inspection_plan", [WEEK])

    assert set(after["version"]) == {before["version"].iloc[0] + 1}
    assert after["is_kept"].all()
    same = ["inspector", "day"]
    pd.testing.assert_frame_equal(after[same], before.drop(closed)[same])
    facts = record.parameters
    assert (facts["left_out"], facts["not_in_queue"]) == ([closed], [])
    assert facts["handed_out_version"] == before["version"].iloc[0]
    assert facts["new_stops_from"] == CALENDAR.today().isoformat()
