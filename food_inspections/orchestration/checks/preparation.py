"""Checks of the clean inspections and of the features."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from food_inspections.domain import features
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.city.words import NOTHING_INSPECTED, OTHER, Word
from food_inspections.domain.inspections.identity import UNKNOWN
from food_inspections.domain.weeks import WEEK, monday_of
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.checks.common import (
    by_week,
    dates_in_week,
    finite_outcome,
    no_duplicates,
    no_nulls,
    read_up_to,
    row_count_as_recorded,
    same_keys_as,
    some,
)
from food_inspections.orchestration.checks.suite import (
    Check,
    Outcome,
    RunUnderTest,
    Suite,
    WeekUnderTest,
    per_week,
    table_weeks,
)
from food_inspections.storage.postgres.schema import describe_table

# More spellings than this outside the vocabulary mean that it has to be extended.
LARGEST_UNMAPPED_SHARE = 0.05
# Days re-computed from history alone; each costs a pass over the history. The first and last day of a
# single week tell what a third one would: the one has later days beside it, the other has earlier ones.
SAMPLED_DAYS, SAMPLED_DAYS_OF_A_WEEK = 3, 2


def _required(table: str) -> list[str]:
    return [column.name for column in describe_table(table) if not column.is_nullable]


def rows_add_up(week: WeekUnderTest) -> Outcome:
    """Rows in = rows of the inspections kept + dropped per reason; an inspection has at least one row."""
    dropped, kept = dict(week.facts["dropped"]), int(week.facts["rows_kept"])
    total = kept + sum(dropped.values())
    seen = f"{kept} kept + {sum(dropped.values())} dropped ({_named(dropped)})"
    is_whole = total == week.facts["rows_in"] and len(week.frame) <= kept
    return Outcome(is_whole, f"{week.facts['rows_in']} rows accounted for", seen)


def _named(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()) if count) or "none"


def only_in_business(run: RunUnderTest) -> dict[date, Outcome]:
    """No result says that the establishment was closed or could not be entered."""
    results = run.warehouse.profile.results
    found = [result.word for result in results if result.meaning not in NOTHING_INSPECTED]
    # Where a label does not look at results, they may be missing, or be words of no meaning.
    allowed = [*found, *([] if _judges_by_result(run.warehouse.profile) else [OTHER, UNKNOWN])]
    return _only(run, "results", allowed, " / ".join(allowed), "nothing else")


def _judges_by_result(profile: Profile) -> bool:
    return profile.labels.fail.field == "result"


def in_vocabulary(column: str, words: Callable[[Profile], Sequence[Word]]) -> Check:
    """A column holds nothing but its city's vocabulary."""

    def evaluate(run: RunUnderTest) -> dict[date, Outcome]:
        vocabulary = [word.word for word in words(run.warehouse.profile)]
        if not vocabulary:
            return dict.fromkeys(run.mondays, Outcome(True, f"{column} has no vocabulary", "the portal's own words"))
        return _only(run, column, [*vocabulary, OTHER, UNKNOWN], f"{column} from its vocabulary", "all known")

    return Check(f"{column}_in_vocabulary", f"{column} is normalised.", evaluate)


def _only(run: RunUnderTest, column: str, allowed: Sequence[str], expected: str, otherwise: str) -> dict[date, Outcome]:
    values = run.rows([column])[column]
    found = {week: sorted(set(words)) for week, words in by_week(values[~values.isin(allowed)]).items()}
    return {
        week: Outcome(week not in found, expected, some(found[week]) if week in found else otherwise)
        for week in run.mondays
    }


def few_unmapped(week: WeekUnderTest) -> Outcome:
    """Few values of any column fall outside the city's vocabulary; those that do are named."""
    found = {column: sum(values.values()) for column, values in week.facts.get("unmapped", {}).items()}
    shares = {column: count / max(1, len(week.frame)) for column, count in found.items()}
    seen = "; ".join(
        f"{column} {shares[column]:.1%}: " + some([f"{value!r} ({count})" for value, count in values.items()])
        for column, values in week.facts.get("unmapped", {}).items()
    )
    is_small = all(share <= LARGEST_UNMAPPED_SHARE for share in shares.values())
    expected = f"at most {LARGEST_UNMAPPED_SHARE:.0%} of a column 'other': else add words to the city's profile"
    return Outcome(is_small, expected, seen or "every value known")


CLEAN_INSPECTIONS = Suite(
    asset="clean_inspections",
    read=table_weeks("data.clean_inspections"),
    checks=[
        Check(
            "rows_add_up", "Nothing is lost silently: rows in = rows out + dropped per reason.", per_week(rows_add_up)
        ),
        no_duplicates("inspection_id"),
        dates_in_week(),
        no_nulls(_required("data.clean_inspections")),
        Check("only_in_business", "Only inspections of establishments in business.", only_in_business),
        in_vocabulary("facility_type", lambda profile: profile.kinds),
        in_vocabulary("inspection_type", lambda profile: profile.inspection_types),
        in_vocabulary("risk", lambda profile: profile.risks),
        row_count_as_recorded(),
        Check("few_unmapped_values", "The vocabularies cover what the city writes.", per_week(few_unmapped), False),
    ],
)


