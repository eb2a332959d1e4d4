import pandas as pd
import pytest

from food_inspections.orchestration.checks.plan import INSPECTION_PLAN, newest_version_of
from food_inspections.orchestration.checks.suite import Outcome
from food_inspections_tests.orchestration.checks.scopes import DAY, WEEK, StubWarehouse, outcome, rows

FACTS = {"left_out": [], "not_in_queue": [], "handed_out_version": None, "notes": [], "area_floor": 1.0}


def stops(**changes: object) -> pd.DataFrame:
    known = {
        "version": 2,
        "inspector": "Ana",
        "day": DAY,
        "stop": [1, 2],
        "arrival_minute": [520, 590],
        "visit_minutes": [60, 30],
        "travel_minutes": 10,
        "is_kept": False,
        "expected_finding": [0.4, 0.3],
    }
    return rows(establishment_id=["a", "b"], **known).assign(**changes)


def warehouse(**changes: pd.DataFrame) -> StubWarehouse:
    day = {"inspector": "Ana", "day": DAY, "start_minute": 510, "minutes": 420, "end_minute": 640}
    queue = {
        "is_on_list": True,
        "is_random_draw": [False, True, False],
        "risk": "Risk 3 (Low)",
        "facility_type": "Restaurant",
    }
    frames = {
        "data.plans": rows(version=[1, 2]),
        "data.inspection_plan": rows(version=[1, 1, 2, 2], establishment_id=["a", "d", "a", "b"]),
        "data.plan_days": rows(version=[2], **day),
        "data.plan_unserved": rows(version=[1, 2], establishment_id=["a", "c"]),
        "data.plan_service": rows(version=[2], attribute="area", value="60601", is_kept=True),
        "api.inspection_queue": rows(
            version=1,
            establishment_id=["a", "b", "c"],
            is_reinspection_open=[False, False, True],
            days_since_last_visit=30,
            **queue,
        ),
    }
    return StubWarehouse(frames | {name.replace("__", "."): frame for name, frame in changes.items()})


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("no_duplicate_ids", {"establishment_id": "a"}),
        ("dates_in_week", {"day": pd.Timestamp("2025-01-13")}),
        ("expected_finding_in_unit_interval", {"expected_finding": 1.5}),
        ("stops_are_numbered", {"stop": [1, 3]}),
        ("keeps_working_time", {"arrival_minute": [520, 580]}),
        ("keeps_working_time", {"inspector": "Nobody"}),
        ("no_must_visit_is_lost", {"establishment_id": ["a", "x"]}),
    ],
)
def test_each_check_of_the_plan_passes_and_fails(check: str, bad: dict[str, object]) -> None:
    assert outcome(INSPECTION_PLAN, check, stops(), FACTS, warehouse=warehouse()).passed
    assert not outcome(INSPECTION_PLAN, check, stops(**bad), FACTS, warehouse=warehouse()).passed


def test_stops_that_do_not_fit_are_counted_and_named() -> None:
    def seen(frame: pd.DataFrame) -> str:
        return outcome(INSPECTION_PLAN, "keeps_working_time", frame, FACTS, warehouse=warehouse()).seen

    assert seen(stops(arrival_minute=[520, 580])) == "1 stops do not fit: b"
    assert seen(stops()) == "2 stops fit"


def test_a_week_whose_newest_version_has_no_rows_has_none_of_another() -> None:
    other = pd.Timestamp("2025-01-13")
    plans = pd.concat([rows(version=[2]), rows(version=[1]).assign(week=other)])
    unserved = rows(version=[1], establishment_id=["z"]).assign(week=other)
    frames = {"data.plans": plans, "data.plan_unserved": unserved}

    found = newest_version_of(StubWarehouse(frames), "data.plan_unserved", [WEEK, other.date()])

    assert [len(of_week) for of_week in found.values()] == [0, 1]


def test_a_day_may_not_end_late_but_where_all_of_it_was_handed_out() -> None:
    late = warehouse(
        data__plan_days=rows(version=[2], inspector="Ana", day=DAY, start_minute=510, minutes=100, end_minute=640)
    )
    assert not outcome(INSPECTION_PLAN, "keeps_working_time", stops(), FACTS, warehouse=late).passed
    assert outcome(INSPECTION_PLAN, "keeps_working_time", stops(is_kept=True), FACTS, warehouse=late).passed


def test_what_people_took_off_is_not_lost() -> None:
    only_a = stops().iloc[:1]
    taken_off = {**FACTS, "left_out": ["b"]}
    assert not outcome(INSPECTION_PLAN, "no_must_visit_is_lost", only_a, FACTS, warehouse=warehouse()).passed
    assert outcome(INSPECTION_PLAN, "no_must_visit_is_lost", only_a, taken_off, warehouse=warehouse()).passed


def test_a_stop_that_was_handed_out_stays_or_is_named() -> None:
    def found(**facts: object) -> Outcome:
        return outcome(
            INSPECTION_PLAN, "no_handed_out_stop_is_lost", stops(), {**FACTS, **facts}, warehouse=warehouse()
        )

    assert found().passed, "a draft keeps nothing"
    lost = found(handed_out_version=1)
    assert (lost.passed, lost.seen) == (False, "1 lost: d")
    assert found(handed_out_version=1, left_out=["d"]).passed
    assert found(handed_out_version=1, not_in_queue=["d"]).passed


def test_names_of_an_older_version_do_not_count() -> None:
    old = warehouse(data__plan_unserved=rows(version=[1, 1], establishment_id=["a", "c"]))
    found = outcome(INSPECTION_PLAN, "no_must_visit_is_lost", stops(), FACTS, warehouse=old)
    assert (found.passed, found.seen) == (False, "1 lost: c; 0 stops are not in the queue")


def test_an_area_below_its_floor_is_a_warning_that_names_it() -> None:
    below = warehouse(data__plan_service=rows(version=[2], attribute="area", value="60601", is_kept=False))
    found = outcome(INSPECTION_PLAN, "area_floor_is_kept", stops(), FACTS, warehouse=below)
    assert outcome(INSPECTION_PLAN, "area_floor_is_kept", stops(), FACTS, warehouse=warehouse()).passed
    assert (found.passed, found.seen) == (False, "1 of 1 below: 60601")
    assert not next(check for check in INSPECTION_PLAN.checks if check.name == "area_floor_is_kept").is_blocking


def test_what_had_to_be_worked_around_is_a_warning() -> None:
    found = outcome(INSPECTION_PLAN, "input_was_usable", stops(), {**FACTS, "notes": ["Ana has no time."]})
    assert (found.passed, found.seen) == (False, "Ana has no time.")
    assert outcome(INSPECTION_PLAN, "input_was_usable", stops(), FACTS).passed
