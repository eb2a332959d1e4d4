"""Expectations that hold for several assets."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

import dagster as dg
import numpy as np
import pandas as pd

from food_inspections.orchestration.checks.suite import Check, Outcome, RunUnderTest, WeekUnderTest, per_week
from food_inspections.orchestration.io.outputs import rows_by_week
from food_inspections.orchestration.io.upstream import UndeclaredError, side_tables_of, table_of

# Enough to recognise a fault without filling a page with ids.
_SHOWN = 5

_DAY_LETTERS = len("2010-01-04")


def some(values: Sequence[object] | pd.Series) -> str:
    """The first few values, and how many more there are."""
    texts = [str(value) for value in list(values)[:_SHOWN]]
    more = len(values) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def no_duplicates(*columns: str) -> Check:
    """Each key stands once in a week."""

    def evaluate(run: RunUnderTest) -> dict[date, Outcome]:
        rows = run.rows(columns)
        repeated = by_week(rows.loc[rows.reset_index().duplicated().to_numpy(), columns[-1]])
        return {
            week: Outcome(
                week not in repeated, f"every {' and '.join(columns)} once", _shown(repeated, week, "repeated")
            )
            for week in run.mondays
        }

    return Check("no_duplicate_ids", f"{' and '.join(columns)} identify a row.", evaluate)


def dates_in_week(column: str = "inspection_date") -> Check:
    """Every date lies between the week's Monday and its Sunday."""

    def evaluate(run: RunUnderTest) -> dict[date, Outcome]:
        # The portal's text may carry a time, even a zone; the day it names is the day of the visit.
        texts = run.rows([column])[column].astype(str).str.slice(0, _DAY_LETTERS)
        days = pd.to_datetime(texts, errors="coerce", format="%Y-%m-%d")
        first: Any = texts.index
        outside = by_week(texts[~((days >= first) & (days < first + pd.Timedelta(days=7)))])
        return {
            week: Outcome(
                week not in outside,
                f"{column} from {week} to {week + timedelta(days=6)}",
                _shown(outside, week, "outside", "all inside"),
            )
            for week in run.mondays
        }

    return Check("dates_in_week", f"{column} lies in the week.", evaluate)


def by_week(found: pd.Series) -> dict[date, pd.Series]:
    """What was found in each of the weeks that have something, by the Mondays in the index."""
    return {cast(pd.Timestamp, monday).date(): values for monday, values in found.groupby(level=0)}


def _shown(found: Mapping[date, pd.Series], week: date, what: str, otherwise: str = "") -> str:
    return f"{len(found[week])} {what}: {some(found[week])}" if week in found else otherwise or f"none {what}"


def no_nulls(columns: Sequence[str]) -> Check:
    """Required columns are filled in every row."""

    def evaluate(run: RunUnderTest) -> dict[date, Outcome]:
        is_null = run.rows(columns).isna()
        counts = is_null[is_null.any(axis=1)].groupby(level=0).sum().to_dict("index")
        outcomes = {}
        for week in run.mondays:
            nulls = [f"{count} in {name}" for name, count in counts.get(pd.Timestamp(week), {}).items() if count]
            outcomes[week] = Outcome(not nulls, f"no nulls in {', '.join(columns)}", ", ".join(nulls) or "no nulls")
        return outcomes

    return Check("no_nulls_in_required_columns", "What later steps rely on is filled.", evaluate)


def row_count_as_recorded() -> Check:
    """What is stored is what the record says was written."""

    def evaluate(week: WeekUnderTest) -> Outcome:
        return Outcome(len(week.frame) == week.row_count, f"{week.row_count} rows", f"{len(week.frame)} rows")

    return Check("row_count_as_recorded", "The stored week holds as many rows as its record says.", per_week(evaluate))


