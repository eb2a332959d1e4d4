"""When a new model is asked for: where the drift report answers a question with a change, and not before."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import pytest

from food_inspections.domain.monitoring import retraining
from food_inspections.domain.monitoring.retraining import RetrainingDecision, Seen
from food_inspections.domain.monitoring.verdicts import Answer, Verdict

WEEK = timedelta(weeks=1)
CUTOFF = date(2014, 1, 6)


def seen(weeks: int = 4, **answers: Answer) -> Seen:
    given = dict.fromkeys(retraining.RULES, "holds") | answers
    return Seen.of(
        weeks, 400, [Verdict(name, answer, 0.1, 0.2, f"So are the {name}.") for name, answer in given.items()]
    )


def decided(found: Seen, weeks_after: int = 8, last: date | None = None) -> RetrainingDecision:
    return retraining.decide(found, CUTOFF + WEEK * weeks_after, CUTOFF, last)


def test_what_holds_asks_for_nothing() -> None:
    decision = decided(seen())
    assert (decision.is_retraining, decision.rule) == (False, "none")
    assert decision.reason == "scores, ranking, outcomes and features hold"


@pytest.mark.parametrize(("question", "rule"), retraining.RULES.items())
def test_every_answer_that_changed_asks_for_a_new_model_in_its_own_words(question: str, rule: str) -> None:
    decision = decided(seen(**{question: "changed"}))
    assert (decision.is_retraining, decision.rule, decision.reason) == (True, rule, f"So are the {question}.")
    assert decision.values["verdicts"][question]["answer"] == "changed"


def test_what_cannot_be_told_asks_for_nothing_and_is_told() -> None:
    decision = decided(seen(features="cannot_tell"))
    assert not decision.is_retraining
    assert decision.reason.endswith("; too little to say on features")


def test_fewer_than_four_complete_weeks_decide_nothing() -> None:
    decision = decided(seen(3, scores="changed"))
    assert (decision.is_retraining, decision.rule) == (False, "too_early")


@pytest.mark.parametrize(("weeks_after", "rule"), [(2, "cool_down"), (3, "score_drift")])
def test_a_new_model_gets_four_weeks(weeks_after: int, rule: str) -> None:
    decision = decided(seen(scores="changed"), weeks_after)
    assert (decision.is_retraining, decision.rule) == (rule != "cool_down", rule)


@pytest.mark.parametrize(("weeks_ago", "rule"), [(2, "cool_down"), (3, "score_drift")])
def test_a_decision_to_retrain_is_not_repeated_for_four_weeks(weeks_ago: int, rule: str) -> None:
    decision = decided(seen(scores="changed"), 20, CUTOFF + WEEK * (20 - weeks_ago))
    assert (decision.is_retraining, decision.rule) == (rule != "cool_down", rule)


def test_a_model_newer_than_the_last_retraining_starts_the_four_weeks() -> None:
    """A roll-back by hand, say, long after the last decision to retrain."""
    decision = decided(seen(scores="changed"), 2, CUTOFF - WEEK * 30)
    assert decision.rule == "cool_down"
    assert f"decided for {CUTOFF}" in decision.reason


def test_what_was_seen_survives_as_json() -> None:
    found = seen(ranking="cannot_tell")
    assert Seen.from_json(found.as_json()) == found
    # PostgreSQL sorts the keys: bounds once stood in for values, and every healthy model was retrained.
    assert Seen.from_json(json.loads(json.dumps(found.as_json(), sort_keys=True))) == found


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
