"""What the overview finds: each thing that holds or does not, with what it rests on."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from food_inspections.monitor.components.status import PROMISE_STATUSES, Status
from food_inspections.monitor.queries import drift as drift_queries
from food_inspections.monitor.queries import fairness as fairness_queries
from food_inspections.monitor.queries import overview as queries
from food_inspections.monitor.queries import performance as performance_queries
from food_inspections.monitor.queries.reading import records
from food_inspections.monitor.routing.page import Request
from food_inspections.monitor.wording import formats
from food_inspections.monitor.wording.vocabulary import EVENNESS, METRICS, PROMISES, QUESTIONS

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
    by_metric: dict[str, Any] = {}
    for newest in performance_queries.weeks(request.connection)[:1]:
        found = performance_queries.promises(request.connection, newest, "queue")
        by_metric = {row.metric: row for row in records(found)}
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
    below = [METRICS[name].title for name, row in by_metric.items() if row.answer in ("below", "broken")]
    answer = auc.answer if auc.answer == "broken" or not below else "below"
    promised = "" if formats.is_missing(auc.promise) else f", {formats.decimal(auc.promise)} promised"
    first = "" if half is None else f" {formats.percent(half.value)} of failures in the first half of the visits."
    missed = f" Below the promise: {', '.join(below)}." if below else ""
    return Finding(
        "Performance",
        PROMISE_STATUSES[answer],
        PROMISES[answer],
        f"AUC {formats.decimal(auc.value)}",
        f"Last {formats.count(auc.weeks, 'judged week')}{promised}.{first}{missed}",
        "/performance",
    )


def drift_finding(request: Request) -> Finding:
    """Whether the newest weeks look like those the champion was validated on: the verdicts of the newest report."""
    for week in drift_queries.weeks(request.connection)[:1]:
        found = drift_queries.verdicts(request.connection, week)
        changed = found[found["answer"] == "changed"]
        unknown = found[found["answer"] == "cannot_tell"]
        window = next(records(found))
        looked_at = f" {_window(window.current_from, window.current_to)}." if window.current_from else ""
        if len(changed):
            named = " ".join(changed["statement"])
            value = f"{', '.join(QUESTIONS[name].title for name in changed['question'])} changed"
            return Finding("Drift", "bad", "Changed", value, f"{named}{looked_at}", "/drift")
        if len(unknown) == len(found):
            return Finding(
                "Drift", "unknown", "Cannot tell", "Too early to say", str(unknown["statement"].iloc[0]), "/drift"
            )
        said = " ".join(found.loc[found["answer"] == "holds", "statement"].head(1))
        if len(unknown):
            # What cannot be told is no reassurance, whatever else holds.
            value = f"No change in {len(found) - len(unknown)} of {len(found)}"
            still_open = f" Cannot tell yet: {', '.join(unknown['question'])}."
            return Finding("Drift", "unknown", "Cannot tell all", value, f"{said}{still_open}{looked_at}", "/drift")
        return Finding("Drift", "good", "Holds", "No change", f"{said}{looked_at}", "/drift")
    return Finding("Drift", "unknown", "Cannot tell", "No report", "No drift report is written yet.", "/pipeline")


def _window(first: date, last: date) -> str:
    return f"Inspections of {formats.day(first)} to {formats.day(last)}"


def bias_finding(request: Request) -> Finding:
    """Whether kinds of establishment are flagged, missed and put on the list alike: the stored verdicts."""
    found = fairness_queries.verdicts(request.connection, request.settings.label)
    if found.empty:
        said = "No selected model has been audited yet."
        return Finding("Fairness", "unknown", "Cannot tell", "No audit", said, "/pipeline")
    answers = set(found["answer"])
    answer = next(each for each in ("uneven", "cannot_tell", "even") if each in answers)
    statuses: dict[str, Status] = {"uneven": "watch", "cannot_tell": "unknown", "even": "good"}
    counts = found[["uneven", "even", "cannot_tell"]].sum()
    value = {
        "uneven": f"{counts['uneven']} of {counts.sum()} rates uneven",
        "cannot_tell": f"{counts['cannot_tell']} of {counts.sum()} rates open",
        "even": "Within tolerance",
    }[answer]
    return Finding("Fairness", statuses[answer], EVENNESS[answer], value, " ".join(found["statement"]), "/fairness")


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