def all_finite(columns: Sequence[str], name: str = "all_finite") -> Check:
    """Numbers are numbers: no null, no infinity."""

    def evaluate(week: WeekUnderTest) -> Outcome:
        return finite_outcome(week.frame, columns)

    return Check(name, "Every number is finite.", per_week(evaluate))


def finite_outcome(frame: pd.DataFrame, columns: Sequence[str]) -> Outcome:
    """Whether every value of the columns is a finite number."""
    values = frame[list(columns)].to_numpy(dtype="float64")
    bad = ~np.isfinite(values)
    named = [column for column, is_bad in zip(columns, bad.any(axis=0), strict=True) if is_bad]
    seen = f"{int(bad.sum())} not finite, in {some(named)}" if named else f"all {values.size} values finite"
    return Outcome(not named, "every value finite", seen)


def in_unit_interval(column: str = "score") -> Check:
    """Probabilities lie in [0, 1]."""

    def evaluate(week: WeekUnderTest) -> Outcome:
        values = week.frame[column]
        outside = values[~values.between(0.0, 1.0)]
        seen = f"{len(outside)} outside: {some(outside)}" if len(outside) else "all inside"
        return Outcome(outside.empty, f"{column} in [0, 1]", seen)

    return Check(f"{column}_in_unit_interval", f"{column} is a probability.", per_week(evaluate))


def same_keys_as(upstream: dg.AssetsDefinition, key: str, left_out: str = "") -> Check:
    """The week holds exactly the keys of the accepted upstream week.

    Args:
        upstream: The asset whose rows are expected.
        key: Column that tells them apart.
        left_out: Fact of the week that names the keys left out on purpose.
    """
    asset = upstream.key.to_user_string()

    def evaluate(run: RunUnderTest) -> dict[date, Outcome]:
        rows = read_same_weeks(run, upstream, ["week", key])
        expected_keys = {week: set(of_week[key]) for week, of_week in rows_by_week(rows).items()}
        outcomes = {}
        for week in run.weeks:
            on_purpose = set(week.facts.get(left_out, ()))
            expected, stored = expected_keys.get(week.week, set()) - on_purpose, set(week.frame[key])
            seen = f"{len(stored)} rows, {len(expected - stored)} missing, {len(stored - expected)} too many"
            outcomes[week.week] = Outcome(
                expected == stored, f"the {len(expected)} rows of {asset}{_but(left_out, on_purpose)}", seen
            )
        return outcomes

    return Check("complete", f"One row for every row of {asset}, and no other.", evaluate)


def _but(left_out: str, keys: set[str]) -> str:
    return f" but for {len(keys)} {left_out.replace('_', ' ')}" if keys else ""


def read_same_weeks(run: RunUnderTest, upstream: dg.AssetsDefinition, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of an upstream asset in the weeks under test, which must be accepted there."""
    name, table = _kept_in(upstream)
    return run.warehouse.read_table(name, table, run.mondays, run.mondays, columns).frame


def read_up_to(
    run: RunUnderTest,
    upstream: dg.AssetsDefinition,
    last_week: date,
    columns: Sequence[str],
    side_table: str | None = None,
) -> pd.DataFrame:
    """Rows of an upstream asset, or of one of its side tables, in all accepted weeks up to one.

    Raises:
        UndeclaredError: The asset does not declare the side table.
    """
    name, table = _kept_in(upstream)
    if side_table not in (None, *side_tables_of(upstream)):
        raise UndeclaredError(f"A check reads {side_table} of {name}, which does not declare this table.")
    # Of a single week's run the next step reads the same history; that of a range is too large to be held meanwhile.
    is_kept = side_table is None and len(run.weeks) == 1
    return run.warehouse.read_up_to(name, side_table or table, last_week, columns, is_kept=is_kept).frame


def _kept_in(asset: dg.AssetsDefinition) -> tuple[str, str]:
    name, table = asset.key.to_user_string(), table_of(asset)
    if table is None:
        raise TypeError(f"{name} is kept in no table.")
    return name, table
