import itertools
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.city.words import Word
from food_inspections.domain.plan.choice import days_overdue, frequencies_of
from food_inspections.domain.plan.handed_out import HandedOut, handed_out
from food_inspections.domain.plan.inspectors import Staff
from food_inspections.domain.plan.travel import TravelRules
from food_inspections.domain.plan.week import NO_REASON, PlanRules, WeekPlan, make_week_plan
from food_inspections.errors import DataError
from food_inspections_tests.domain.plan.queues import (
    FREQUENCIES,
    WEEK,
    areas_below,
    faults,
    kilometres,
    queue_of,
    staff_of,
)

RULES = PlanRules(frequencies=FREQUENCIES, rounds=60)
QUEUE = queue_of(600, 60, draws=3)
STAFF = staff_of(4)
VISITED = QUEUE["establishment_id"].sample(600, replace=True, random_state=5)


def planned(**changes: object) -> WeekPlan:
    asked = {"queue": QUEUE, "visited": VISITED, "week": WEEK, "staff": Staff(STAFF), "rules": RULES}
    return make_week_plan(**asked | changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plan() -> WeekPlan:
    return planned()


def area_of(plan: WeekPlan, queue: pd.DataFrame) -> pd.Series:
    """Area of each place, by the names of the areas, which list their postal codes or one of them."""
    names = plan.service.loc[plan.service["attribute"] == "area", "value"]
    known = {code.strip(): name for name in names for code in name.split(" and ")[0].split(",")}
    return queue.set_index("establishment_id")["zip"].map(known)


def test_an_independent_check_finds_no_fault(plan: WeekPlan) -> None:
    assert faults(plan, QUEUE, STAFF, RULES) == []
    assert len(plan.stops) == 60
    assert plan.notes == ()


def test_nothing_is_planned_on_a_day_off() -> None:
    tuesday = WEEK + timedelta(days=1)
    plan = planned(staff=Staff(tuple(replace(who, days_off=frozenset({tuesday})) for who in STAFF)))
    assert len(plan.stops) > 0
    assert pd.Timestamp(tuesday) not in {*plan.stops["day"], *plan.days["day"]}


def test_a_week_that_everybody_has_off_is_said() -> None:
    whole = frozenset(WEEK + timedelta(days=number) for number in range(7))
    plan = planned(staff=Staff(tuple(replace(who, days_off=whole) for who in STAFF)))

    assert plan.stops.empty
    assert plan.notes[0].startswith("Everybody has the whole week of 2025-01-06 off")


def test_areas_are_the_districts_that_the_city_names() -> None:
    names = np.where(QUEUE["latitude"] > 41.8, "North", "South")
    districts = pd.Series(names, index=QUEUE["establishment_id"])
    plan = planned(districts=districts)
    assert set(plan.service.loc[plan.service["attribute"] == "area", "value"]) == {"North", "South"}
    assert plan.stops["area"].tolist() == districts[plan.stops["establishment_id"]].tolist()
    only_north = planned(districts=districts, staff=Staff((replace(STAFF[0], districts=frozenset({"North"})),)))
    assert set(only_north.stops["area"]) == {"North"}


def test_a_place_whose_district_is_not_known_lies_in_its_postal_code() -> None:
    elsewhere = QUEUE["zip"] == QUEUE["zip"].mode()[0]
    districts = pd.Series("North", index=QUEUE.loc[~elsewhere, "establishment_id"])
    often = QUEUE.loc[elsewhere, "establishment_id"].repeat(20)
    plan = planned(districts=districts, visited=pd.concat([VISITED, often]))
    areas = plan.service.loc[plan.service["attribute"] == "area"].set_index("value")["places"]
    assert areas.to_dict() == {"North": (~elsewhere).sum(), QUEUE["zip"].mode()[0]: elsewhere.sum()}


def test_the_check_finds_faults(plan: WeekPlan) -> None:
    late = replace(plan, stops=plan.stops.assign(arrival_minute=plan.stops["arrival_minute"] + 9))
    twice = replace(plan, stops=plan.stops.assign(establishment_id=plan.stops["establishment_id"].iloc[0]))
    lost = replace(plan, unserved=plan.unserved.iloc[:0])

    assert all(faults(each, QUEUE, STAFF, RULES) for each in (late, twice, lost))


def test_the_same_input_gives_the_same_plan(plan: WeekPlan) -> None:
    again = planned(queue=QUEUE.sample(frac=1, random_state=3), visited=VISITED.sample(frac=1, random_state=4))

    pd.testing.assert_frame_equal(again.stops, plan.stops)
    pd.testing.assert_frame_equal(again.days, plan.days)
    pd.testing.assert_frame_equal(again.service, plan.service)


def test_every_random_draw_is_visited_and_every_row_says_why(plan: WeekPlan) -> None:
    drawn = set(QUEUE.loc[QUEUE["is_random_draw"], "establishment_id"])
    why = plan.stops.set_index("establishment_id")["why"]

    assert set(why[why == "random"].index) == drawn
    assert set(why) >= {"random", "reinspection", "overdue", "score"}
    assert set(plan.stops["reason"]) == {"failed its last full visit"}


def test_a_plan_by_net_scores_goes_where_an_average_inspector_finds_most() -> None:
    net, full = (planned(rules=replace(RULES, score=score, area_floor=0.0)) for score in ("net_score", "score"))
    known = QUEUE.set_index("establishment_id")
    stops = net.stops.set_index("establishment_id")

    assert net.facts["score"] == "net_score"
    assert stops["expected_finding"].to_dict() == known.loc[stops.index, "net_score"].to_dict()
    assert stops["rank"].to_dict() == known.loc[stops.index, "rank"].to_dict(), "the rank stays that of the queue"
    found = [known.loc[each.stops["establishment_id"], "net_score"].sum() for each in (net, full)]
    assert found[0] > found[1]


def test_a_queue_without_net_scores_cannot_be_planned_by_them() -> None:
    with pytest.raises(DataError, match="published without net scores: make it again"):
        planned(queue=QUEUE.assign(net_score=np.nan), rules=replace(RULES, score="net_score"))


def test_no_area_falls_below_its_floor_and_the_floor_has_a_price() -> None:
    north_only = VISITED[VISITED.isin(QUEUE.loc[QUEUE["latitude"] < 41.8, "establishment_id"])]
    without = planned(visited=north_only, rules=replace(RULES, area_floor=0.0, must_share=0.0))
    with_floor = planned(visited=north_only, rules=replace(RULES, area_floor=1.0, must_share=0.0))
    service = with_floor.service[with_floor.service["attribute"] == "area"]

    assert with_floor.facts["areas_below_floor"] == []
    assert service["is_kept"].all()
    assert (service["planned_days"] <= service["usual_days"] + 1e-6).all()
    assert "floor" in set(with_floor.stops["why"])
    assert with_floor.facts["floor_cost_finds"] > 0
    assert with_floor.facts["expected_finds"] < without.facts["expected_finds"]


def test_the_floor_is_recomputed_by_the_independent_check() -> None:
    even = planned(rules=replace(RULES, must_share=0.0))
    areas = area_of(even, QUEUE)
    known = areas.notna()

    assert set(areas_below(even, QUEUE, VISITED, areas[known], 1.0)) == set()


def test_fewer_kilometres_than_the_same_list_in_the_order_of_ranks(plan: WeekPlan) -> None:
    queue = QUEUE.set_index("establishment_id")
    ranked = plan.stops.sort_values("rank")["establishment_id"].tolist()
    total = 0.0
    for number, inspector in enumerate(STAFF):
        own = ranked[number :: len(STAFF)]
        start = (inspector.latitude, inspector.longitude)
        for first in range(0, len(own), 3):
            points = [
                start,
                *(tuple(queue.loc[name, ["latitude", "longitude"]]) for name in own[first : first + 3]),
                start,
            ]
            total += sum(1.3 * kilometres(one, other) for one, other in itertools.pairwise(points))

    assert plan.facts["kilometres"] < 0.7 * total


def test_short_hours_serve_what_must_be_visited_first() -> None:
    short = tuple(replace(inspector, minutes=200, weekdays=(0, 1)) for inspector in STAFF)
    plan = planned(staff=Staff(short))
    left = plan.unserved.set_index("establishment_id")["cause"]

    assert faults(plan, QUEUE, short, RULES) == []
    assert 0 < len(plan.stops) < 60
    assert (plan.stops["why"] == "random").sum() == 3
    assert left.str.contains("raise FOOD_INSPECTIONS_MUST_SHARE|add inspectors").all()


def test_districts_and_kinds_are_kept_and_what_nobody_may_visit_is_named() -> None:
    school, rest = STAFF[0], STAFF[1]
    codes = sorted(set(QUEUE["zip"]))[:8]
    staff = (
        replace(school, kinds=frozenset({"School"})),
        replace(rest, districts=frozenset(codes), kinds=frozenset({"Restaurant"})),
    )
    plan = planned(staff=Staff(staff))
    causes = plan.unserved.set_index("establishment_id")["cause"]
    outside = QUEUE[(QUEUE["facility_type"] == "Restaurant") & ~QUEUE["zip"].isin(codes)]["establishment_id"]

    assert faults(plan, QUEUE, staff, RULES) == []
    assert not plan.stops["establishment_id"].isin(outside).any()
    assert causes[causes.index.isin(outside)].str.contains("no inspector has its district").all()


def test_an_unknown_district_is_said_and_the_rest_is_planned() -> None:
    staff = (replace(STAFF[0], districts=frozenset({"99999"})), *STAFF[1:])
    plan = planned(staff=Staff(staff))

    assert [note for note in plan.notes if "99999" in note and note.startswith("I0: no place of the queue")]
    assert set(plan.stops["inspector"]) == {"I1", "I2", "I3"}
    assert faults(plan, QUEUE, staff, RULES) == []


@pytest.mark.parametrize("staff", [(), tuple(replace(one, minutes=0) for one in STAFF)], ids=["nobody", "no time"])
def test_without_anybody_at_work_every_must_visit_is_named(staff: tuple[object, ...]) -> None:
    plan = planned(staff=Staff(staff))  # type: ignore[arg-type]

    assert plan.stops.empty
    assert plan.facts["visits"] == 0
    assert plan.unserved["cause"].str.contains("no inspector has working time").all()
    assert faults(plan, QUEUE, (), RULES) == []
    assert set(plan.service["attribute"]) == {"all", "area", "kind"}


def test_a_list_of_one_place_is_one_visit_on_one_day() -> None:
    plan = planned(queue=QUEUE[QUEUE["rank"] == 1].assign(is_on_list=True, is_random_draw=False))

    assert (plan.facts["visits"], plan.facts["inspector_days"]) == (1, 1)


def test_places_without_coordinates_are_planned_all_the_same() -> None:
    without = QUEUE.assign(latitude=np.nan, longitude=np.nan)
    some = QUEUE.assign(latitude=QUEUE["latitude"].where(QUEUE["rank"] > 5))
    nowhere, partly = planned(queue=without), planned(queue=some)

    assert "600 of 600 places have no coordinates" in nowhere.notes[0]
    assert "5 of 600 places have no coordinates" in partly.notes[0]
    assert len(nowhere.stops) == 60
    assert nowhere.stops["travel_km"].isna().all()
    assert set(nowhere.stops["travel_minutes"]) <= {10, 20}
    assert len(partly.stops) == 60


def test_a_given_table_of_travel_is_followed(plan: WeekPlan) -> None:
    first = plan.stops[(plan.stops["stop"] == 1)].iloc[0]
    table = pd.DataFrame(
        [[first["inspector"], first["establishment_id"], "77", "33"]], columns=["from", "to", "minutes", "kilometres"]
    )
    again = planned(rules=replace(RULES, travel=TravelRules(table=table)))
    row = again.stops[
        (again.stops["establishment_id"] == first["establishment_id"])
        & (again.stops["inspector"] == first["inspector"])
        & (again.stops["stop"] == 1)
    ]

    assert row.empty or (row["travel_minutes"].iloc[0], row["travel_km"].iloc[0]) == (77, 33.0)
    assert len(again.stops) == 60


def test_without_a_file_there_are_as_many_like_inspectors_as_the_list_needs() -> None:
    plan = planned(staff=None)

    assert plan.facts["inspectors"] == 3
    assert len(plan.stops) == 60
    assert plan.days["start_latitude"].nunique() == 1


def test_inspectors_who_are_alike_have_weeks_of_about_the_same_length() -> None:
    days = planned(staff=None).days
    used = (days["end_minute"] > days["start_minute"]).groupby(days["inspector"]).sum()

    assert len(used) > 1
    assert used.max() - used.min() <= 1


def test_a_reason_that_does_not_raise_is_none() -> None:
    plan = planned(queue=QUEUE.assign(reasons=[[{"text": "passed", "effect": -0.4}]] * len(QUEUE)))

    assert set(plan.stops["reason"]) == {NO_REASON}


def decisions(*rows: tuple[str, str, str], day: int = 0) -> pd.DataFrame:
    moment = pd.Timestamp(WEEK + timedelta(days=day), tz="UTC") + pd.Timedelta(hours=15)
    columns = ["establishment_id", "inspector", "decision"]
    return pd.DataFrame(rows, columns=columns).assign(decided_at=moment)


def held(plan: WeekPlan, made: pd.DataFrame, today: date = WEEK) -> HandedOut:
    return handed_out(plan.stops.assign(version=1), made, today, ZoneInfo("America/Chicago"))


def test_planned_again_after_decisions_what_was_handed_out_stays(plan: WeekPlan) -> None:
    done, gone, later, moved = plan.stops["establishment_id"].iloc[[0, 7, 20, 30]]
    other = "I0" if plan.stops["inspector"].iloc[30] != "I0" else "I1"
    made = decisions(
        (done, "I0", "done"), (gone, "I0", "closed"), (later, "I0", "postponed"), (moved, other, "swapped")
    )
    again = planned(handed_out=held(plan, made))
    before = plan.stops.set_index("establishment_id")[["inspector", "day"]]
    after = again.stops.set_index("establishment_id")[["inspector", "day"]]
    same = before.drop([gone, later, moved])

    pd.testing.assert_frame_equal(after.loc[same.index], same)
    assert gone not in after.index
    assert later not in after.index
    assert after.loc[moved, "inspector"] == other
    assert again.stops.set_index("establishment_id").loc[same.index, "is_kept"].all()
    why, why_now = (each.stops.set_index("establishment_id")["why"].loc[same.index] for each in (plan, again))
    assert "floor" in set(why)
    assert why_now.equals(why), "the reason it was handed out for"
    assert not set(again.unserved["establishment_id"]) & {gone, later}


def test_what_was_corrected_to_done_after_it_was_taken_off_is_not_visited_again(plan: WeekPlan) -> None:
    wrong = plan.stops["establishment_id"].iloc[7]
    without = replace(plan, stops=plan.stops[plan.stops["establishment_id"] != wrong])

    again = planned(handed_out=held(without, decisions((wrong, "I0", "closed"), (wrong, "I0", "done"))))

    assert wrong not in set(again.stops["establishment_id"]) | set(again.unserved["establishment_id"])


def test_nothing_new_is_planned_before_the_day_of_the_last_decision(plan: WeekPlan) -> None:
    wednesday = 2
    gone = plan.stops["establishment_id"].iloc[:6]
    made = decisions(*((place, "I0", "skipped") for place in gone), day=wednesday)
    again = planned(handed_out=held(plan, made))
    new = again.stops[~again.stops["is_kept"]]

    assert len(new)
    assert (new["day"] >= pd.Timestamp(WEEK + timedelta(days=wednesday))).all()


def test_nothing_new_is_planned_on_days_that_are_over(plan: WeekPlan) -> None:
    thursday = WEEK + timedelta(days=3)
    gone = plan.stops["establishment_id"].iloc[:6]
    made = decisions(*((place, "I0", "skipped") for place in gone), day=1)
    again = planned(handed_out=held(plan, made, today=thursday))
    new = again.stops[~again.stops["is_kept"]]

    assert len(new)
    assert (new["day"] >= pd.Timestamp(thursday)).all()
    assert again.facts["new_stops_from"] == thursday.isoformat()


def test_a_decision_counts_on_the_day_of_the_citys_clocks(plan: WeekPlan) -> None:
    late = decisions((plan.stops["establishment_id"].iloc[0], "I0", "done")).assign(
        decided_at=pd.Timestamp("2025-01-08 03:00", tz="UTC")
    )

    assert held(plan, late).from_day == date(2025, 1, 7)


def test_a_stop_whose_place_left_the_queue_is_named(plan: WeekPlan) -> None:
    done, gone = plan.stops["establishment_id"].iloc[[0, 7]]
    queue = QUEUE[QUEUE["establishment_id"] != gone]
    again = planned(queue=queue, handed_out=held(plan, decisions((done, "I0", "done"))))

    assert gone not in set(again.stops["establishment_id"])
    assert again.facts["not_in_queue"] == [gone]
    assert again.facts["handed_out_version"] == 1
    assert any(gone in note for note in again.notes)


def test_where_kind_and_risk_both_have_a_rule_the_shorter_interval_holds() -> None:
    rules = {"risk": {"high": 182, "low": 730}, "facility_type": {"School": 365}}
    places = pd.DataFrame(
        {
            "risk": ["high", "low", "low", "none"],
            "facility_type": ["School", "School", "Restaurant", "Restaurant"],
            "days_since_last_visit": 400,
        }
    )

    assert days_overdue(places, rules).fillna(-1).tolist() == [218, 35, -330, -1]
    assert days_overdue(places, {}).isna().all()


def test_rules_by_kind_and_by_risk_are_those_of_the_profile() -> None:
    chicago = load_profile("chicago")
    school = Word.model_validate({"word": "School", "is": ["school"], "days_between_visits": 120})
    found = frequencies_of(chicago.model_copy(update={"kinds": [*chicago.kinds, school]}))

    assert found == {
        "risk": {"Risk 1 (High)": 182, "Risk 2 (Medium)": 365, "Risk 3 (Low)": 730},
        "facility_type": {"School": 120},
    }


def test_without_a_decision_a_plan_is_a_draft(plan: WeekPlan) -> None:
    assert held(plan, decisions()).stops.empty


def test_stops_of_somebody_who_left_are_dealt_anew_or_named(plan: WeekPlan) -> None:
    theirs = set(plan.stops.loc[plan.stops["inspector"] == "I3", "establishment_id"])
    made = decisions((plan.stops["establishment_id"].iloc[0], "I0", "done"))
    again = planned(staff=Staff(STAFF[:3]), handed_out=held(plan, made))

    assert theirs
    assert theirs <= set(again.stops["establishment_id"]) | set(again.unserved["establishment_id"])
    assert "I3" not in set(again.stops["inspector"])
