import pandas as pd

from food_inspections.domain.monitoring.distributions import score_histograms
from food_inspections.orchestration.checks.monitoring import DRIFT_REPORT, QUEUE_PERFORMANCE, SCORE_DISTRIBUTIONS
from food_inspections_tests.orchestration.checks.scopes import WEEK, outcome, rows


def histograms() -> pd.DataFrame:
    validation = pd.DataFrame({"facility_type": ["Restaurant", "School"], "score": [0.2, 0.7]})
    parts = [score_histograms(validation, "validation"), score_histograms(validation.iloc[:0], "predictions")]
    return pd.concat(parts, ignore_index=True).assign(week=pd.Timestamp(WEEK))


def test_a_histogram_that_does_not_sum_to_one_is_named() -> None:
    assert outcome(SCORE_DISTRIBUTIONS, "shares_sum_to_one", histograms()).passed
    frame = histograms()
    frame.loc[frame["facility_type"] == "School", "share"] *= 0.5
    found = outcome(SCORE_DISTRIBUTIONS, "shares_sum_to_one", frame)
    assert not found.passed
    assert "School" in found.seen


def test_a_score_left_out_of_the_histogram_is_noticed() -> None:
    facts = {"scores": {"validation": 2, "predictions": 0}}
    assert outcome(SCORE_DISTRIBUTIONS, "holds_every_score", histograms(), facts).passed
    more = {"scores": {"validation": 3, "predictions": 0}}
    assert not outcome(SCORE_DISTRIBUTIONS, "holds_every_score", histograms(), more).passed
    only_by_type = histograms().query("facility_type != 'all'")
    assert not outcome(SCORE_DISTRIBUTIONS, "holds_every_score", only_by_type, facts).passed


def drift(**changes: object) -> pd.DataFrame:
    known = {"kind": ["score", "feature"], "name": ["score", "past_fail_rate"], "statistic": "psi"}
    return rows(**known, value=[0.05, 0.5], threshold=0.2, is_drifted=[False, True]).assign(**changes)


def seen(answer: str) -> dict[str, object]:
    verdict = {"question": "scores", "answer": answer, "statement": "The scores have moved."}
    return {"seen": {"verdicts": {"scores": verdict}}}


def test_the_verdicts_of_the_report_are_pointed_out_and_nothing_else() -> None:
    for answer, said in (("holds", "no drift"), ("cannot_tell", "cannot tell on scores")):
        found = outcome(DRIFT_REPORT, "no_drift", drift(is_drifted=True), seen(answer))
        assert (found.passed, found.seen) == (True, said)
    found = outcome(DRIFT_REPORT, "no_drift", drift(), seen("changed"))
    assert (found.passed, found.seen) == (False, "The scores have moved.")


def test_statistics_are_finite_and_stand_once() -> None:
    assert outcome(DRIFT_REPORT, "all_finite", drift()).passed
    assert not outcome(DRIFT_REPORT, "all_finite", drift(value=float("nan"))).passed
    assert outcome(DRIFT_REPORT, "no_duplicate_ids", drift()).passed
    assert not outcome(DRIFT_REPORT, "no_duplicate_ids", drift(kind="score", name="score")).passed


def test_coverage_is_a_share() -> None:
    frame = rows(source=["queue", "validation"], metric="roc_auc", coverage=[0.9, None])
    assert outcome(QUEUE_PERFORMANCE, "coverage", frame).passed
    assert not outcome(QUEUE_PERFORMANCE, "coverage", frame.assign(coverage=1.2)).passed
    assert not outcome(QUEUE_PERFORMANCE, "no_duplicate_ids", frame.assign(source="queue")).passed
