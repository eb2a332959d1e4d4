"""From the portal's text to clean inspections, by the rules of the data team.

Nothing is lost silently: every row that is left out is counted under one reason,
the first that applies in the order of :data:`DROP_REASONS`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from food_inspections.domain.inspections import identity, violations, vocabularies
from food_inspections.domain.inspections.identity import UNKNOWN
from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError

PORTAL_COLUMNS = (
    "inspection_id",
    "dba_name",
    "aka_name",
    "license_",
    "facility_type",
    "risk",
    "address",
    "city",
    "state",
    "zip",
    "inspection_date",
    "inspection_type",
    "results",
    "violations",
    "latitude",
    "longitude",
    "location",
)

INSPECTION_COLUMNS = (
    "week",
    "inspection_id",
    "inspection_date",
    "establishment_id",
    "chain_key",
    "dba_name",
    "aka_name",
    "license_",
    "facility_type",
    "risk",
    "address",
    "city",
    "state",
    "zip",
    "inspection_type",
    "results",
    "violations",
    "latitude",
    "longitude",
    *violations.COLUMNS,
    "is_failure",
    "is_critical",
)

CLOSURE_COLUMNS = (
    "week",
    "inspection_id",
    "inspection_date",
    "establishment_id",
    "dba_name",
    "address",
    "license_",
    "results",
)

DROP_REASONS = (
    "malformed_inspection_id",
    "malformed_inspection_date",
    "duplicate_inspection_id",
    "missing_coordinates",
    "no_identity",
    "out_of_business",
    "business_not_located",
    "no_entry",
    "not_ready",
    "unknown_result",
    "non_inspection",
)

CLOSURE_RESULTS = ("Out of Business", "Business Not Located")

_REASON_OF_RESULT = {
    "Out of Business": "out_of_business",
    "Business Not Located": "business_not_located",
    "No Entry": "no_entry",
    "Not Ready": "not_ready",
    vocabularies.OTHER: "unknown_result",
    UNKNOWN: "unknown_result",
}

_TEXT_COLUMNS = (
    "dba_name",
    "aka_name",
    "facility_type",
    "risk",
    "address",
    "city",
    "state",
    "zip",
    "inspection_type",
    "results",
)
_VOCABULARIES = (
    vocabularies.FACILITY_TYPES,
    vocabularies.RISKS,
    vocabularies.CITIES,
    vocabularies.INSPECTION_TYPES,
    vocabularies.RESULTS,
)


@dataclass(frozen=True)
class Cleaned:
    """What cleaning makes of raw rows.

    Attributes:
        inspections: Columns of ``data.clean_inspections``, in the order (date, id).
        closures: Columns of ``data.closures``, in the same order.
        dropped: ``week``, ``reason``, ``row_count``. Per week, raw rows are inspections plus
            dropped rows; a row without a usable date has a missing week unless the raw frame
            says in a ``week`` column which pull it came with.
        unmapped: ``week``, ``column``, ``value``, ``row_count``: spellings of kept rows that no
            vocabulary knows, and that became ``other``.
    """

    inspections: pd.DataFrame
    closures: pd.DataFrame
    dropped: pd.DataFrame
    unmapped: pd.DataFrame


def clean(raw: pd.DataFrame) -> Cleaned:
    """Clean the portal's rows.

    Each week is cleaned as if it were alone, so any set of weeks gives the same rows.

    Args:
        raw: Text or None in :data:`PORTAL_COLUMNS`; ``portal_updated_at`` decides between
            duplicates where present. Other columns are ignored.

    Raises:
        DataError: A portal column is missing.
    """
    missing = [column for column in PORTAL_COLUMNS if column not in raw.columns]
    if missing:
        raise DataError(f"Raw inspections lack the columns {', '.join(missing)}: pull the week again.")
    parsed = _parse(raw.reset_index(drop=True))
    reasons = _drop_reasons(parsed)
    is_readable = ~reasons.isin(DROP_REASONS[:3]) & parsed["establishment_id"].notna()
    is_closure = is_readable & parsed["results"].isin(CLOSURE_RESULTS)
    kept = _with_vocabularies(parsed[reasons.isna()])
    return Cleaned(
        inspections=_inspections(kept),
        closures=_ordered(parsed[is_closure], CLOSURE_COLUMNS),
        dropped=_tally(pd.DataFrame({"week": parsed["pull_week"], "reason": reasons}), ["week", "reason"]),
        unmapped=_unmapped(parsed[reasons.isna()], kept),
    )


def _parse(raw: pd.DataFrame) -> pd.DataFrame:
    """Typed columns; what cannot be read is missing (ids and dates) or ``unknown`` (text)."""
    parsed = pd.DataFrame(index=raw.index)
    parsed["inspection_id"] = identity.licence_numbers(raw["inspection_id"])
    parsed["inspection_date"] = _days(raw["inspection_date"])
    parsed["week"] = monday_of(parsed["inspection_date"])
    parsed["pull_week"] = pd.to_datetime(raw["week"]) if "week" in raw.columns else parsed["week"]
    for column in _TEXT_COLUMNS:
        parsed[column] = vocabularies.tidy_text(raw[column])
    parsed["results"] = vocabularies.RESULTS.apply(parsed["results"])
    parsed["violations"] = _violation_texts(raw["violations"])
    parsed["license_"] = identity.licence_numbers(raw["license_"])
    parsed["establishment_id"] = identity.establishment_ids(parsed["license_"], parsed["dba_name"], parsed["address"])
    parsed["latitude"], parsed["longitude"] = _coordinates(raw["latitude"], raw["longitude"])
    updated = raw.get("portal_updated_at", pd.Series(None, index=raw.index, dtype=object))
    parsed["portal_updated_at"] = pd.to_datetime(updated, errors="coerce", utc=True, format="ISO8601")
    parsed["missing_count"] = raw[list(PORTAL_COLUMNS)].isna().sum(axis=1)
    return parsed


def _coordinates(latitudes: pd.Series, longitudes: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Degrees; both missing where either cannot be read or lies off the map."""
    latitude = pd.to_numeric(latitudes, errors="coerce").astype("float64")
    longitude = pd.to_numeric(longitudes, errors="coerce").astype("float64")
    # 0, 0 is what geocoders answer when they mean "not found".
    is_sane = latitude.abs().le(90) & longitude.abs().le(180) & ~(latitude.eq(0) & longitude.eq(0))
    return latitude.where(is_sane), longitude.where(is_sane)


