"""All families put together: the feature tables of inspections and of establishments."""

from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.city.findings import SEVERITY_COLUMNS, TOPIC_COLUMNS
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.features import (
    chain,
    establishment,
    inspector,
    kind,
    name,
    neighbourhood,
    points,
    season,
    visit,
)
from food_inspections.domain.features.context import Context
from food_inspections.domain.features.feature import Feature
from food_inspections.domain.inspections import establishments
from food_inspections.domain.visit_order import in_visit_order
from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError

_FAMILIES = (establishment, chain, name, neighbourhood, inspector, kind, points, season, visit)

FEATURES: tuple[Feature, ...] = tuple(feature for family in _FAMILIES for feature in family.FEATURES)

GROUP_COLUMNS = ("facility_type", "risk", "zip", "inspection_type")
_NUMERIC = tuple(feature.name for feature in FEATURES if feature.kind == "numeric")

INSPECTION_COLUMNS = (
    "week",
    "inspection_id",
    "inspection_date",
    "establishment_id",
    *GROUP_COLUMNS,
    *_NUMERIC,
    "label_fail",
    "label_critical",
    "serious_found",
)

ESTABLISHMENT_COLUMNS = (
    "week",
    "establishment_id",
    "dba_name",
    "address",
    "latitude",
    "longitude",
    "last_visit",
    "days_since_last_visit",
    "last_result",
    "is_reinspection_open",
    *GROUP_COLUMNS,
    *_NUMERIC,
)

# All that the past is asked for: everything of clean_inspections but the violations text.
HISTORY_COLUMNS = (
    "inspection_id",
    "inspection_date",
    "establishment_id",
    "chain_key",
    "dba_name",
    "aka_name",
    "address",
    "latitude",
    "longitude",
    *GROUP_COLUMNS,
    "results",
    "is_first_look",
    "is_full_visit",
    "is_reinspection",
    "is_complaint",
    "is_conditional",
    *SEVERITY_COLUMNS,
    *TOPIC_COLUMNS,
    "is_failure",
    "is_critical",
    "points",
    "report_number",
)


def features_of(profile: Profile) -> tuple[Feature, ...]:
    """The features that a city has."""
    provides = profile.provides
    return tuple(feature for feature in FEATURES if feature.is_in(provides))


def build_features(
    visits: pd.DataFrame, history: pd.DataFrame, profile: Profile, knowledge_lag_days: int = 0
) -> pd.DataFrame:
    """Features of inspections that took place, each as of the morning of its day.

    Args:
        visits: Inspections in the columns of ``data.clean_inspections``.
        history: Inspections in :data:`HISTORY_COLUMNS`. It may hold the visits themselves and
            later ones: only strictly earlier days have influence.
        profile: The city's.
        knowledge_lag_days: What was inspected in the last so many days is not yet known.

    Returns:
        :data:`INSPECTION_COLUMNS` in the order (inspection_date, inspection_id), whatever the order of
        the rows given; features that the city does not have are missing in every row.

    Raises:
        DataError: A column is missing.
    """
    ordered = _in_order(visits, "Visits")
    described = ordered.assign(
        week=monday_of(ordered["inspection_date"]),
        label_fail=ordered["is_failure"].astype("int16"),
        label_critical=_small(ordered["is_critical"]),
        serious_found=_small(ordered["serious_violations"]),
    )
    return _with_features(described, history, profile, knowledge_lag_days, INSPECTION_COLUMNS)


def build_establishment_features(
    history: pd.DataFrame, closures: pd.DataFrame, monday: date, profile: Profile, knowledge_lag_days: int = 0
) -> pd.DataFrame:
    """Features of every establishment in business, as if it had a scheduled first look on the Monday.

    Args:
        history: Inspections in :data:`HISTORY_COLUMNS`; only days before the Monday have influence.
        closures: Visits that found an establishment closed, in the columns of ``data.closures``.
        monday: Day the establishments are described for.
        profile: The city's.
        knowledge_lag_days: What was inspected in the last so many days is not yet known.

    Returns:
        :data:`ESTABLISHMENT_COLUMNS`, features that the city does not have missing in every row, in the order
        of establishment_id.

    Raises:
        DataError: A column is missing.
    """
    candidates = establishments.in_business(history, closures, monday, profile.first_look_type, knowledge_lag_days)
    return _with_features(candidates, history, profile, knowledge_lag_days, ESTABLISHMENT_COLUMNS)


def _with_features(
    visits: pd.DataFrame, history: pd.DataFrame, profile: Profile, knowledge_lag_days: int, columns: tuple[str, ...]
) -> pd.DataFrame:
    """The given columns: those of the visits, and the features that the families compute for them."""
    context = Context.of(visits, _in_order(history, "The history"), profile, knowledge_lag_days)
    computed = {name: values for family in _FAMILIES for name, values in family.compute(context).items()}
    own = {feature.name for feature in features_of(profile) if feature.kind == "numeric"}
    # One frame from all columns at once: several million rows are too many to copy twice.
    values = {
        name: (computed[name] if name in own else np.nan) if name in _NUMERIC else visits[name] for name in columns
    }
    return pd.DataFrame(values, index=visits.index)


def _small(values: pd.Series) -> pd.Series:
    """Whole numbers; not known where the outcome is not."""
    return values.astype("Int16" if values.isna().any() else "int16")


def _in_order(inspections: pd.DataFrame, what: str) -> pd.DataFrame:
    missing = [column for column in HISTORY_COLUMNS if column not in inspections.columns]
    if missing:
        raise DataError(f"{what} lack the columns {', '.join(missing)}.")
    used = in_visit_order(inspections[list(HISTORY_COLUMNS)])
    # Read back from a table, yes and no with gaps are objects, and whole numbers with gaps floating point.
    if used["is_critical"].dtype == object or used["is_critical"].isna().any():
        used = used.astype({"is_critical": "boolean"})
    counts = ("is_critical", *SEVERITY_COLUMNS, *TOPIC_COLUMNS)
    return used.astype({column: "Int64" for column in counts if used[column].isna().any()})
