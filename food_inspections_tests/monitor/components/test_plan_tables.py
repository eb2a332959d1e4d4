import pandas as pd
from dash import html

from food_inspections.monitor.components import plan_tables
from food_inspections_tests.monitor.pages.test_pages import text

SERVICE = pd.DataFrame(
    [
        ("all", "all", 300, 40, 21.0, 40.0, 28.0, None, True),
        ("area", "60601", 200, 30, 20.0, 30.0, 25.0, 1.0, True),
        ("area", "60655", 100, 10, 36.0, 10.0, 30.0, 1.0, False),
        ("kind", "Restaurant", 300, 40, 21.0, 40.0, 28.0, None, True),
    ],
    columns=[
        "attribute", "value", "places", "planned_visits", "planned_days", "usual_visits", "usual_days", "floor",
        "is_kept",
    ],
)  # fmt: skip


def test_the_areas_that_wait_longer_than_without_the_program_come_first_and_are_said() -> None:
    words = text(html.Div(plan_tables.service(SERVICE, 1.25)))

    assert "found after 21 days on average, after 28 if" in words
    assert "1 of 2 areas is below the floor, 100% of what" in words
    assert "The floor costs 1.2 expected failures." in words
    assert words.index("60655 100 10 10.0 36 30 \u22126, below its floor") < words.index("60601 200 30 30.0 20 25 +5")
    assert "Restaurant 300 40 40.0 21 28 +7" in words


def test_a_floor_that_every_area_keeps_and_whose_price_is_not_on_record() -> None:
    words = text(html.Div(plan_tables.service(SERVICE.assign(is_kept=True), None)))

    assert "None of 2 areas is below the floor" in words
    assert "costs" not in words


def test_visits_that_found_no_room_are_counted_by_cause() -> None:
    causes = pd.DataFrame({"why": ["overdue", "reinspection"], "cause": ["no room.", "too far."], "times": [88, 2]})
    likeliest = pd.DataFrame(
        {"dba_name": ["PLACE 1", "PLACE 2"], "address": "1 MAIN ST", "why": "overdue", "cause": "no room."}
    )
    words = text(plan_tables.unserved_table(causes, likeliest))

    assert "88 x Overdue: no room. 2 x Re-inspection: too far." in words
    assert "The 2 of them that are likeliest to fail:" in words
    assert "PLACE 2 1 MAIN ST Overdue no room." in words
    assert "likeliest" not in text(plan_tables.unserved_table(causes.assign(times=1), likeliest))


def test_of_what_changed_every_sort_is_shown() -> None:
    changes = pd.DataFrame(
        {
            "change": ["new"] * 50 + ["moved"] * 50 + ["dropped"] * 3,
            "dba_name": [f"PLACE {number}" for number in range(103)],
            "before": "Ann, Monday",
            "now": "Bob, Friday",
            "expected_finding": 0.5,
        }
    )
    words = text(plan_tables.change_table(changes))

    assert [words.count(word) for word in ("New PLACE", "Moved PLACE", "Dropped PLACE")] == [20, 20, 3]
