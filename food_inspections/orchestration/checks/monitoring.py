"""Checks of score distributions, drift and performance."""

from datetime import date

import numpy as np

from food_inspections.orchestration.checks.common import all_finite, no_duplicates, row_count_as_recorded, some
from food_inspections.orchestration.checks.suite import (
    Check,
    Outcome,
    RunUnderTest,
    Suite,
    WeekUnderTest,
    per_week,
    table_weeks,
)


def shares_sum_to_one(week: WeekUnderTest) -> Outcome:
    """The shares of each histogram that has scores sum to one."""
    sums = week.frame.groupby(["source", "facility_type"])[["share", "count"]].sum()
    filled = sums[sums["count"] > 0]
    wrong = filled.index[~np.isclose(filled["share"], 1.0)]
    seen = f"{len(wrong)} of {len(filled)} do not: {some(list(wrong))}" if len(wrong) else f"{len(filled)} do"
    return Outcome(not len(wrong), "every histogram sums to one", seen)


def holds_every_score(week: WeekUnderTest) -> Outcome:
    """The overall histograms hold as many scores as there were."""
    overall = week.frame[week.frame["facility_type"] == "all"].groupby("source")["count"].sum()
    expected = week.facts["scores"]
    seen = {source: int(overall.get(source, 0)) for source in expected}
    return Outcome(seen == expected, f"{expected}", f"{seen}")


SCORE_DISTRIBUTIONS = Suite(
    asset="score_distributions",
    read=table_weeks("monitoring.score_distributions"),
    checks=[
        Check("shares_sum_to_one", "Each histogram is a distribution.", per_week(shares_sum_to_one)),
        Check("holds_every_score", "No score is left out.", per_week(holds_every_score)),
        row_count_as_recorded(),
    ],
)


def nothing_drifted(week: WeekUnderTest) -> Outcome:
    """What the drift report concluded: the same verdicts that decide on retraining."""
    verdicts = week.facts["seen"]["verdicts"].values()
    changed = [verdict["statement"] for verdict in verdicts if verdict["answer"] == "changed"]
    unknown = sorted(verdict["question"] for verdict in verdicts if verdict["answer"] == "cannot_tell")
    seen = f"cannot tell on {', '.join(unknown)}" if unknown else "no drift"
    return Outcome(not changed, "no question of drift answered with a change", some(changed) if changed else seen)


DRIFT_REPORT = Suite(
    asset="drift_report",
    read=table_weeks("monitoring.drift"),
    checks=[
        all_finite(["value"]),
        no_duplicates("kind", "name", "statistic"),
        row_count_as_recorded(),
        Check("no_drift", "The forecast still meets what it was validated on.", per_week(nothing_drifted), False),
    ],
)


def page_is_whole(run: RunUnderTest) -> dict[date, Outcome]:
    """The page that people are led to is in the object store, and a whole document."""
    outcomes = {}
    for week in run.weeks:
        pages = [run.warehouse.objects.get(key) for key in week.frame["object_key"]]
        cut_short = [page for page in pages if not page.rstrip().endswith(b"</html>")]
        outcomes[week.week] = Outcome(not cut_short, "a whole page", f"{len(cut_short)} of {len(pages)} cut short")
    return outcomes


DRIFT_PAGE = Suite(
    asset="drift_page",
    read=table_weeks("monitoring.drift_pages"),
    checks=[
        row_count_as_recorded(),
        Check("page_is_whole", "The page that people are led to is there.", page_is_whole),
    ],
)


def coverage_is_a_share(week: WeekUnderTest) -> Outcome:
    """Coverage is stated and lies in [0, 1]."""
    coverage = week.frame["coverage"].dropna()
    outside = coverage[~coverage.between(0, 1)]
    return Outcome(outside.empty, "coverage in [0, 1]", some(outside) if len(outside) else "all inside")


QUEUE_PERFORMANCE = Suite(
    asset="queue_performance",
    read=table_weeks("monitoring.performance"),
    checks=[
        no_duplicates("source", "metric"),
        Check("coverage", "What was judged is stated.", per_week(coverage_is_a_share)),
        row_count_as_recorded(),
    ],
)
