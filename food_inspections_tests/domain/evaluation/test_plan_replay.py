from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from food_inspections.domain.evaluation.metrics import days
from food_inspections.domain.evaluation.plan_replay import (
    WHAT_SCORES_KNOW,
    PlanReplay,
    Scores,
    reordered,
    replay_plan,
    report,
)


def visits(size: int = 240) -> pd.DataFrame:
    """Eight weeks; the north has the higher scores and is really visited as often as the south."""
    rng = np.random.default_rng(2)
    north = rng.random(size) < 0.5
    score = np.clip(rng.beta(2, 8, size) + 0.2 * north, 0.01, 0.95)
    return pd.DataFrame(
        {
            "inspection_id": [f"{number:04}" for number in range(size)],
            "inspection_date": pd.Timestamp("2014-05-05")
            + pd.to_timedelta(np.sort(rng.integers(0, 56, size)), unit="D"),
            "establishment_id": [f"E{number}" for number in range(size)],
            "zip": np.where(north, "60601", "60655"),
            "score": score,
            "outcome": (rng.random(size) < score).astype(int),
            "latitude": np.where(north, 41.9, 41.7) + 0.05 * rng.random(size),
            "longitude": -87.7 + 0.05 * rng.random(size),
        }
    )


def known_beforehand() -> Scores:
    """Scores that no Monday changes."""
    scores = visits().set_index("inspection_id")["score"]
    return lambda _, made: scores[~scores.index.isin(made.index)]


@pytest.fixture(scope="module")
def replay() -> PlanReplay:
    return replay_plan(visits(), known_beforehand)


def test_the_ranking_lets_an_area_fall_behind_and_the_floor_does_not(replay: PlanReplay) -> None:
    areas = replay.areas.set_index("area")

    assert areas.loc["60655", "ranking_expected_days_earlier"] < 0
    assert (areas["floor_expected_days_earlier"] > -1e-9).all()
    assert areas.loc["all", "ranking_days_earlier"] > 0
    assert areas.loc["all", "floor_days_earlier"] == pytest.approx(
        replay.kept * areas.loc["all", "ranking_days_earlier"]
    )


def test_every_order_uses_each_real_date_as_often_as_it_was(replay: PlanReplay) -> None:
    for order in ("ranking", "floor"):
        assert sorted(replay.visits[order]) == sorted(replay.visits["inspection_date"])


def test_no_order_depends_on_what_was_found(replay: PlanReplay) -> None:
    other = replay_plan(visits().assign(outcome=lambda rows: 1 - rows["outcome"]), known_beforehand)

    pd.testing.assert_frame_equal(other.visits.drop(columns="outcome"), replay.visits.drop(columns="outcome"))


def test_without_a_floor_the_order_is_the_rankings() -> None:
    rows = visits().assign(area="everywhere")
    day, score = reordered(rows, days(rows["inspection_date"]), known_beforehand(), 0.0)

    assert score.tolist() == rows["score"].tolist()
    assert (np.diff(day[np.argsort(-score, kind="stable")]) >= 0).all()


def test_each_week_goes_by_scores_as_of_its_monday_which_know_what_was_visited_before() -> None:
    rows = visits(40).assign(area="everywhere")
    dates = days(rows["inspection_date"])
    asked: list[tuple[date, pd.Series]] = []

    def turning(monday: date, made: pd.Series) -> pd.Series:
        """Each Monday those of odd numbers are first, then those of even ones, in turn."""
        asked.append((monday, made))
        left = rows.loc[~rows["inspection_id"].isin(made.index), "inspection_id"]
        return left.astype(int).mod(2).eq(len(asked) % 2).astype(float).set_axis(left)

    day, _ = reordered(rows, dates, turning, 0.0)

    assert [monday for monday, _ in asked] == [date(2014, 5, 5) + timedelta(weeks=number) for number in range(8)]
    for monday, made in asked:
        assert (made < pd.Timestamp(monday)).all()
        assert len(made) == (rows["inspection_date"] < pd.Timestamp(monday)).sum()
    first_week = rows[day < day.min() - day.min() % 7 + 7]
    assert set(first_week["inspection_id"].astype(int) % 2) == {1}


def test_kilometres_are_compared_with_reality_of_the_same_freedom(replay: PlanReplay) -> None:
    assert list(replay.kilometres) == ["reality_by_day", "reality", "ranking", "floor"]
    assert 0 < replay.kilometres["reality"] < replay.kilometres["reality_by_day"]
    assert f"| {replay.kilometres['reality']:,.0f} |" in report(replay, date(2014, 5, 5), date(2014, 6, 29), 1.0)


def test_the_report_says_what_its_scores_know(replay: PlanReplay) -> None:
    assert WHAT_SCORES_KNOW in report(replay, date(2014, 5, 5), date(2014, 6, 29), 1.0)


def test_the_report_counts_the_areas_that_are_served_later(replay: PlanReplay) -> None:
    areas = replay.areas.assign(ranking_days_earlier=-1.0, ranking_expected_days_earlier=2.0)
    text = report(replace(replay, areas=areas), date(2014, 5, 5), date(2014, 6, 29), 1.0)

    count = len(areas) - 1
    row = next(line for line in text.splitlines() if line.startswith("| ranking alone |"))
    assert count > 1
    assert row.split(" | ")[3:5] == [f"0 of {count}", f"{count} of {count}"]


def test_the_report_names_both_orders(replay: PlanReplay) -> None:
    text = report(replay, date(2014, 5, 5), date(2014, 6, 29), 1.0)

    assert "| ranking alone |" in text
    assert "| with a floor of 1 |" in text
    assert "| 60655 |" in text