def _days(texts: pd.Series) -> pd.Series:
    """Midnights from ``2013-02-14T00:00:00.000`` (any time of day) or ``02/14/2013``."""
    values = pd.Series(texts.unique(), dtype=object).astype("string").str.strip()
    iso_days = values.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$", expand=False)
    iso = pd.to_datetime(iso_days, errors="coerce", format="%Y-%m-%d")
    american = pd.to_datetime(values, errors="coerce", format="%m/%d/%Y")
    days = dict(zip(texts.unique(), iso.fillna(american), strict=True))
    return texts.map(days).astype("datetime64[ns]")


def _violation_texts(texts: pd.Series) -> pd.Series:
    """The text as given; ``unknown`` where there is none."""
    known = [UNKNOWN if vocabularies.is_missing(text) or not text.strip() else text for text in texts]
    return pd.Series(known, index=texts.index, dtype=object)


def _drop_reasons(parsed: pd.DataFrame) -> pd.Series:
    """The first reason that applies to each row; missing where the row is kept."""
    by_result = parsed["results"].map(_REASON_OF_RESULT)
    has_no_id, has_no_date = parsed["inspection_id"].eq(0), parsed["inspection_date"].isna()
    is_non_inspection = vocabularies.INSPECTION_TYPES.apply(parsed["inspection_type"]).eq("Non-Inspection")
    conditions = {
        "malformed_inspection_id": has_no_id,
        "malformed_inspection_date": has_no_date,
        "duplicate_inspection_id": _is_duplicate(parsed, ~has_no_id & ~has_no_date),
        "missing_coordinates": parsed["latitude"].isna() | parsed["longitude"].isna(),
        "no_identity": parsed["establishment_id"].isna(),
        **{reason: by_result.eq(reason) for reason in dict.fromkeys(_REASON_OF_RESULT.values())},
        "non_inspection": is_non_inspection,
    }
    reasons = np.select([conditions[reason] for reason in DROP_REASONS], DROP_REASONS, default="")
    return pd.Series(reasons, index=parsed.index, dtype=object).replace("", None)


def _is_duplicate(parsed: pd.DataFrame, is_usable: pd.Series) -> pd.Series:
    """All but the best copy of an inspection within its week.

    The best is the one the portal updated last; then the one with the fewest gaps; then,
    so that the order of rows never matters, the one whose values sort first.
    """
    flags = pd.Series(data=False, index=parsed.index)
    candidates = parsed[is_usable]
    copies = candidates[candidates.duplicated(["week", "inspection_id"], keep=False)]
    content = copies.astype(str).agg("|".join, axis=1) if len(copies) else pd.Series(dtype=object)
    best_first = ["portal_updated_at", "missing_count", "content"]
    ranked = copies.assign(content=content).sort_values(best_first, ascending=[False, True, True], kind="stable")
    flags[ranked.index[ranked.duplicated(["week", "inspection_id"])]] = True
    return flags


def _with_vocabularies(rows: pd.DataFrame) -> pd.DataFrame:
    normalised = {vocabulary.column: vocabulary.apply(rows[vocabulary.column]) for vocabulary in _VOCABULARIES}
    states = rows["state"].where(rows["state"].eq(UNKNOWN), rows["state"].str.upper())
    return rows.assign(**normalised, zip=vocabularies.postal_codes(rows["zip"]), state=states)


def _inspections(kept: pd.DataFrame) -> pd.DataFrame:
    counts = violations.count_violations(kept["violations"], kept["inspection_date"])
    return _ordered(
        kept.assign(
            chain_key=identity.chain_keys(kept["dba_name"]),
            **counts,
            is_failure=kept["results"].eq("Fail"),
            is_critical=counts["critical_violations"].gt(0),
        ),
        INSPECTION_COLUMNS,
    )


def _ordered(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    return rows.sort_values(["inspection_date", "inspection_id"], kind="stable")[list(columns)].reset_index(drop=True)


def _unmapped(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"week": before["week"], "column": vocabulary.column, "value": before[vocabulary.column]})[
            after[vocabulary.column].eq(vocabularies.OTHER)
        ]
        for vocabulary in _VOCABULARIES
    ]
    return _tally(pd.concat(parts), ["week", "column", "value"])


def _tally(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    tally = rows.dropna(subset=keys[-1]).groupby(keys, dropna=False).size().rename("row_count").reset_index()
    return tally.astype({"row_count": "int64"})
