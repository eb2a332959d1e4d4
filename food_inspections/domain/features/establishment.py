"""The establishment's own record, and that of other establishments at its address."""

import numpy as np

from food_inspections.domain.city.findings import SEVERITY_COLUMNS, TOPIC_COLUMNS
from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Array, Columns, days_since, looked_up, numeric
from food_inspections.domain.features.history import Past
from food_inspections.domain.features.surprise import MEASURES, NEEDS, SCALE

FAMILY = "establishment"

# Beyond these, older is no different; "never" takes the same value beside its own flag.
CAP_DAYS = 1095
AGE_CAP_DAYS = 3650

VISIT_WINDOWS = (14, 60, 180, 365)

_YEAR, _THREE_YEARS = 365, 1095
_RATE_WEIGHT = 4
_SURPRISE_WEIGHT = 1
_RECENT_VISITS = 3

SURPRISE_TEXT = {
    measure: f"{words} at the establishment's full visits beyond what kind and inspector let expect, on average."
    for measure, words in {
        "critical": "Visits with a critical violation",
        "failure": "Failures",
        "conditions": "Passes with conditions",
        "critical_violations": "Critical violations",
        "serious_violations": "Serious violations",
        "minor_violations": "Minor violations",
    }.items()
}

DESCRIPTIONS = {
    "own_visits": "Visits to the establishment before this day.",
    **{f"own_visits_{window}": f"Visits in the last {window} days." for window in VISIT_WINDOWS},
    "own_full_visits": "Full visits: scheduled first looks, and visits for a complaint.",
    "own_complaints_365": "Visits for a complaint in the last 365 days.",
    "own_age_days": f"Days since the first known visit, at most {AGE_CAP_DAYS}; 0 where there is none.",
    "own_has_visit": "1 where there is an earlier visit.",
    "own_days_since_visit": f"Days since the last visit; {CAP_DAYS} where longer ago or never.",
    "own_days_since_first_look": f"Days since the last scheduled first look; {CAP_DAYS} where longer ago or never.",
    "own_failures": "Visits that failed.",
    "own_failures_1095": "Visits in the last 1095 days that failed.",
    "own_failure_rate": "Share of full visits that failed, drawn towards the city's rate of the day.",
    "own_has_failure": "1 where an earlier visit failed.",
    "own_days_since_failure": f"Days since the last failed visit; {CAP_DAYS} where longer ago or never.",
    "own_criticals": "Visits with a critical violation.",
    "own_criticals_1095": "Visits in the last 1095 days with a critical violation.",
    "own_critical_rate": "Share of full visits with a critical violation, drawn towards the city's rate of the day.",
    "own_has_critical": "1 where an earlier visit found a critical violation.",
    "own_days_since_critical": f"Days since the last critical violation; {CAP_DAYS} where longer ago or never.",
    "own_visits_since_failure": "Visits since the last failed one; all of them where none failed.",
    "own_failure_streak": "Failed visits in a row up to the last visit.",
    "own_reinspection_open": "1 where the last visit failed, so that a re-inspection is due.",
    "own_last_conditions": "1 where the last visit passed with conditions.",
    "own_last_was_first_look": "1 where the last visit was a scheduled first look.",
    "own_last_was_complaint": "1 where the last visit was for a complaint.",
    "own_last_was_reinspection": "1 where the last visit was a re-inspection.",
    **{f"own_last_{c}": f"{c.split('_')[0].capitalize()} violations of the last full visit." for c in SEVERITY_COLUMNS},
    **{
        f"own_recent_{c}": f"{c.split('_')[0].capitalize()} violations of the last {_RECENT_VISITS} full visits."
        for c in SEVERITY_COLUMNS
    },
    "own_recent_full_visits": f"How many full visits the recent sums cover, at most {_RECENT_VISITS}.",
    "own_recent_failures": f"How many of the last {_RECENT_VISITS} full visits failed.",
    **{f"own_last_{c}": f"Violations about {c.split('_')[1]} at the last full visit." for c in TOPIC_COLUMNS},
    **{f"own_surprise_{m}": SURPRISE_TEXT[m] for m in MEASURES},
    "premises_visits_1095": "Visits to other establishments at the same address in the last 1095 days.",
    "premises_failure_rate": "Share of their full visits that failed, drawn towards the city's rate of the day.",
    "premises_critical_rate": "Share of their full visits with a critical violation, drawn towards the city's rate.",
}