def free_of_the_future(run: RunUnderTest) -> dict[date, Outcome]:
    """Re-compute the features of some days from the days before them alone.

    A range is computed in one pass, so one leaking day is a verdict on all of its weeks.
    """
    days = _sampled_days(run)
    expected = "features of the sampled days equal those computed from earlier days alone"
    differing: list[str] = []
    if days:
        clean = read_up_to(run, clean_inspections, monday_of(days[-1]), list(features.HISTORY_COLUMNS))
        for day in days:
            differing += _differences(run, clean, day)
    seen = f"{len(differing)} values differ: {some(differing)}" if differing else f"equal on {some(days) or 'no day'}"
    return dict.fromkeys(run.mondays, Outcome(not differing, expected, seen))


def _sampled_days(run: RunUnderTest) -> list[date]:
    days = sorted({day.date() for week in run.weeks for day in week.frame["inspection_date"]})
    count = SAMPLED_DAYS if len(run.weeks) > 1 else SAMPLED_DAYS_OF_A_WEEK
    if len(days) <= count:
        return days
    return [days[round(position)] for position in np.linspace(0, len(days) - 1, count)]


def _differences(run: RunUnderTest, clean: pd.DataFrame, day: date) -> list[str]:
    stored = next(week.frame for week in run.weeks if week.week == monday_of(day))
    stored = stored[stored["inspection_date"] == pd.Timestamp(day)].set_index("inspection_id").sort_index()
    visits = clean[clean["inspection_id"].isin(stored.index) & (clean["inspection_date"] == pd.Timestamp(day))]
    history = clean[clean["inspection_date"] < pd.Timestamp(day)]
    lag_days = run.warehouse.settings.knowledge_lag_days
    profile = run.warehouse.profile
    again = features.build_features(visits, history, profile, lag_days).set_index("inspection_id").sort_index()
    names = [feature.name for feature in features.features_of(profile)]
    if not again.index.equals(stored.index):
        return [f"inspections of {day}"]
    is_different = again[names].ne(stored[names])
    return [f"{name} on {day}" for name in names if is_different[name].any()]


def finite_features(run: RunUnderTest) -> dict[date, Outcome]:
    """Every feature that the city has is a finite number in every row, and no other has a value."""
    own = features.features_of(run.warehouse.profile)
    numeric = [feature.name for feature in own if feature.kind == "numeric"]
    absent = [feature.name for feature in features.FEATURES if feature not in own and feature.kind == "numeric"]
    outcomes = {}
    for week in run.weeks:
        is_filled = week.frame[absent].notna().any()
        filled = list(is_filled.index[is_filled])
        outcomes[week.week] = (
            Outcome(False, "features that the city does not have stay empty", some(filled))
            if filled
            else finite_outcome(week.frame, numeric)
        )
    return outcomes


FINITE_FEATURES = Check("all_finite", "Every number is finite.", finite_features)


INSPECTION_FEATURES = Suite(
    asset="inspection_features",
    read=table_weeks("data.inspection_features"),
    checks=[
        same_keys_as(clean_inspections, "inspection_id"),
        no_duplicates("inspection_id"),
        dates_in_week(),
        FINITE_FEATURES,
        Check("free_of_the_future", "No feature knows what was found on the day or later.", free_of_the_future),
        row_count_as_recorded(),
    ],
)


def visited_before(week: WeekUnderTest) -> Outcome:
    """What is known of an establishment was seen before the Monday."""
    late = week.frame.loc[week.frame["last_visit"] >= pd.Timestamp(week.week), "establishment_id"]
    return Outcome(late.empty, f"last visits before {week.week}", some(late) or "all before")


def not_closed(run: RunUnderTest) -> dict[date, Outcome]:
    """No establishment of the week was found closed after its last visit, as far as was known on the Monday."""
    lag = timedelta(days=run.warehouse.settings.knowledge_lag_days)
    outcomes = {}
    for week in run.weeks:
        columns = ["establishment_id", "inspection_date"]
        closed = read_up_to(run, clean_inspections, week.week - WEEK, columns, "data.closures")
        known = closed[closed["inspection_date"] < pd.Timestamp(week.week - lag)]
        newest = known.groupby("establishment_id")["inspection_date"].max()
        found = week.frame["establishment_id"].map(newest)
        bad = week.frame.loc[found > week.frame["last_visit"], "establishment_id"]
        outcomes[week.week] = Outcome(bad.empty, "none found closed since its last visit", some(bad) or "none")
    return outcomes


ESTABLISHMENT_FEATURES = Suite(
    asset="establishment_features",
    read=table_weeks("data.establishment_features"),
    checks=[
        no_duplicates("establishment_id"),
        FINITE_FEATURES,
        Check(
            "visited_before_the_week",
            "The queue of a week knows days before its Monday only.",
            per_week(visited_before),
        ),
        Check("only_in_business", "Nothing that closed is queued for a visit.", not_closed),
        row_count_as_recorded(),
    ],
)
