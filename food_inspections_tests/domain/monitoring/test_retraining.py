"""When a new model is asked for: hardly ever where nothing has happened, soon where the city has changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
import pytest

from food_inspections.domain.learning import training
from food_inspections.domain.learning.explanations import importance
from food_inspections.domain.monitoring import retraining
from food_inspections.domain.monitoring.retraining import RetrainingDecision, Watch
from food_inspections.domain.weeks import monday_of
from food_inspections.portal.sample_city import make_inspections
from food_inspections_tests.domain.first_city import build_features, clean

WEEK = timedelta(weeks=1)
FIRST = date(2012, 1, 2)
CUTOFF = FIRST + WEEK * 104
WATCHED = 52
SHIFTED_FROM = CUTOFF + WEEK * 20


@dataclass(frozen=True)
class Watched:
    """A model made once, and the decisions of the year after it."""

    decisions: dict[date, RetrainingDecision]

    @property
    def alarms(self) -> list[date]:
        return [week for week, decision in self.decisions.items() if decision.is_retraining]


def year_of(seed: int, shift_size: float) -> Watched:
    """A year of weekly decisions on one model that is never replaced: the hardest case for false alarms."""
    raw = make_inspections(
        seed,
        FIRST,
        CUTOFF + WEEK * WATCHED - timedelta(days=1),
        3_000,
        shift_from=SHIFTED_FROM if shift_size else None,
        shift_size=shift_size,
    ).drop(columns="published_at")
    raw.insert(0, "week", monday_of(pd.to_datetime(raw["inspection_date"].str.slice(0, 10))))
    visits = clean(raw).inspections
    rows = build_features(visits, visits)
    rows["outcome"] = rows["label_fail"]
    candidate = training.fit_candidate(rows, "logistic_regression", "fail", CUTOFF)
    model = candidate.model
    reference = rows[rows["inspection_id"].isin(candidate.validation_scores["inspection_id"])]
    rows = retraining.with_steady_scores(model, reference, rows.assign(score=model.score(rows)))
    reference = rows.loc[reference.index]
    important = retraining.important_features(importance(model, reference)["feature"].tolist())
    history = rows[rows["inspection_date"] < pd.Timestamp(CUTOFF)]
    movements = retraining.own_movements(history, important, model.inputs.numeric)
    decisions: dict[date, RetrainingDecision] = {}
    last = None
    for week in (CUTOFF + WEEK * number for number in range(3, WATCHED)):
        newest = rows[(rows["week"] > pd.Timestamp(week - WEEK * 4)) & (rows["week"] <= pd.Timestamp(week))]
        seen = retraining.watch(reference, newest, movements, important, model.inputs.numeric)
        decisions[week] = retraining.decide(seen, week, CUTOFF, last)
        last = week if decisions[week].is_retraining else last
    return Watched(decisions)


def test_unchanged_cities_raise_less_than_one_false_alarm_a_year() -> None:
    alarms = [year_of(seed, 0.0).alarms for seed in (1, 2, 3)]
    assert sum(map(len, alarms)) < len(alarms), alarms


@pytest.mark.parametrize("seed", [1, 3])
def test_a_city_that_changes_raises_an_alarm_within_ten_weeks(seed: int) -> None:
    watched = year_of(seed, 0.5)
    soon = [week for week in watched.alarms if SHIFTED_FROM <= week < SHIFTED_FROM + WEEK * 10]
    assert soon, {week: decision.reason for week, decision in watched.decisions.items()}


def calm(**changes: object) -> Watch:
    seen = Watch(4, 400, (0.05, 0.2), (0.65, 0.55), (100, 98.0, 0.2), {f"f{n}": (0.1, 0.2) for n in range(10)})
    return replace(seen, **changes)  # type: ignore[arg-type]


def decided(seen: Watch, weeks_after: int = 8, last: date | None = None) -> RetrainingDecision:
    return retraining.decide(seen, CUTOFF + WEEK * weeks_after, CUTOFF, last)


def test_what_is_within_its_bounds_asks_for_nothing() -> None:
    decision = decided(calm())
    assert (decision.is_retraining, decision.rule) == (False, "none")
    assert decision.reason == "scores, AUC and features are within their bounds"


def test_each_rule_asks_for_a_new_model_and_names_its_numbers() -> None:
    moved = {f"f{n}": (0.3 if n < 3 else 0.1, 0.2) for n in range(10)}
    found = {
        "score_drift": decided(calm(score_psi=(0.21, 0.2))),
        "performance": decided(calm(auc=(0.54, 0.55))),
        "outcome_drift": decided(calm(outcome=(150, 98.0, 5.4))),
        "feature_drift": decided(calm(features=moved)),
    }
    assert {name: (each.rule, each.is_retraining) for name, each in found.items()} == {
        name: (name, True) for name in found
    }
    assert found["score_drift"].values["score_psi"] == {"value": 0.21, "bound": 0.2}
    assert found["feature_drift"].reason == "3 of 10 important features moved: f0, f1, f2"


def test_two_moved_features_are_not_enough() -> None:
    moved = {f"f{n}": (0.3 if n < 2 else 0.1, 0.2) for n in range(10)}
    assert decided(calm(features=moved)).rule == "none"


def test_a_significant_but_small_surplus_asks_for_nothing() -> None:
    assert decided(calm(outcome=(1100, 1000.0, 4.5))).rule == "none"


def test_fewer_than_four_complete_weeks_decide_nothing() -> None:
    assert decided(calm(weeks=3, score_psi=(9.0, 0.2))).rule == "too_early"


@pytest.mark.parametrize(("weeks_after", "rule"), [(2, "cool_down"), (3, "score_drift")])
def test_a_new_model_gets_four_weeks(weeks_after: int, rule: str) -> None:
    assert decided(calm(score_psi=(9.0, 0.2)), weeks_after).rule == rule


@pytest.mark.parametrize(("weeks_ago", "rule"), [(2, "cool_down"), (3, "score_drift")])
def test_a_decision_to_retrain_is_not_repeated_for_four_weeks(weeks_ago: int, rule: str) -> None:
    decision = decided(calm(score_psi=(9.0, 0.2)), 20, CUTOFF + WEEK * (20 - weeks_ago))
    assert decision.rule == rule


def test_what_was_seen_survives_as_json() -> None:
    seen = calm(auc=None, features={"f": (0.1, None)})
    assert Watch.from_json(seen.as_json()) == seen
    # PostgreSQL sorts the keys: bounds once stood in for values, and every healthy model was retrained.
    assert Watch.from_json(json.loads(json.dumps(seen.as_json(), sort_keys=True))) == seen


def frame(values: Sequence[float]) -> pd.DataFrame:
    return pd.DataFrame({"feature": values})


def test_the_table_of_moves_marks_what_moved_by_over_fifteen_percent() -> None:
    table = retraining.moves(frame([1.0, 2.0, 3.0, 4.0]), frame([1.0, 2.0, 3.0, 6.0]), ["feature"]).set_index(
        "statistic"
    )
    assert table.loc["mean", ["reference", "current", "change_percent"]].tolist() == [2.5, 3.0, 20.0]
    assert table["is_over"].to_dict() == {
        "mean": True,
        "standard_deviation": True,
        "median": False,
        "upper_quartile": True,
    }


def test_a_move_from_zero_has_no_percentage_and_is_marked() -> None:
    table = retraining.moves(frame([0.0, 0.0]), frame([0.0, 1.0]), ["feature"])
    assert table["change_percent"].isna().all()
    assert table["is_over"].tolist() == [True, True, True, True]


def test_without_inspections_there_are_no_moves() -> None:
    assert retraining.moves(frame([]), frame([1.0]), ["feature"]).empty


def judged(first: str, weeks: int, score: float = 0.5) -> pd.DataFrame:
    """Two visits a week, one of them a failure, that the model tells apart."""
    days = pd.date_range(first, periods=weeks, freq="7D").repeat(2)
    scores = [score - 0.1, score + 0.1] * weeks
    return pd.DataFrame(
        {
            "inspection_date": days,
            "score": scores,
            "outcome": [0, 1] * weeks,
            "steady_score": scores,
            "feature": [float(number) for number in range(2 * weeks)],
        }
    )


def moved_by(distances: dict[int, float], pairs: int = 10) -> pd.DataFrame:
    """So many pairs of the past at each distance in blocks of four weeks, all moved alike."""
    rows = [(apart, moved, moved) for apart, moved in distances.items() for _ in range(pairs)]
    return pd.DataFrame(rows, columns=["blocks_apart", "steady_score", "feature"])


REFERENCE = judged("2013-01-07", 8)
FARTHER_IS_MORE = moved_by({1: 10.0, 2: 20.0, 3: 30.0, 4: 40.0, 5: 50.0})


@pytest.mark.parametrize(("weeks_later", "reach"), [(4, 20.0), (8, 20.0), (12, 30.0), (13, 40.0), (17, 50.0)])
def test_a_bound_knows_how_far_things_move_over_the_same_time(weeks_later: int, reach: float) -> None:
    newest = REFERENCE["inspection_date"].max() + pd.Timedelta(weeks=weeks_later)
    current = judged(str(newest - pd.Timedelta(weeks=3)), 4)
    seen = retraining.watch(REFERENCE, current, FARTHER_IS_MORE, ["feature"], ["feature"])
    assert seen.features["feature"][1] == pytest.approx(1.1 * reach)
    assert seen.score_psi is not None
    assert seen.score_psi[1] == pytest.approx(1.1 * reach)


def test_scores_that_hardly_moved_in_the_past_keep_the_bound_of_chance() -> None:
    current = judged("2013-03-04", 4)
    seen, alone = (
        retraining.watch(REFERENCE, current, movements, ["feature"], ["feature"])
        for movements in (moved_by({1: 1e-6}), moved_by({}))
    )
    assert seen.score_psi == alone.score_psi
    assert seen.features["feature"][1] == pytest.approx(1.1e-6)


@pytest.mark.parametrize(("pairs", "is_known"), [(9, False), (10, True)])
def test_ten_pairs_of_the_past_are_needed_for_a_bound(pairs: int, is_known: bool) -> None:
    seen = retraining.watch(REFERENCE, judged("2013-03-04", 4), moved_by({1: 1.0}, pairs), ["feature"], ["feature"])
    assert (seen.features["feature"][1] is not None) is is_known


def test_what_is_found_is_compared_with_what_the_scores_promised() -> None:
    current = judged("2013-03-04", 4).assign(score=0.5, outcome=1)
    seen = retraining.watch(REFERENCE, current, moved_by({}), ["feature"], ["feature"])
    assert seen.outcome == (8, 4.0, pytest.approx(4 / 2**0.5))
    assert (seen.weeks, seen.rows) == (4, 8)
    assert seen.auc is None, "not defined where everything failed"


def test_scores_without_doubt_deviate_by_nothing() -> None:
    current = judged("2013-03-04", 4).assign(score=1.0, outcome=1)
    seen = retraining.watch(REFERENCE, current, moved_by({}), ["feature"], ["feature"])
    assert seen.outcome == (8, 8.0, 0.0)


def test_the_auc_may_fall_by_three_standard_errors_of_the_difference() -> None:
    current = judged("2013-03-04", 1, 0.5).assign(score=0.5, outcome=[0, 1])
    current = pd.concat([current, current], ignore_index=True)
    seen = retraining.watch(REFERENCE, current, moved_by({}), ["feature"], ["feature"])
    # Hanley and McNeil: 1/4 + 1/12 + 1/12, over 2 x 2; a perfect ranking has no error.
    assert seen.auc == (0.5, pytest.approx(1 - 3 * ((1 / 4 + 2 / 12) / 4) ** 0.5))


def test_without_rows_nothing_is_measured() -> None:
    nothing = judged("2013-03-04", 0).astype(REFERENCE.dtypes.to_dict())
    for reference, current in ((REFERENCE, nothing), (nothing, judged("2013-03-04", 4))):
        seen = retraining.watch(reference, current, moved_by({}), ["feature"], ["feature"])
        assert (seen.score_psi, seen.auc, seen.outcome, dict(seen.features)) == (None, None, None, {})
        assert seen.rows == len(current)


def test_a_model_newer_than_the_last_retraining_starts_the_four_weeks() -> None:
    """A roll-back by hand, say, long after the last decision to retrain."""
    decision = decided(calm(score_psi=(9.0, 0.2)), 2, CUTOFF - WEEK * 30)
    assert decision.rule == "cool_down"
    assert f"decided for {CUTOFF}" in decision.reason


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"score_psi": (0.2, 0.2)}, "score_drift"),
        ({"auc": (0.55, 0.55)}, "none"),
        ({"outcome": (150, 98.0, 4.0)}, "outcome_drift"),
        ({"outcome": (46, 98.0, -5.4)}, "outcome_drift"),
        ({"outcome": (115, 100.0, 4.5)}, "none"),
        ({"outcome": (150, 98.0, 3.9)}, "none"),
        ({"features": {f"f{n}": (0.2, 0.2) for n in range(10)}}, "none"),
        ({"features": {f"f{n}": (9.0, None) for n in range(10)}}, "none"),
        ({"score_psi": None, "auc": None, "outcome": None}, "none"),
    ],
)
def test_on_the_line(changes: dict[str, object], rule: str) -> None:
    assert decided(calm(**changes)).rule == rule


def test_a_history_too_short_for_bounds_is_told() -> None:
    features = {"known": (0.1, 0.2), "unknown": (9.0, None)}
    assert decided(calm(features=features)).reason.endswith("; features: too little history")


def test_inputs_that_follow_the_calendar_are_not_watched() -> None:
    ranked = ["season_sin", *(f"f{number}" for number in range(12)), "season_cos"]
    assert retraining.important_features(ranked) == [f"f{number}" for number in range(10)]


def past(weeks: int) -> pd.DataFrame:
    """A history of one visit on each Monday, whose feature counts the weeks."""
    days = pd.date_range("2013-01-07", periods=weeks, freq="7D")
    numbers = [float(number) for number in range(weeks)]
    return pd.DataFrame({"inspection_date": days, "steady_score": [number / weeks for number in numbers], "f": numbers})


def test_the_past_is_compared_eight_weeks_with_four_later_ones() -> None:
    # The first half year is left out: what remains of 50 weeks are six blocks of four.
    found = retraining.own_movements(past(50), ["f"], ["f"])
    assert found["blocks_apart"].value_counts().to_dict() == {1: 4, 2: 3, 3: 2, 4: 1}
    assert (found["f"] > 0).all()


def test_only_the_last_two_years_of_the_past_count() -> None:
    found = [len(retraining.own_movements(past(weeks), ["f"], ["f"])) for weeks in (26 + 104, 26 + 130)]
    assert found == [25 * 24 // 2] * 2


def test_no_past_gives_no_movements() -> None:
    assert retraining.own_movements(past(0), ["f"], ["f"]).columns.tolist() == ["blocks_apart", "steady_score", "f"]
