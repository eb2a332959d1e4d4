"""Reads the columns that a profile names and puts rows together that are of one inspection."""

import difflib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from food_inspections.domain.city.consistency import OF_PULLS
from food_inspections.domain.city.grouping import Groups
from food_inspections.domain.city.identifiers import joined_keys
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.city.texts import IntArray, Texts, tidied, whole_number
from food_inspections.domain.inspections.texts import is_missing
from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError

NO_ID, NO_DATE, DUPLICATE = "malformed_inspection_id", "malformed_inspection_date", "duplicate_inspection_id"
DROP_REASONS = (NO_ID, NO_DATE, DUPLICATE)


@dataclass(frozen=True)
class Visits:
    """Inspections whose columns are still the portal's.

    Attributes:
        ids, days, pull_weeks, updated_at, row_counts: Of each inspection.
        header: Tidy text of each inspection, by column of the portal.
        as_given: The same for columns whose line breaks have a meaning, untidied.
        row_visits, row_days, row_findings: Of each row that belongs to an inspection, where rows are
            violations: its inspection, its day, and the code, text and flag of the violation.
        dropped: ``week``, ``reason``, ``row_count`` of rows that are of no inspection.
        contradictions: In how many inspections rows disagree, by column of the portal.
    """

    ids: pd.Series
    days: pd.Series
    pull_weeks: pd.Series
    updated_at: pd.Series
    row_counts: pd.Series
    header: dict[str, Texts]
    as_given: dict[str, Texts]
    row_visits: IntArray
    row_days: pd.Series
    row_findings: tuple[Texts, ...]
    dropped: pd.DataFrame
    contradictions: dict[str, int]


def group_rows(raw: pd.DataFrame, profile: Profile) -> Visits:
    """The inspections that the rows are of.

    Raises:
        DataError: A column that the profile names is not there.
    """
    _require(raw, profile)
    given = {column: Texts.of(raw[column]) for column in profile.portal_columns}
    tidy = {
        column: _tidy(texts, column, profile) for column, texts in given.items() if column not in _as_given(profile)
    }
    ids = _ids(tidy, profile)
    days = pd.Series(tidy[profile.columns.date].days(profile.rows.date_format)).astype("datetime64[ns]")
    updated = _updates(raw)
    reasons = np.select([ids.is_missing, days.isna().to_numpy()], [NO_ID, NO_DATE], default="").astype(object)
    usable = np.flatnonzero(reasons == "")
    if profile.rows.grain == "inspection":
        usable = _best_copies(usable, ids, days, updated, tidy)
    else:
        usable = _without_repeats(usable, raw)
    is_left = np.zeros(len(raw), dtype=np.bool_)
    is_left[usable] = True
    reasons[(reasons == "") & ~is_left] = DUPLICATE
    weeks = monday_of(days)
    groups = Groups.of(_numbers(ids, weeks, usable), usable)
    first = groups.rows[groups.starts]
    contradictions: dict[str, int] = {}
    header: dict[str, Texts] = {}
    for column in profile.header_columns:
        if column in tidy:
            header[column], torn = groups.agree(tidy[column])
            if torn:
                contradictions[column] = torn
    as_given = {column: groups.agree(given[column].map(_known))[0] for column in _as_given(profile)}
    pull_weeks = pd.to_datetime(raw["week"]).reset_index(drop=True) if "week" in raw.columns else weeks
    has_rows = profile.rows.grain == "violation"
    return Visits(
        ids=pd.Series(ids.take(first).values(), dtype=object),
        days=_at(days, first),
        pull_weeks=_at(pull_weeks, first),
        updated_at=groups.latest(updated),
        row_counts=pd.Series(groups.sizes),
        header=header,
        as_given=as_given,
        row_visits=groups.numbers if has_rows else np.empty(0, dtype=np.int64),
        row_days=_at(days, groups.rows),
        row_findings=_findings(tidy, groups.rows, profile) if has_rows else (),
        dropped=_tally(pull_weeks, reasons),
        contradictions=contradictions,
    )


def _require(raw: pd.DataFrame, profile: Profile) -> None:
    for column in profile.portal_columns:
        if column not in raw.columns:
            close = difflib.get_close_matches(column, [str(name) for name in raw.columns], 1)
            hint = (
                f", but {close[0]!r}: was it renamed?" if close else f"; there are {', '.join(map(str, raw.columns))}."
            )
            raise DataError(
                f"The rows of {profile.city.name} have no column {column!r}{hint} Correct the profile; where it names "
                "the column for the first time, pull those weeks again (docs/cities.md, When the profile changes)."
            )


def _updates(raw: pd.DataFrame) -> pd.Series:
    """When the portal changed each row; missing where it does not say."""
    given = raw["portal_updated_at"] if "portal_updated_at" in raw.columns else pd.Series(None, raw.index, dtype=object)
    return pd.to_datetime(given.reset_index(drop=True), errors="coerce", utc=True, format="ISO8601")


