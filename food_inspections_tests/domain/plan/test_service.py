"""What a plan means for areas and kinds, by hand on a few places."""

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.plan.service import service_table, usual_finds, visit_shares

PLACES = pd.DataFrame(
    {"score": [0.5, 0.3, 0.2], "area": ["A", "A", "B"], "facility_type": ["School", "Bakery", "Bakery"]}
)


def test_shares_are_those_of_the_visits_to_places_that_are_still_there() -> None:
    shares = visit_shares(pd.Series(["a", "b", "c"]), pd.Series(["a", "a", "b", "gone"]))

    assert shares.tolist() == pytest.approx([2 / 3, 1 / 3, 0])


def test_where_none_was_visited_all_share_alike() -> None:
    assert visit_shares(pd.Series(["a", "b"]), pd.Series(["gone"])).tolist() == [0.5, 0.5]
    assert visit_shares(pd.Series([], dtype="object"), pd.Series(["gone"])).tolist() == []


def test_an_area_is_promised_its_share_of_the_usual_finds() -> None:
    shares = np.array([0.5, 0.25, 0.25])

    finds = usual_finds(PLACES["score"].to_numpy(), shares, PLACES["area"], 4)

    assert finds.to_dict() == {"A": pytest.approx(4 * (0.25 + 0.075)), "B": pytest.approx(0.2)}


def test_visits_finds_and_days_are_told_of_all_of_areas_and_of_kinds() -> None:
    table = service_table(PLACES, np.array([True, False, True]), np.array([0.5, 0.25, 0.25]), 0.9)

    assert list(zip(table["attribute"], table["value"], strict=True)) == [
        ("all", "all"),
        ("area", "A"),
        ("area", "B"),
        ("kind", "Bakery"),
        ("kind", "School"),
    ]
    whole, north = table.iloc[0], table.iloc[1]
    assert (whole["places"], whole["planned_visits"], whole["usual_visits"]) == (3, 2, 2)
    assert whole[["stock", "planned_finds", "usual_finds"]].tolist() == pytest.approx([1.0, 0.7, 0.75])
    # At half of the stock in the middle of the way through it.
    assert whole["planned_days"] == pytest.approx(7 * 1.0 / 0.7 / 2)
    assert north["usual_days"] == pytest.approx(7 * 0.8 / 0.65 / 2)


def test_an_area_is_kept_where_its_finds_reach_the_floor_and_only_areas_have_one() -> None:
    shares = np.array([0.5, 0.25, 0.25])

    table = service_table(PLACES, np.array([False, True, True]), shares, 0.9).set_index("value")
    barely = service_table(PLACES, np.array([False, True, True]), shares, 0.3 / 0.65).set_index("value")

    assert table["is_kept"].to_dict() == {"all": True, "A": False, "B": True, "Bakery": True, "School": True}
    assert barely.loc["A", "is_kept"]
    assert table["floor"].notna().to_dict() == {"all": False, "A": True, "B": True, "Bakery": False, "School": False}


def test_an_area_in_which_nothing_is_found_has_no_number_of_days() -> None:
    table = service_table(PLACES, np.array([True, True, False]), np.full(3, 1 / 3), 0.9).set_index("value")

    assert np.isnan(table.loc["B", "planned_days"])
