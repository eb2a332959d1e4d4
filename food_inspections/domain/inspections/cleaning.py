"""From canonical inspections to clean ones: establishments in business whose visits can be judged.

Nothing is lost silently: every inspection that is left out is counted under one reason,
the first that applies in the order of :func:`drop_reasons`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from food_inspections.domain.city import visits
from food_inspections.domain.city.canonical import canonical
from food_inspections.domain.city.findings import COUNT_COLUMNS
from food_inspections.domain.city.profile import Profile, Requirement
from food_inspections.domain.city.tables import TEXT_COLUMNS
from food_inspections.domain.inspections import identity
from food_inspections.domain.inspections.identity import UNKNOWN

INSPECTION_COLUMNS = (
    "week",
    "inspection_id",
    "inspection_date",
    "establishment_id",
    "chain_key",
    "dba_name",
    "aka_name",
    "facility_type",
    "risk",
    "address",
    "city",
    "state",
    "zip",
    "area",
    "inspection_type",
    "results",
    "violations",
    "latitude",
    "longitude",
    "is_first_look",
    "is_full_visit",
    "is_reinspection",
    "is_complaint",
    "is_conditional",
    *COUNT_COLUMNS,
    "is_failure",
    "is_critical",
    "points",
    "report_number",
)

CLOSURE_COLUMNS = (
    "week",
    "inspection_id",
    "inspection_date",
    "establishment_id",
    "dba_name",
    "address",
    "results",
)

CLOSURE_MEANINGS = ("out_of_business", "not_located")

_REASON_OF_MEANING = {
    "out_of_business": "out_of_business",
    "not_located": "business_not_located",
    "no_entry": "no_entry",
    "not_ready": "not_ready",
}
_COLUMNS_OF_REQUIREMENT: dict[Requirement, tuple[str, ...]] = {
    "coordinates": ("latitude", "longitude"),
    "risk": ("risk",),
    "kind": ("facility_type",),
    "zip": ("zip",),
    "points": ("points",),
    "result": ("results",),
}


@dataclass(frozen=True)
class Cleaned:
    """What cleaning makes of raw rows.

    Attributes:
        inspections: Columns of ``data.clean_inspections``, in the order (date, id).
        closures: Columns of ``data.closures``, in the same order.
        kept: ``week``, ``row_count``: raw rows of the inspections that are kept.
        dropped: ``week``, ``reason``, ``row_count``. Per week, raw rows are those kept plus those
            dropped; a row without a usable date has a missing week unless the raw frame
            says in a ``week`` column which pull it came with.
        unmapped: ``week``, ``column``, ``value``, ``row_count``: spellings of kept inspections that no
            vocabulary knows, and that became ``other``.
    """

    inspections: pd.DataFrame
    closures: pd.DataFrame
    kept: pd.DataFrame
    dropped: pd.DataFrame
    unmapped: pd.DataFrame


def clean(raw: pd.DataFrame, profile: Profile) -> Cleaned:
    """Clean a portal's rows.

    Each week is cleaned as if it were alone, so any set of weeks gives the same inspections.

    Args:
        raw: Rows as :func:`~food_inspections.domain.city.canonical.canonical` takes them.
        profile: What the columns mean.

    Raises:
        DataError: A column that the profile names is not there.
    """
    read = canonical(raw, profile)
    found = read.inspections
    reasons = _reasons(found, profile)
    kept = found[reasons.isna()]
    is_closure = found["establishment_id"].notna() & found["result_meaning"].isin(CLOSURE_MEANINGS)
    rows = pd.DataFrame({"week": found["pull_week"], "reason": reasons, "row_count": found["raw_row_count"]})
    dropped = pd.concat([read.dropped, rows.dropna(subset="reason")], ignore_index=True)
    unmapped = read.unmapped_values
    unmapped = unmapped[_keys(unmapped).isin(_keys(kept))]
    return Cleaned(
        inspections=_inspections(kept),
        closures=_filled(found[is_closure])[list(CLOSURE_COLUMNS)].reset_index(drop=True),
        kept=_sums(rows[rows["reason"].isna()], ["week"]),
        dropped=_sums(dropped, ["week", "reason"]),
        unmapped=_sums(unmapped.assign(row_count=1), ["week", "column", "value"]),
    )


def drop_reasons(profile: Profile) -> tuple[str, ...]:
    """Why rows of a city may be left out; of several reasons the first counts."""
    return (
        *visits.DROP_REASONS,
        *(f"missing_{requirement}" for requirement in profile.rows.required),
        "no_identity",
        *_REASON_OF_MEANING.values(),
        "unknown_result",
        "non_inspection",
    )


def _reasons(found: pd.DataFrame, profile: Profile) -> pd.Series:
    """The first reason that applies to each inspection; missing where it is kept."""
    by_meaning = found["result_meaning"].map(_REASON_OF_MEANING)
    conditions = {
        **{f"missing_{requirement}": _is_missing(found, requirement) for requirement in profile.rows.required},
        "no_identity": found["establishment_id"].isna(),
        **{reason: by_meaning.eq(reason) for reason in _REASON_OF_MEANING.values()},
        # Where nothing says whether it failed, a visit teaches nothing and is in no rate.
        "unknown_result": found["is_failure"].isna(),
        "non_inspection": ~found["is_inspection"].astype(bool),
    }
    order = [reason for reason in drop_reasons(profile) if reason in conditions]
    reasons = np.select([conditions[reason].to_numpy(dtype=bool) for reason in order], order, default="")
    return pd.Series(reasons, index=found.index, dtype=object).replace("", None)


def _is_missing(found: pd.DataFrame, requirement: Requirement) -> pd.Series:
    columns = found[list(_COLUMNS_OF_REQUIREMENT[requirement])]
    return (columns.isna() | columns.isin([UNKNOWN])).any(axis=1)


def _inspections(kept: pd.DataFrame) -> pd.DataFrame:
    rows = _filled(kept)
    rows = rows.assign(
        chain_key=identity.chain_keys(rows["dba_name"]),
        is_failure=rows["is_failure"].astype(bool),
        is_critical=_plain(rows["is_critical"], "bool"),
        **{name: _plain(rows[name], "int64") for name in COUNT_COLUMNS},
    )
    return rows[list(INSPECTION_COLUMNS)].reset_index(drop=True)


def _plain(values: pd.Series, dtype: Literal["bool", "int64"]) -> pd.Series:
    """Without room for missing values where there are none."""
    return values if values.isna().any() else values.astype(dtype)


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    """Text that a city does not publish is ``unknown``, as a text that one inspection lacks is."""
    texts = [*TEXT_COLUMNS, "violations"]
    return rows.assign(**{name: rows[name].where(rows[name].notna(), UNKNOWN) for name in texts})


def _keys(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["week", "inspection_id"]])


def _sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    sums = rows.groupby(keys, dropna=False)["row_count"].sum().reset_index()
    return sums.astype({"row_count": "int64"})
