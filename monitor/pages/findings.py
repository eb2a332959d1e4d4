"""What the overview finds: each thing that holds or does not, with what it rests on."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from food_inspections.monitor.components.spans import since
from food_inspections.monitor.components.status import Status
from food_inspections.monitor.judgement.promises import HEADLINES, Realised, headlines
from food_inspections.monitor.queries import overview as queries
from food_inspections.monitor.queries import performance as performance_queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import METRICS, VALIDATION

# Inspections appear on the portal some days late; a fortnight is the ordinary delay.
FRESH_DAYS = 14
STALE_DAYS = 35
CHECKED_WEEKS = 8

PAGE_NAMES = {
    "/performance": "Performance",
    "/pipeline": "Pipeline",
    "/queue": "Queue",
    "/drift": "Drift",
    "/fairness": "Fairness",
}


@dataclass(frozen=True)
class Finding:
    """One thing that holds or does not.

    Attributes:
        name: What was looked at.
        status: How it stands.
        word: The status in a word.
        value: The answer, large.
        note: What it rests on.
        path: The page with the details.
    """

    name: str
    status: Status
    word: str
    value: str
    note: str
    path: str


def queue_finding(request: Request) -> Finding:
    """The newest published list."""
    for row in records(queries.newest_publication(request.connection)):
        is_empty = row.row_count == 0
        return Finding(
            "Newest list",
            "bad" if is_empty else "good",
            "Empty" if is_empty else "Published",
            formats.week(row.week),
            f"{formats.whole(row.on_list)} establishments to visit, {formats.whole(row.random_draws)} of them drawn at "
            f"random, out of {formats.whole(row.row_count)}.",
            "/queue",
        )
    return Finding("Newest list", "bad", "Missing", "None", "No queue is published yet.", "/pipeline")


def champion_finding(request: Request, week: date) -> Finding:
    """The model in use in a week, and its age."""
    due = request.settings.retraining_weeks
    for row in records(queries.champion(request.connection, week, request.settings.label)):
        auc = row.validation_metrics.get("roc_auc")
        age = max((week - row.model_cutoff).days // 7, 0)
        is_due = age > due
        return Finding(
            "Champion",
            "watch" if is_due else "good",
            "Due" if is_due else "In time",
            formats.recipe(row.recipe),
            f"{formats.count(age, 'week')} old, due after {due}. Has seen inspections before "
            f"{formats.day(row.model_cutoff)}; AUC {formats.decimal(auc)} at validation.",
            "/performance",
        )
    return Finding(
        "Champion", "bad", "Missing", "No model", "Nothing was selected yet, so nothing can be scored.", "/pipeline"
    )


def performance_finding(request: Request) -> Finding:
    """Whether the published lists kept what validation promised."""
    by_metric: dict[str, Realised] = {}
    for newest in performance_queries.weeks(request.connection)[:1]:
        sources = ("queue", VALIDATION)
        series = performance_queries.series(request.connection, since(newest, "26"), newest, sources, HEADLINES)
        by_metric = {metric.metric: metric for metric in headlines(series)}
    auc, half = by_metric.get("roc_auc"), by_metric.get("first_half")
    if auc is None or formats.is_missing(auc.value):
        return Finding(
            "Performance",
            "unknown",
            "Not known",
            "Not judged yet",
            "Results of a published week are still to come.",
            "/performance",
        )
    below = [METRICS[name].title for name, metric in by_metric.items() if metric.status in ("watch", "bad")]
    is_no_use = auc.value < 0.5 or auc.status == "bad"
    status: Status = "bad" if is_no_use else "watch" if below else "good"
    promised = "" if formats.is_missing(auc.promise) else f", {formats.decimal(auc.promise)} promised"
    found = "" if half is None else f" {formats.percent(half.value)} of failures in the first half of the visits."
    missed = f" Below the promise: {', '.join(below)}." if below else ""
    return Finding(
        "Performance",
        status,
        {"bad": "Broken promise", "watch": "Below promise", "good": "Keeps its promise"}[status],
        f"AUC {formats.decimal(auc.value)}",
        f"Last {formats.count(auc.weeks, 'judged week')}{promised}.{found}{missed}",
        "/performance",
    )


def drift_finding(request: Request) -> Finding:
    """Whether the newest weeks look like those the champion was validated on."""
    by_kind = {row.kind: row for row in records(queries.drift_counts(request.connection))}
    if not by_kind:
        return Finding("Drift", "unknown", "Not known", "No report", "No drift report is written yet.", "/pipeline")
    score, feature, outcome = (by_kind.get(kind) for kind in ("score", "feature", "outcome"))
    is_score_shifted = score is not None and score.drifted > 0
    is_outcome_shifted = outcome is not None and outcome.drifted > 0
    features = feature.drifted if feature is not None else 0
    status: Status = "bad" if is_score_shifted else "watch" if is_outcome_shifted or features else "good"
    facts = [f"Score PSI {formats.decimal(score.largest, 2)}"] if score is not None else []
    if feature is not None:
        facts.append(f"{features} of {formats.count(feature.looked_at, 'feature')} over the threshold")
    if is_outcome_shifted:
        facts.append("the share that fails has moved")
    return Finding(
        "Drift",
        status,
        {"bad": "Drifted", "watch": "Watch", "good": "Holds"}[status],
        {"bad": "Scores shifted", "watch": "Some drift", "good": "Stable"}[status],
        "; ".join(facts) + ".",
        "/drift",
    )


def bias_finding(request: Request) -> Finding:
    """Whether kinds of establishment get false alarms alike."""
    for row in records(queries.parity_counts(request.connection, request.settings.label)):
        groups = list(dict.fromkeys(row.groups or []))
        named = ", ".join(groups[:3]) + (f" and {len(groups) - 3} more" if len(groups) > 3 else "")
        of_reference = f"0.8 to 1.25 times those of {row.reference_value}"
        return Finding(
            "Fairness",
            "watch" if groups else "good",
            "Uneven" if groups else "Even",
            f"{row.unfair} of {row.judged} rates uneven" if groups else "Within tolerance",
            f"{named}: false alarms outside {of_reference}."
            if groups
            else f"False alarms of every kind lie within {of_reference}.",
            "/fairness",
        )
    return Finding(
        "Fairness", "unknown", "Not known", "No audit", "No selected model has been audited yet.", "/pipeline"
    )


def checks_finding(request: Request, newest: date) -> Finding:
    """How the checks of the last weeks came out."""
    since = newest - timedelta(weeks=CHECKED_WEEKS - 1)
    row = next(records(queries.check_counts(request.connection, since)))
    status: Status = "bad" if row.failed else "watch" if row.warned else "good" if row.passed else "unknown"
    return Finding(
        "Checks",
        status,
        {"bad": "Failing", "watch": "Warnings", "good": "All passed", "unknown": "None ran"}[status],
        f"{row.failed:,} failed" if row.failed else f"{row.passed:,} passed",
        f"Last {CHECKED_WEEKS} weeks: {row.passed:,} passed, {row.failed:,} failed, "
        f"{formats.count(row.warned, 'warning')}.",
        "/pipeline",
    )


def freshness_finding(request: Request, today: date) -> Finding:
    """How old the newest inspection is."""
    row = next(records(queries.freshness(request.connection)))
    if row.newest_inspection is None:
        return Finding(
            "Data", "bad", "Missing", "No inspections", "No week of inspections is accepted yet.", "/pipeline"
        )
    days = (today - row.newest_inspection).days
    status: Status = "good" if days <= FRESH_DAYS else "watch" if days <= STALE_DAYS else "bad"
    pulled = "" if row.pulled_at is None else f" Last pull {formats.moment(row.pulled_at.astimezone(UTC))}."
    return Finding(
        "Data",
        status,
        {"good": "Fresh", "watch": "Late", "bad": "Stale"}[status],
        formats.day(row.newest_inspection),
        f"Newest inspection, {formats.ago(days)}.{pulled}",
        "/pipeline",
    )