FEATURES = numeric(
    FAMILY,
    DESCRIPTIONS,
    own_needs={
        r"own_complaints_365|own_last_was_complaint": "is_complaint",
        "own_last_was_reinspection": "is_reinspection",
        "own_last_conditions": "is_conditional",
        r"own_criticals.*|own_critical_rate|own_(has|days_since)_critical|premises_critical_rate": "is_critical",
        r"own_(last|recent)_.*_violations": "severities",
        r"own_last_topic_.*": "topics",
        **{f"own_surprise_{measure}": need for measure, need in NEEDS.items()},
        r"premises_.*": "address",
    },
)


def compute(context: Context) -> Columns:
    """The family's columns, one value per visit."""
    own = context.past("establishment_id")
    looks = own.only(context.is_full_visit)
    return {
        **_visits(context, own, looks),
        **_outcomes(context, own, looks),
        **_last_visit(context, own),
        **_last_looks(context, looks),
        **_surprises(context, looks),
        **_premises(context),
    }


def _visits(context: Context, own: Past, looks: Past) -> Columns:
    scheduled = own.only(context.is_event("is_first_look"))
    count, first = own.counts(), own.first()
    age = days_since(context.visit_days, context.event_days, first, AGE_CAP_DAYS)
    return {
        "own_visits": count,
        **{f"own_visits_{window}": own.counts(window) for window in VISIT_WINDOWS},
        "own_full_visits": looks.counts(),
        "own_complaints_365": own.sums(context.event("is_complaint"), _YEAR),
        "own_age_days": np.where(first >= 0, age, 0),
        "own_has_visit": (count > 0).astype(np.int64),
        "own_days_since_visit": days_since(context.visit_days, context.event_days, own.last(), CAP_DAYS),
        "own_days_since_first_look": days_since(context.visit_days, context.event_days, scheduled.last(), CAP_DAYS),
    }


def _outcomes(context: Context, own: Past, looks: Past) -> Columns:
    columns: dict[str, Array] = {}
    for outcome, word in context.outcomes:
        flags, plural = context.is_event(outcome), f"{word}s"
        last = own.only(flags).last()
        columns |= {
            f"own_{plural}": own.sums(flags),
            f"own_{plural}_1095": own.sums(flags, _THREE_YEARS),
            f"own_{word}_rate": context.rate(looks, outcome, None, _RATE_WEIGHT),
            f"own_has_{word}": (last >= 0).astype(np.int64),
            f"own_days_since_{word}": days_since(context.visit_days, context.event_days, last, CAP_DAYS),
        }
    failed = context.is_event("is_failure")
    columns["own_visits_since_failure"] = own.run_lengths(failed)
    columns["own_failure_streak"] = own.run_lengths(~failed)
    return columns


def _last_visit(context: Context, own: Past) -> Columns:
    last = own.last()
    flags = {
        "own_reinspection_open": "is_failure",
        "own_last_conditions": "is_conditional",
        "own_last_was_first_look": "is_first_look",
        "own_last_was_complaint": "is_complaint",
        "own_last_was_reinspection": "is_reinspection",
    }
    return {name: looked_up(context.event(column), last) for name, column in flags.items()}


def _last_looks(context: Context, looks: Past) -> Columns:
    columns: dict[str, Array] = {}
    for count in (*context.severities, *context.topics):
        counted = context.with_known(looks, count)
        columns[f"own_last_{count}"] = looked_up(context.event(count), counted.last())
        if count in context.severities:
            columns[f"own_recent_{count}"] = counted.last_sums(context.event(count), _RECENT_VISITS)
    columns["own_recent_full_visits"] = np.minimum(looks.counts(), _RECENT_VISITS)
    columns["own_recent_failures"] = looks.last_sums(context.event("is_failure"), _RECENT_VISITS)
    return columns


def _surprises(context: Context, looks: Past) -> Columns:
    sums = looks.sums(context.surprises.beyond_inspector) / SCALE
    weighed = sums / (context.surprises.counts(looks) + _SURPRISE_WEIGHT)
    return {f"own_surprise_{measure}": weighed[:, place] for place, measure in enumerate(MEASURES)}


def _premises(context: Context) -> Columns:
    place = context.full_visits("premises")
    itself = context.full_visits("premises", "establishment_id")
    rates = {
        f"premises_{word}_rate": context.rate_elsewhere(place, itself, outcome, _THREE_YEARS, _RATE_WEIGHT)
        for outcome, word in context.outcomes
    }
    return {"premises_visits_1095": place.counts(_THREE_YEARS) - itself.counts(_THREE_YEARS), **rates}