def _as_given(profile: Profile) -> tuple[str, ...]:
    """Columns whose line breaks and blanks mean something."""
    text = profile.violations.column if profile.violations else None
    return tuple(column for column in (profile.columns.location, text) if column is not None)


def _known(text: str) -> str | None:
    return None if is_missing(text) else text


def _tidy(texts: Texts, column: str, profile: Profile) -> Texts:
    tidy = tidied(texts, [*profile.missing.values, *profile.missing.columns.get(column, [])])
    return tidy.map(whole_number) if column in profile.rows.whole_numbers else tidy


def _ids(tidy: dict[str, Texts], profile: Profile) -> Texts:
    """The id of each row's inspection; missing where one cannot tell which it is."""
    parts = [tidy[column] for column in profile.rows.key]
    if len(parts) == 1:
        return parts[0]
    ids = joined_keys([_as_day(tidy[c], profile) if c == profile.columns.date else tidy[c] for c in profile.rows.key])
    # A visit without a type is still a visit; one without a place is none, and a day is asked for elsewhere.
    asked = [c for c in profile.rows.key if c not in (profile.columns.inspection_type, profile.columns.date)]
    is_missing = np.any([tidy[column].is_missing for column in asked], axis=0) if asked else np.bool_(False)
    return Texts(np.where(is_missing, -1, ids.codes), ids.words)


def _as_day(texts: Texts, profile: Profile) -> Texts:
    words = Texts(np.arange(len(texts.words)), texts.words)
    days = pd.Series(words.days(profile.rows.date_format)).dt.strftime("%Y-%m-%d")
    by_word = dict(zip(texts.words, days, strict=True))
    return texts.map(lambda text: by_word[text] if isinstance(by_word[text], str) else text)


def _numbers(ids: Texts, weeks: pd.Series, rows: IntArray) -> IntArray:
    """The inspection of each of the rows, from 0: an id within a week."""
    weeks_of = pd.factorize(weeks.iloc[rows].to_numpy())[0].astype(np.int64)
    both = ids.codes[rows] * (int(weeks_of.max()) + 1 if len(rows) else 1) + weeks_of
    return pd.factorize(both)[0].astype(np.int64)


def _best_copies(rows: IntArray, ids: Texts, days: pd.Series, updated: pd.Series, tidy: dict[str, Texts]) -> IntArray:
    """One row of each inspection within its week.

    The best is the one the portal updated last; then the one with the fewest gaps; then,
    so that the order of rows never matters, the one whose values sort first.
    """
    numbers = _numbers(ids, monday_of(days), rows)
    is_copied = pd.Series(numbers).duplicated(keep=False).to_numpy()
    copies = rows[is_copied]
    if not len(copies):
        return rows
    values = {column: texts.take(copies).values("") for column, texts in tidy.items()}
    frame = pd.DataFrame(
        {
            "number": numbers[is_copied],
            "updated": updated.iloc[copies].to_numpy(),
            "gaps": np.sum([texts.codes[copies] < 0 for texts in tidy.values()], axis=0),
            "content": ["|".join(map(str, row)) for row in zip(*values.values(), strict=True)],
            "row": copies,
        }
    )
    ranked = frame.sort_values(["updated", "gaps", "content"], ascending=[False, True, True], kind="stable")
    best = ranked.drop_duplicates("number")["row"].to_numpy(dtype=np.int64)
    return np.sort(np.concatenate([rows[~is_copied], best]))


def _without_repeats(rows: IntArray, raw: pd.DataFrame) -> IntArray:
    """Rows that are not the same violation once more, as a pull that was joined to itself has them.

    Without the portal's ids a row repeats another one where all columns do, also those that the profile does not
    name: an export may number its rows.
    """
    if "portal_row_id" in raw.columns and raw["portal_row_id"].notna().all():
        keys = raw["portal_row_id"].to_numpy()
    else:
        own = raw[[name for name in raw.columns if name not in OF_PULLS]]
        keys = pd.util.hash_pandas_object(own, index=False).to_numpy()
    kept: IntArray = rows[~pd.Series(keys[rows]).duplicated().to_numpy()]
    return kept


def _findings(tidy: dict[str, Texts], rows: IntArray, profile: Profile) -> tuple[Texts, ...]:
    """Code, text and flag of the rows."""
    nothing = Texts(np.full(len(rows), -1, dtype=np.int64), np.empty(0, dtype=object))
    rules = profile.violations
    names = (rules.code, rules.text, rules.flag) if rules else (None, None, None)
    return tuple(nothing if name is None else tidy[name].take(rows) for name in names)


def _at(values: pd.Series, rows: npt.NDArray[np.int64]) -> pd.Series:
    return values.iloc[rows].reset_index(drop=True)


def _tally(weeks: pd.Series, reasons: npt.NDArray[np.object_]) -> pd.DataFrame:
    rows = pd.DataFrame({"week": weeks.to_numpy(), "reason": reasons})
    tally = (
        rows[rows["reason"] != ""].groupby(["week", "reason"], dropna=False).size().rename("row_count").reset_index()
    )
    return tally.astype({"row_count": "int64"})
