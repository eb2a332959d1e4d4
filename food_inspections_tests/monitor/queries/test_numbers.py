"""What the queries aggregate in SQL, worked out again from the rows."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection

from food_inspections.monitor.queries import drift, fairness, overview, performance, pipeline, scores
from food_inspections.monitor.queries.reading import read
from food_inspections_tests.monitor.conftest import Filled


def accepted(connection: Connection, asset: str) -> set[date]:
    rows = read(
        connection,
        "SELECT DISTINCT ON (week) week, status FROM metadata.materializations WHERE asset = :asset "
        "ORDER BY week, sequence DESC",
        asset=asset,
    )
    return set(rows.loc[rows["status"] == "accepted", "week"])


def test_only_accepted_weeks_have_distributions(connection: Connection, filled: Filled) -> None:
    weeks = scores.weeks(connection)
    assert weeks == sorted(accepted(connection, "score_distributions"), reverse=True)
    assert filled.seeded.rejected_week not in weeks
    assert len(weeks) == len(filled.seeded.weeks) - 1


def test_a_histogram_counts_the_predictions_of_its_week(connection: Connection, filled: Filled) -> None:
    week = filled.seeded.weeks[-1]
    bins = scores.histograms(connection, week, "predictions", ["Restaurant"])
    predictions = read(
        connection,
        "SELECT score FROM data.predictions WHERE week = :week AND facility_type = 'Restaurant'",
        week=week,
    )
    assert list(bins["count"]) == list(np.histogram(predictions["score"], np.linspace(0, 1, 41))[0])
    assert bins["share"].sum() == pytest.approx(1)
    assert set(scores.histograms(connection, week, "validation")["facility_type"]) >= {"all", "Restaurant"}


def test_kinds_are_listed_by_how_often_they_were_visited(connection: Connection, filled: Filled) -> None:
    kinds = scores.facility_types(connection, filled.seeded.weeks[-1])
    assert kinds[:2] == ["all", "Restaurant"]
    assert len(kinds) == len(set(kinds))


def test_drift_of_a_week_and_over_time(connection: Connection, filled: Filled) -> None:
    weeks = drift.weeks(connection)
    assert weeks[0] == filled.seeded.weeks[-1]
    first = weeks[9]
    series = drift.series(connection, "score", "score", first, weeks[2])
    assert (series["week"].min(), series["week"].max()) == (first, weeks[2])
    assert set(series["statistic"]) == {"psi"}
    assert set(drift.series(connection, "outcome", "outcome", first, weeks[0])["statistic"]) == {"deviations"}
    features = drift.features(connection, weeks[0])
    assert features["is_drifted"].tolist() == sorted(features["is_drifted"], reverse=True)
    assert drift.distribution(connection, weeks[0], features["name"][0])["current_count"].sum() > 0


def test_the_verdict_on_features_is_what_those_that_moved_carry(connection: Connection, filled: Filled) -> None:
    week = filled.seeded.weeks[-1]
    features = drift.features(connection, week)
    carried = features.loc[features["is_drifted"].eq(True), "importance"].sum()
    verdicts = drift.verdicts(connection, week).set_index("question")
    assert verdicts.loc["features", "value"] == pytest.approx(carried)
    assert verdicts.loc["features", "answer"] == ("changed" if carried >= 0.1 else "holds")
    assert drift.moved_share(connection, week, week)["value"].tolist() == pytest.approx([carried])


def test_weeks_in_a_row_that_changed_are_one_alarm(connection: Connection, filled: Filled) -> None:
    weeks = filled.seeded.weeks
    alarms = drift.alarms(connection, weeks[-1], 20)
    expected = []
    for question in ("features", "outcomes", "ranking", "scores"):
        changed = [
            week
            for week in weeks
            if drift.verdicts(connection, week).set_index("question").loc[question, "answer"] == "changed"
        ]
        starts = [week for week in changed if week - timedelta(weeks=1) not in changed]
        expected += [(question, start) for start in starts]
    assert sorted(zip(alarms["question"], alarms["since"], strict=True)) == sorted(expected)
    assert ("scores", weeks[-4]) in expected
    assert alarms.loc[alarms["question"] == "scores", "weeks"].max() == 4


def test_decisions_tell_every_retraining_and_the_newest_that_were_none(connection: Connection, filled: Filled) -> None:
    rows = drift.decisions(connection, "fail", filled.seeded.weeks[-1], 12)
    assert list(rows.loc[rows["is_retraining"], "week"]) == sorted(filled.seeded.selection_weeks[1:], reverse=True)
    assert (~rows["is_retraining"].astype(bool)).sum() == 3
    assert rows["week"].is_monotonic_decreasing
    assert drift.decisions(connection, "critical", filled.seeded.weeks[-1], 12).empty
    earlier = drift.decisions(connection, "fail", filled.seeded.selection_weeks[1], 12)
    assert earlier["week"].max() == filled.seeded.selection_weeks[1]


def test_moves_are_sorted_by_size(connection: Connection, filled: Filled) -> None:
    rows = drift.moves(connection, filled.seeded.weeks[-1])
    over = rows[rows["is_over"].astype(bool)]
    assert list(rows.index[: len(over)]) == list(over.index)
    assert over["change_percent"].abs().is_monotonic_decreasing


def test_the_report_is_that_of_the_newest_week_that_names_one(connection: Connection, filled: Filled) -> None:
    assert drift.newest_report(connection) == (filled.seeded.weeks[-1], "drift_page/newest.html")


def test_performance_holds_the_sources_and_metrics_asked_for(connection: Connection, filled: Filled) -> None:
    weeks = filled.seeded.weeks
    assert performance.weeks(connection) == weeks[::-1]
    rows = performance.series(connection, weeks[-5], weeks[-2], ("queue", "validation"), ("roc_auc",))
    assert set(rows["week"]) == set(weeks[-5:-1])
    assert set(rows["source"]) == {"queue", "validation"}
    assert set(rows["metric"]) == {"roc_auc"}


@pytest.mark.parametrize("label", ["fail", "critical"])
def test_calibration_joins_scores_to_what_was_found(connection: Connection, filled: Filled, label: str) -> None:
    weeks = filled.seeded.weeks
    bins = performance.calibration(connection, weeks[0], weeks[-1], label)
    visits = filled.seeded.visits
    visits = visits[visits["week"].dt.date != filled.seeded.rejected_week]
    outcome = visits["is_failure" if label == "fail" else "is_critical"]
    place = np.minimum((visits["score"] * 10).astype(int), 9)
    expected = pd.DataFrame({"bin": place, "score": visits["score"], "found": outcome}).groupby("bin")
    assert list(bins["row_count"]) == list(expected.size())
    assert bins["mean_score"].to_numpy() == pytest.approx(expected["score"].mean().to_numpy())
    assert bins["share_found"].to_numpy() == pytest.approx(expected["found"].mean().to_numpy())
    some = performance.calibration(connection, weeks[3], weeks[5], label)
    assert some["row_count"].sum() == 3 * 40


def test_audits_and_their_disparities_over_time(connection: Connection, filled: Filled) -> None:
    weeks = fairness.weeks(connection, "fail")
    assert weeks == filled.seeded.selection_weeks[::-1]
    assert fairness.weeks(connection, "critical") == []
    assert fairness.attributes(connection, weeks[0]) == ["facility_type", "facility_type_zip", "risk", "zip"]
    report = fairness.report(connection, weeks[0], "facility_type")
    assert report["attribute_value"][0] == "Restaurant"
    series = fairness.over_time(connection, "facility_type", "for", "fail")
    assert "Restaurant" not in set(series["attribute_value"])
    newest = series[series["week"] == weeks[0]].set_index("attribute_value")["disparity"]
    shown = fairness.disparities(connection, "flags", weeks[0], "facility_type", "for").set_index("attribute_value")
    pd.testing.assert_series_equal(newest, shown["disparity"], check_like=True)
    assert fairness.over_time(connection, "facility_type", "fpr; DROP TABLE", "fail").empty


def test_the_grid_shows_the_row_in_force(connection: Connection, filled: Filled) -> None:
    weeks = filled.seeded.weeks
    rows = pipeline.grid(connection, weeks[-6], weeks[-1])
    assert rows["week"].between(weeks[-6], weeks[-1]).all()
    rejected = rows[rows["status"] == "rejected"]
    assert list(zip(rejected["asset"], rejected["week"], strict=True)) == [("predictions", filled.seeded.rejected_week)]


def test_checks_come_failures_first_and_in_pages(connection: Connection, filled: Filled) -> None:
    weeks = filled.seeded.weeks
    rows = pipeline.checks(connection, weeks[-8], weeks[-1], None, "all", 25)
    assert rows["total"][0] == 8 * 9
    assert list(rows["severity"][:2]) == ["ERROR", "WARN"]
    assert not rows["passed"][:2].any()
    assert rows["passed"][2:].all()
    second = pipeline.checks(connection, weeks[-8], weeks[-1], None, "all", 25, 25)
    assert len(second) == 25
    assert not set(zip(rows["check_name"], rows["week"], strict=True)) & set(
        zip(second["check_name"], second["week"], strict=True)
    )
    only = pipeline.checks(connection, weeks[-8], weeks[-1], "predictions", "failed", 25)
    assert list(only["check_name"]) == ["predictions_expectation"]


def test_the_overview_counts_what_the_tables_hold(connection: Connection, filled: Filled) -> None:
    weeks = filled.seeded.weeks
    counts = overview.check_counts(connection, weeks[-8]).iloc[0]
    assert (counts["passed"], counts["failed"], counts["warned"]) == (8 * 9 - 2, 1, 1)
    newest = overview.newest_weeks(connection).set_index("asset")["week"]
    assert newest["predictions"] == weeks[-1]
    assert newest["inspection_queue"] == weeks[-1] + timedelta(weeks=1)
    freshness = overview.freshness(connection).iloc[0]
    assert freshness["newest_inspection"] == filled.seeded.visits["inspection_date"].max().date()
    assert freshness["pull_week"] == weeks[-1]
    publication = overview.newest_publication(connection).iloc[0]
    assert (publication["row_count"], publication["on_list"], publication["random_draws"]) == (400, 40, 2)


def test_the_champion_is_the_one_of_its_week(connection: Connection, filled: Filled) -> None:
    second, third = filled.seeded.selection_weeks[1:3]
    champion = overview.champion(connection, third - timedelta(weeks=1), "fail")
    assert champion["model_cutoff"][0] == second
    assert champion["validation_metrics"][0]["roc_auc"] == 0.672
    assert overview.champion(connection, filled.seeded.selection_weeks[0] - timedelta(weeks=1), "fail").empty
    assert overview.champion(connection, third, "critical").empty


def test_the_outcome_of_the_last_list_is_what_its_week_found(connection: Connection, filled: Filled) -> None:
    week = filled.seeded.weeks[-1]
    outcome = overview.list_outcome(connection).iloc[0]
    listed = read(
        connection,
        "SELECT establishment_id FROM api.inspection_queue WHERE week = :week AND version = 1 AND is_on_list",
        week=week,
    )["establishment_id"]
    visits = filled.seeded.visits[filled.seeded.visits["week"] == pd.Timestamp(week)]
    has_failed = visits.groupby("establishment_id")["is_failure"].any()
    is_listed = has_failed.index.isin(listed)
    assert outcome.to_dict() == {
        "week": week,
        "listed": len(listed),
        "visited": is_listed.sum(),
        "failed": has_failed[is_listed].sum(),
        "visited_elsewhere": (~is_listed).sum(),
        "failed_elsewhere": has_failed[~is_listed].sum(),
    }
    assert outcome["visited"] > 0


def test_the_newest_result_changes_with_what_is_written(connection: Connection) -> None:
    assert overview.newest_result(connection)
    assert overview.newest_result(connection) == overview.newest_result(connection)


def test_verdicts_on_fairness_follow_from_the_counts(connection: Connection) -> None:
    """Worked out again from cases and events, without the program's own code."""
    for verdict in fairness.verdicts(connection, "fail").itertuples():
        answers = []
        for rate in ("fpr", "fdr", "fnr"):
            rows = fairness.disparities(connection, verdict.cut, verdict.week, "facility_type", rate)
            assert len(rows)
            for row in rows.itertuples():
                expected = "cannot_tell"
                if min(row.cases, row.reference_cases) >= 10:
                    group, reference = (
                        (row.events + 0.5) / (row.cases + 0.5),
                        (row.reference_events + 0.5) / (row.reference_cases + 0.5),
                    )
                    error = 1 / (row.events + 0.5) - 1 / (row.cases + 0.5)
                    error += 1 / (row.reference_events + 0.5) - 1 / (row.reference_cases + 0.5)
                    lower, upper = (group / reference * np.exp(sign * 1.6448536 * error**0.5) for sign in (-1, 1))
                    assert (row.lower, row.upper) == pytest.approx((lower, upper))
                    is_outside, is_inside = lower > 1.25 or upper < 0.8, lower >= 0.8 and upper <= 1.25
                    expected = "uneven" if is_outside else "even" if is_inside else "cannot_tell"
                assert row.answer == expected
                answers.append(expected)
        assert [verdict.uneven, verdict.even, verdict.cannot_tell] == [
            answers.count(answer) for answer in ("uneven", "even", "cannot_tell")
        ]
        worst = "uneven" if "uneven" in answers else "cannot_tell" if "cannot_tell" in answers else "even"
        assert verdict.answer == worst


def test_the_verdict_is_that_of_the_audit_asked_for(connection: Connection) -> None:
    newest, *_, oldest = fairness.weeks(connection, "fail")
    asked = fairness.verdicts(connection, "fail", oldest).set_index("cut")["week"]
    assert asked["flags"] == oldest < newest
    assert fairness.verdicts(connection, "fail").set_index("cut")["week"].to_dict() == {**asked, "flags": newest}
