"""Checks of the clean inspections and of the features."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from food_inspections.domain import features
from food_inspections.domain.inspections import vocabularies
from food_inspections.domain.weeks import WEEK, monday_of
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.checks.common import (
    all_finite,
    dates_in_week,
    no_duplicates,
    no_nulls,
    row_count_as_recorded,
    same_keys_as,
    some,
    vocabulary,
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

IN_BUSINESS_RESULTS = ("Pass", "Pass w/ Conditions", "Fail")
NUMERIC_FEATURES = [feature.name for feature in features.FEATURES if feature.kind == "numeric"]
# More spellings than this outside the vocabulary mean that it has to be extended.
LARGEST_UNMAPPED_SHARE = 0.2
# Days re-computed from history alone; each costs a pass over the history. The first and last day of a
# single week tell what a third one would: the one has later days beside it, the other has earlier ones.
SAMPLED_DAYS, SAMPLED_DAYS_OF_A_WEEK = 3, 2


def _required(table: str) -> list[str]:
    return [column.name for column in describe_table(table) if not column.is_nullable]


def rows_add_up(week: WeekUnderTest) -> Outcome:
    """Rows in = rows out + dropped per reason."""
    dropped = dict(week.facts["dropped"])
    total = len(week.frame) + sum(dropped.values())
    seen = f"{len(week.frame)} kept + {sum(dropped.values())} dropped ({_named(dropped)})"
    return Outcome(total == week.facts["rows_in"], f"{week.facts['rows_in']} rows accounted for", seen)


def _named(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()) if count) or "none"


def only_in_business(week: WeekUnderTest) -> Outcome:
    """No result says that the establishment was closed or could not be entered."""
    others = week.frame.loc[~week.frame["results"].isin(IN_BUSINESS_RESULTS), "results"].unique()
    return Outcome(not len(others), " / ".join(IN_BUSINESS_RESULTS), some(list(others)) or "nothing else")


def few_unmapped(week: WeekUnderTest) -> Outcome:
    """Few facility types fall outside the vocabulary."""
    share = float((week.frame["facility_type"] == "other").mean()) if len(week.frame) else 0.0
    return Outcome(share <= LARGEST_UNMAPPED_SHARE, f"at most {LARGEST_UNMAPPED_SHARE:.0%} other", f"{share:.1%} other")


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
        Check("only_in_business", "Only inspections of establishments in business.", per_week(only_in_business)),
        vocabulary("facility_type", vocabularies.FACILITY_TYPES.words),
        vocabulary("inspection_type", vocabularies.INSPECTION_TYPES.words),
        vocabulary("risk", vocabularies.RISKS.words),
        row_count_as_recorded(),
        Check(
            "few_unmapped_facility_types", "The vocabulary covers what the city writes.", per_week(few_unmapped), False
        ),
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
        clean = run.warehouse.read_up_to(
            "clean_inspections", "data.clean_inspections", monday_of(days[-1]), list(features.HISTORY_COLUMNS)
        ).frame
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
    again = features.build_features(visits, history, lag_days).set_index("inspection_id").sort_index()
    names = [feature.name for feature in features.FEATURES]
    if not again.index.equals(stored.index):
        return [f"inspections of {day}"]
    is_different = again[names].ne(stored[names])
    return [f"{name} on {day}" for name in names if is_different[name].any()]


INSPECTION_FEATURES = Suite(
    asset="inspection_features",
    read=table_weeks("data.inspection_features"),
    checks=[
        same_keys_as(clean_inspections, "inspection_id"),
        no_duplicates("inspection_id"),
        dates_in_week(),
        all_finite(NUMERIC_FEATURES),
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
        closed = run.warehouse.read_up_to(
            "clean_inspections", "data.closures", week.week - WEEK, ["establishment_id", "inspection_date"]
        ).frame
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
        all_finite(NUMERIC_FEATURES),
        Check(
            "visited_before_the_week",
            "The queue of a week knows days before its Monday only.",
            per_week(visited_before),
        ),
        Check("only_in_business", "Nothing that closed is queued for a visit.", not_closed),
        row_count_as_recorded(),
    ],
)
