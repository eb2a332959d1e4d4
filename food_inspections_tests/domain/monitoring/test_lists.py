from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.evaluation.proportions import proportion
from food_inspections.domain.monitoring.lists import is_in_time, judged_lists

MONDAY = date(2024, 6, 3)
NO_DECISIONS = pd.DataFrame({"establishment_id": [], "is_override": []})


def queue(*listed: str, others: tuple[str, ...] = ()) -> pd.DataFrame:
    ids = [*listed, *others]
    return pd.DataFrame(
        {
            "establishment_id": ids,
            "score": np.linspace(0.9, 0.1, len(ids)),
            "label": 1,
            "is_on_list": [place in listed for place in ids],
            "is_random_draw": False,
        }
    )


def visits(*rows: tuple[str, int, int]) -> pd.DataFrame:
    """Visits by establishment, day of the week and outcome."""
    frame = pd.DataFrame(rows, columns=["establishment_id", "day", "outcome"])
    days = pd.Timestamp(MONDAY) + pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(inspection_id=range(len(frame)), inspection_date=days)


def places(**rows: tuple[float, int]) -> pd.DataFrame:
    """Own past rate and days since the last visit, by establishment."""
    columns = ["own_failure_rate", "days_since_last_visit"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("establishment_id").reset_index()


def judged(*arguments: Any) -> pd.DataFrame:
    return judged_lists(*arguments, label="fail").set_index(["source", "metric"])


def test_what_was_found_on_the_list_and_off_it() -> None:
    seen = visits(("a", 0, 1), ("a", 3, 0), ("b", 1, 0), ("x", 1, 1), ("y", 2, 1), ("y", 0, 0))
    rows = judged(seen, queue("a", "b", "c", "d", others=("x",)), places(), NO_DECISIONS)
    assert list(rows.index) == [("queue", "share_visited"), ("queue", "failure_rate"), ("off_list", "failure_rate")]
    share, on, off = (rows.iloc[number] for number in range(3))
    assert (share["value"], share["row_count"], share["positives"]) == (0.5, 4, 1)
    assert (on["value"], on["row_count"], on["positives"]) == (0.5, 2, 1)
    assert (off["value"], off["row_count"], off["positives"]) == (0.5, 2, 1), "the first visit to y found nothing"
    assert on["coverage"] == off["coverage"] == 0.5


def test_a_visit_of_unknown_outcome_is_a_visit_and_in_no_rate() -> None:
    known = (("a", 0, 1), ("b", 1, 0), ("x", 1, 1))
    seen = visits(*known, ("c", 2, 0), ("y", 2, 0))
    seen = seen.assign(outcome=seen["outcome"].astype("Int64").mask(seen["establishment_id"].isin(["c", "y"])))

    rows = judged(seen, queue("a", "b", "c", "d"), places(), NO_DECISIONS)

    share = rows.loc[("queue", "share_visited")]
    assert (share["value"], share["row_count"], share["coverage"]) == (3 / 4, 4, 3 / 5)
    for source, count, positives in (("queue", 2, 1), ("off_list", 1, 1)):
        rate = rows.loc[(source, "failure_rate")]
        assert (rate["row_count"], rate["positives"]) == (count, positives)


def test_a_heuristic_gets_as_many_visits_as_the_list_got() -> None:
    seen = visits(("a", 0, 1), ("b", 1, 0), ("x", 1, 1), ("y", 2, 0), ("new", 2, 1))
    known = places(a=(0.1, 700), b=(0.2, 10), x=(0.8, 20), y=(0.5, 900), unseen=(0.9, 999))
    rows = judged(seen, queue("a", "b", "unseen", others=("x", "y")), known, NO_DECISIONS)
    past = rows.loc[("past_rate", "precision_at_capacity")]
    overdue = rows.loc[("most_overdue", "precision_at_capacity")]
    assert (past["row_count"], past["positives"]) == (2, 1), "x and y, of which x failed"
    assert (overdue["row_count"], overdue["positives"]) == (2, 1), "y and a, of which a failed"


def test_ties_of_a_heuristic_are_broken_by_id_whatever_the_order() -> None:
    seen = visits(("a", 0, 1), ("b", 1, 0), ("c", 1, 0))
    known = places(a=(0.2, 5), b=(0.2, 5), c=(0.2, 5))
    forward = judged(seen, queue("c", others=("a", "b")), known, NO_DECISIONS)
    backward = judged(seen.iloc[::-1], queue("c", others=("b", "a")), known.iloc[::-1], NO_DECISIONS)
    assert forward.loc[("past_rate", "precision_at_capacity"), "positives"] == 1
    pd.testing.assert_frame_equal(forward, backward)


def test_a_line_is_overridden_by_any_decision_on_it() -> None:
    seen = visits(("a", 0, 1), ("b", 1, 0), ("c", 1, 1))
    decided = pd.DataFrame(
        [("a", True), ("a", False), ("b", False), ("c", True), ("d", True)], columns=["establishment_id", "is_override"]
    )
    rows = judged(seen, queue("a", "b", "c", "d"), places(), decided)
    followed, overridden = rows.loc[("followed", "failure_rate")], rows.loc[("overridden", "failure_rate")]
    assert (followed["row_count"], followed["positives"], followed["coverage"]) == (1, 0, 1.0)
    assert (overridden["row_count"], overridden["positives"]) == (2, 2), "who took a, and did it, overrode"
    assert overridden["coverage"] == pytest.approx(2 / 3)


def test_what_was_decided_when_the_result_was_known_does_not_count() -> None:
    seen = visits(("a", 1, 1), ("a", 3, 0))
    times = ["2024-06-05T04:59Z", "2024-06-05T05:00Z", "2024-06-10T04:59Z", "2024-06-10T05:00Z"]
    decided = pd.DataFrame({"establishment_id": ["a", "a", "b", "b"], "decided_at": pd.to_datetime(times, utc=True)})
    assert list(is_in_time(decided, seen, MONDAY, ZoneInfo("America/Chicago"))) == [True, False, True, False]
    assert list(is_in_time(decided[:0], seen, MONDAY, ZoneInfo("America/Chicago"))) == []


def test_a_place_whose_past_is_unknown_is_in_no_order_of_past_rates() -> None:
    known = places(a=(0.2, 10), b=(float("nan"), 900))
    rows = judged(visits(("a", 0, 1), ("b", 1, 0)), queue("a"), known, NO_DECISIONS)
    assert rows.loc[("past_rate", "precision_at_capacity"), "positives"] == 1


def test_a_week_without_visits_is_judged_without_a_value() -> None:
    rows = judged(visits(), queue("a", "b"), places(a=(0.2, 5)), NO_DECISIONS)
    assert rows.loc[("queue", "share_visited"), "value"] == 0
    assert rows.loc[("queue", "failure_rate")].isna()[["value", "lower", "upper", "coverage"]].all()


def test_an_interval_holds_its_value_and_stays_a_share() -> None:
    for positives, count in ((0, 3), (3, 3), (7, 40)):
        interval = proportion(positives, count)
        assert 0 <= interval.lower <= interval.value <= interval.upper <= 1
        assert interval.lower < interval.upper, "few visits are never certain"
