"""What a number of visits is used for, on queues of a few lines."""

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.plan.choice import Choice, choose, must_reasons


def queue(*must: str, **columns: list[object]) -> pd.DataFrame:
    """Places in the order of their ranks, with the reason why each must be visited."""
    size = len(must)
    given = {
        "rank": list(range(1, size + 1)),
        "score": np.linspace(0.9, 0.1, size),
        "area": "A",
        "must": list(must),
        "days_overdue": np.where(np.asarray(must) == "overdue", 10.0, np.nan),
        "days_since_last_visit": 100.0,
    }
    return pd.DataFrame(given | columns)


def chosen(places: pd.DataFrame, visits: int, must_share: float = 1.0, floor: float = 0.0, **changes: object) -> Choice:
    size = len(places)
    given = {"handed_out": np.zeros(size, dtype=bool), "possible": np.ones(size, dtype=bool)} | changes
    shares = np.full(size, 1 / size)
    return choose(places, shares, visits=visits, floor=floor, must_share=must_share, **given)  # type: ignore[arg-type]


def why(choice: Choice) -> list[str]:
    return list(choice.places["why"])


def test_the_random_draw_goes_first_then_reinspections_then_overdue_places_then_the_ranking() -> None:
    places = queue("", "", "overdue", "reinspection", "random")

    assert why(chosen(places, 1)) == ["", "", "", "", "random"]
    assert why(chosen(places, 2)) == ["", "", "", "reinspection", "random"]
    assert why(chosen(places, 3)) == ["", "", "overdue", "reinspection", "random"]
    assert why(chosen(places, 4)) == ["score", "", "overdue", "reinspection", "random"]


def test_of_reinspections_the_newest_failure_goes_first_and_of_the_overdue_the_longest() -> None:
    """Longest in units of what the rule asks for: 30 days late of 60 is more than 40 of 300."""
    open_ones = queue("reinspection", "reinspection", days_since_last_visit=[20.0, 9.0])
    late = queue("overdue", "overdue", days_overdue=[40.0, 30.0], days_since_last_visit=[340.0, 90.0])

    assert why(chosen(open_ones, 1)) == ["", "reinspection"]
    assert why(chosen(late, 1)) == ["", "overdue"]


def test_reinspections_and_overdue_places_share_their_part_of_the_week() -> None:
    places = queue("", "", "", "overdue", "overdue", "reinspection")

    assert why(chosen(places, 4, must_share=0.5)) == ["score", "score", "", "overdue", "", "reinspection"]


@pytest.mark.parametrize(
    ("must", "said"),
    [
        ("reinspection", "of 3 open re-inspections the 1 newest have room: raise FOOD_INSPECTIONS_MUST_SHARE (0.5 of "),
        ("overdue", "of 3 overdue places the 1 longest overdue have room: raise FOOD_INSPECTIONS_MUST_SHARE (0.5 of "),
        ("random", "the week has room for 2 visits: raise FOOD_INSPECTIONS_WEEKLY_CAPACITY."),
    ],
)
def test_what_there_is_no_room_for_is_named_with_what_to_change(must: str, said: str) -> None:
    left = chosen(queue(must, must, must, score=[0.0, 0.0, 0.0]), 2, must_share=0.5).left

    assert left
    assert all(cause.startswith(said) for cause in left.values())


def test_what_is_chosen_by_its_score_is_not_left_though_it_had_no_room_as_a_must() -> None:
    choice = chosen(queue("reinspection", "reinspection", ""), 2, must_share=0.5)

    assert why(choice) == ["reinspection", "reinspection", ""]
    assert choice.left == {}


def test_what_was_handed_out_stays_and_what_nobody_can_reach_is_not_chosen() -> None:
    places = queue("", "", "", "")
    choice = chosen(
        places, 2, handed_out=np.array([False, False, False, True]), possible=np.array([False, True, True, True])
    )

    assert why(choice) == ["", "score", "", "score"]


def test_an_area_below_its_floor_gets_its_best_place_for_the_lowest_score_elsewhere() -> None:
    places = queue("", "", "", "", area=["A", "A", "B", "B"], score=[0.5, 0.4, 0.3, 0.2])

    without, with_floor = chosen(places, 2), chosen(places, 2, floor=0.9)

    assert why(without) == ["score", "score", "", ""]
    assert why(with_floor) == ["score", "", "floor", ""]
    assert with_floor.finds_without_floor == pytest.approx(without.finds) == pytest.approx(0.9)
    assert with_floor.finds == pytest.approx(0.8)


def test_the_best_places_of_an_area_are_needed_until_its_floor_is_reached() -> None:
    places = queue("", "", "", "", area=["A", "A", "A", "B"], score=[0.5, 0.4, 0.3, 0.2])

    # Business as usual finds 1.2 in A, of which the floor asks for 0.84 and, exactly what two places hold, 0.9.
    for floor in (0.7, 0.75):
        assert list(chosen(places, 4, floor=floor).places["is_needed"]) == [True, True, False, True]
    assert not chosen(places, 4).places["is_needed"].any()


def test_of_several_reasons_the_first_that_holds_is_named() -> None:
    places = pd.DataFrame(
        {
            "is_random_draw": [True, True, False, False, False],
            "is_on_list": [True, False, True, True, True],
            "is_reinspection_open": [True, True, True, False, False],
            "days_overdue": [5.0, 5.0, 5.0, 1.0, 0.0],
        }
    )

    assert list(must_reasons(places)) == ["random", "reinspection", "reinspection", "overdue", ""]
