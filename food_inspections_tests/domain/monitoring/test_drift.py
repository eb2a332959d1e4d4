"""What is said of drift: nothing where nothing happened, the truth where something did, and when it is too early."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks import drift as benchmark
from food_inspections.domain.monitoring.drift import (
    COLUMNS,
    SCORE,
    Drift,
    Watched,
    measure,
)
from food_inspections.domain.monitoring.histograms import jensen_shannon, population_stability_index

WATCHED = Watched(["number", "growing"], {"number": 0.6, "kind": 0.3, "growing": 0.1, "season_sin": 0.2})
CUTOFF = pd.Timestamp("2015-06-01")


def weeks_of(first: pd.Timestamp, weeks: int, a_week: int = 60, seed: int = 0, **changes: float) -> pd.DataFrame:
    """Inspections of some weeks: a count that grows for ever, and things that stay as they are but for the changes."""
    generator = np.random.default_rng(seed)
    rows = weeks * a_week
    week = np.repeat(np.arange(weeks), a_week)
    day = first + pd.to_timedelta(7 * week + generator.integers(0, 5, rows), unit="D")
    score = np.clip(generator.beta(2, 8, rows) + changes.get("score", 0.0), 0.01, 0.99)
    risen = np.clip(score * changes.get("outcomes", 1.0), 0, 1)
    return pd.DataFrame(
        {
            "inspection_date": day,
            "score": score,
            SCORE: score,
            "outcome": (generator.random(rows) < risen).astype(int),
            "number": generator.normal(size=rows) + changes.get("number", 0.0),
            "growing": (day - pd.Timestamp("2013-01-07")).days + generator.integers(0, 30, rows),
            "kind": generator.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2]),
            "season_sin": 0.5,
        }
    )


HISTORY = weeks_of(CUTOFF - pd.Timedelta(weeks=120), 120)
REFERENCE = HISTORY[HISTORY["inspection_date"] >= CUTOFF - pd.Timedelta(weeks=8)]


def found(weeks: int = 4, **changes: float) -> Drift:
    return measure(REFERENCE, weeks_of(CUTOFF, weeks, seed=9, **changes), HISTORY, WATCHED)


def answers(drift: Drift) -> dict[str, str]:
    return {verdict.question: verdict.answer for verdict in drift.verdicts}


def test_a_city_that_goes_on_as_it_was_has_not_changed_though_its_history_grows() -> None:
    drift = found()
    assert set(answers(drift).values()) == {"holds"}
    growing = drift.table.set_index("name").loc["growing"]
    assert growing["value"] > 0.3, "by any customary threshold it would have drifted"
    assert not growing["is_drifted"]


@pytest.mark.parametrize(
    ("changes", "question"),
    [({"score": 0.15}, "scores"), ({"number": 1.0}, "features"), ({"outcomes": 2.0}, "outcomes")],
)
def test_what_changed_is_named(changes: dict[str, float], question: str) -> None:
    drift = found(**changes)
    assert answers(drift)[question] == "changed"
    verdict = next(each for each in drift.verdicts if each.question == question)
    assert verdict.value is not None
    assert verdict.bound is not None
    assert verdict.value >= verdict.bound
    assert verdict.statement.endswith(".")


def test_a_feature_that_carries_little_changes_no_answer() -> None:
    light = Watched(["number", "growing"], {"kind": 0.9, "number": 0.09, "growing": 0.01})
    drift = measure(REFERENCE, weeks_of(CUTOFF, 4, seed=9, number=1.0), HISTORY, light)
    assert drift.table.set_index("name").loc["number", "is_drifted"]
    assert answers(drift)["features"] == "holds"


def test_the_calendar_is_not_watched() -> None:
    assert "season_sin" not in set(found().table["name"])


@pytest.mark.parametrize(("weeks", "answer"), [(1, "cannot_tell"), (2, "holds")])
def test_right_after_a_selection_it_is_too_early_to_say(weeks: int, answer: str) -> None:
    drift = found(weeks)
    assert set(answers(drift).values()) == {answer}
    assert drift.table.empty == (answer == "cannot_tell")


def test_reference_and_current_never_share_a_day() -> None:
    both = pd.concat([REFERENCE, weeks_of(CUTOFF, 3, seed=9)])
    drift = measure(REFERENCE, both, HISTORY, WATCHED)
    assert drift.weeks == 3
    assert drift.reference.last is not None
    assert drift.current.first is not None
    assert drift.reference.last < drift.current.first
    assert set(answers(measure(REFERENCE, REFERENCE, HISTORY, WATCHED)).values()) == {"cannot_tell"}


def test_a_short_history_cannot_tell_how_far_things_move_by_themselves() -> None:
    drift = measure(REFERENCE, weeks_of(CUTOFF, 4, seed=9, number=5.0), REFERENCE, WATCHED)
    assert answers(drift) == {
        "scores": "cannot_tell",
        "features": "cannot_tell",
        "outcomes": "holds",
        "ranking": "holds",
    }


def test_outcomes_that_nobody_knows_are_left_out_and_none_at_all_cannot_tell() -> None:
    current = weeks_of(CUTOFF, 4, seed=9)
    known = measure(REFERENCE, current.iloc[:100], HISTORY, WATCHED)
    some = measure(
        REFERENCE, pd.concat([current.iloc[:100], current.iloc[100:].assign(outcome=None)]), HISTORY, WATCHED
    )
    outcomes = [drift.table[drift.table["kind"] == "outcome"]["value"].tolist() for drift in (known, some)]
    assert outcomes[0] == pytest.approx(outcomes[1])
    nobody = answers(measure(REFERENCE, current.assign(outcome=float("nan")), HISTORY, WATCHED))
    assert (nobody["outcomes"], nobody["ranking"]) == ("cannot_tell", "cannot_tell")
    assert nobody["scores"] == "holds"


def test_no_rows_no_answer() -> None:
    for reference, current in ((REFERENCE, REFERENCE.iloc[:0]), (REFERENCE.iloc[:0], REFERENCE)):
        drift = measure(reference, current, HISTORY, WATCHED)
        assert set(answers(drift).values()) == {"cannot_tell"}
        assert list(drift.table.columns) == list(COLUMNS)


def test_every_number_follows_from_the_stored_counts() -> None:
    drift = found(number=0.3, score=0.05)
    for (kind, name), bins in drift.distributions.groupby(["kind", "name"]):
        row = drift.table[(drift.table["kind"] == kind) & (drift.table["name"] == name)].iloc[0]
        distance = population_stability_index if kind == "score" else jensen_shannon
        assert row["value"] == pytest.approx(float(distance(bins["reference_count"], bins["current_count"])))
        assert bins["reference_count"].sum() == row["reference_rows"]
        assert bins["current_count"].sum() == row["current_rows"]


def test_features_are_corrected_for_how_many_are_looked_at() -> None:
    table = found(number=0.4).table
    features = table[table["kind"] == "feature"]
    expected = stats.false_discovery_control(features["p_value"].astype(float))
    assert features["adjusted_p_value"].tolist() == pytest.approx(expected.tolist())
    assert features["is_drifted"].tolist() == (expected < 0.05).tolist()
    assert ((features["value"] >= features["threshold"]) == features["is_drifted"]).all()


def test_statistics_on_literal_histograms() -> None:
    assert float(jensen_shannon([10, 0], [0, 5])) == pytest.approx(1.0)
    assert float(jensen_shannon([10, 10], [3, 3])) == pytest.approx(0.0)
    large = float(population_stability_index([50_000, 50_000], [20_000, 80_000]))
    assert large == pytest.approx(0.3 * np.log(0.5 / 0.2) + 0.3 * np.log(0.8 / 0.5), abs=1e-3)


def test_an_unchanged_city_raises_one_alarm_in_a_year_at_most_and_a_changed_one_within_four_weeks() -> None:
    still, moved = benchmark.watch_a_year(1), benchmark.watch_a_year(3, 0.5)
    assert len(still.alarms) <= 1, still.changed
    seen = [week for week in moved.changed if week >= benchmark.SHIFTED_FROM]
    assert min(seen) < benchmark.SHIFTED_FROM + timedelta(weeks=4)
    assert not [week for week in moved.alarms if week < benchmark.SHIFTED_FROM]
