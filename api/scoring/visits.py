"""Feature rows of the visits asked for: stored ones, adjusted, and new ones of places without a past."""

import threading
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from food_inspections.api.http.errors import ApiError
from food_inspections.api.queries import scoring as queries
from food_inspections.domain.city.profile import Profile
from food_inspections.domain.features import FEATURES, HISTORY_COLUMNS, build_features
from food_inspections.domain.inspections.identity import UNKNOWN, chain_key
from food_inspections.storage.postgres.schema import describe_table

Visit = Mapping[str, Any]

_FEATURE_COLUMNS = [feature.name for feature in FEATURES]
_PLACE_COLUMNS = ("facility_type", "risk", "zip", "inspection_type", "latitude", "longitude")
_NOTHING_OF_TYPE = {"text": UNKNOWN, "boolean": False, "double precision": 0.0, "bigint": 0, "integer": 0}
# Whatever a visit leaves open: nothing is known of it, and nothing was found.
_NOTHING = {
    column.name: _NOTHING_OF_TYPE[column.type]
    for column in describe_table("data.clean_inspections")
    if column.name in HISTORY_COLUMNS and column.type != "date"
}


class CityHistory:
    """The last years' inspections, kept while they do not change; one per worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[tuple[str, date], pd.DataFrame] | None = None

    def of(self, connection: Connection, version: str, monday: date) -> pd.DataFrame:
        """Inspections before a Monday, in the order (date, id).

        Args:
            connection: To read on.
            version: State of the data, from :func:`api.queries.establishments.inspections_version`.
            monday: The first day not known.
        """
        with self._lock:
            if self._held is None or self._held[0] != (version, monday):
                self._held = ((version, monday), queries.city_history(connection, monday))
            return self._held[1]


def is_as_stored(visit: Visit, profile: Profile) -> bool:
    """Whether the visit is what the stored rows describe: a scheduled first look at an establishment on the Monday."""
    return "establishment_id" in visit and visit["weekday"] == 0 and visit["inspection_type"] == profile.first_look_type


def stored_rows(connection: Connection, week: date, visits: Sequence[Visit], positions: Sequence[int]) -> pd.DataFrame:
    """Stored feature rows of establishments in business, one per visit, in order.

    Args:
        connection: To read on.
        week: Week whose rows to take.
        visits: Visits with an ``establishment_id``.
        positions: Where each stands in the request, for the message.

    Raises:
        ApiError: An establishment is not in business, as far as is known.
    """
    stored = queries.establishment_features(connection, week, sorted({visit["establishment_id"] for visit in visits}))
    at = {establishment_id: row for row, establishment_id in enumerate(stored["establishment_id"])}
    numbered = zip(positions, visits, strict=True)
    unknown = [position for position, visit in numbered if visit["establishment_id"] not in at]
    if unknown:
        raise _not_in_business(unknown, week)
    return stored.iloc[[at[visit["establishment_id"]] for visit in visits]].reset_index(drop=True)


def adjusted_rows(
    rows: pd.DataFrame,
    visits: Sequence[Visit],
    history: pd.DataFrame,
    week: date,
    profile: Profile,
    knowledge_lag_days: int,
) -> pd.DataFrame:
    """Stored rows with what is otherwise at visits of another kind or day.

    Each visit is described twice from the history at hand, as stored and as asked; where
    the two differ the latter counts. So whatever goes back farther than that history stays
    as stored.

    Args:
        rows: Stored rows, one per visit.
        visits: Visits with an ``establishment_id``.
        history: Inspections of the city before the week.
        week: Week of the visits.
        profile: The city's.
        knowledge_lag_days: What was inspected in the last so many days is not yet known.
    """
    last = history.drop_duplicates("establishment_id", keep="last").set_index("establishment_id", drop=False)
    places = [_place(row, last) for row in rows.to_dict("records")]
    as_stored = [place | {"inspection_date": week, "inspection_type": profile.first_look_type} for place in places]
    as_asked = [
        place | {"inspection_date": week + timedelta(visit["weekday"]), "inspection_type": visit["inspection_type"]}
        for place, visit in zip(places, visits, strict=True)
    ]
    both = _built([*as_stored, *as_asked], history, profile, knowledge_lag_days)[_FEATURE_COLUMNS]
    before, after = both.iloc[: len(rows)], both.iloc[len(rows) :].reset_index(drop=True)
    adjusted = rows.copy()
    adjusted[_FEATURE_COLUMNS] = rows[_FEATURE_COLUMNS].mask(before != after, after)
    return adjusted


def hypothetical_rows(
    visits: Sequence[Visit], history: pd.DataFrame, week: date, profile: Profile, knowledge_lag_days: int
) -> pd.DataFrame:
    """Feature rows of visits to places without a past, one per visit, in order.

    Args:
        visits: Visits without an ``establishment_id``.
        history: Inspections of the city before the week.
        week: Week of the visits.
        profile: The city's.
        knowledge_lag_days: What was inspected in the last so many days is not yet known.
    """
    asked = [
        {
            "inspection_date": week + timedelta(visit["weekday"]),
            # No place has this id, so that nothing counts as its own past.
            "establishment_id": f"hypothetical-{position}",
            "dba_name": visit.get("dba_name", UNKNOWN),
            "chain_key": chain_key(visit.get("dba_name", UNKNOWN)),
            **{name: visit[name] for name in _PLACE_COLUMNS if name in visit},
        }
        for position, visit in enumerate(visits)
    ]
    return _built(asked, history, profile, knowledge_lag_days)


def _place(row: Mapping[Any, Any], last_visits: pd.DataFrame) -> dict[str, Any]:
    """A place as its last visit found it; as its stored row tells where that visit is not at hand."""
    establishment_id = row["establishment_id"]
    found = last_visits.loc[establishment_id].to_dict() if establishment_id in last_visits.index else row
    return {str(name): value for name, value in found.items() if name in HISTORY_COLUMNS}


def _built(asked: Sequence[Visit], history: pd.DataFrame, profile: Profile, knowledge_lag_days: int) -> pd.DataFrame:
    visits = pd.DataFrame([{**_NOTHING, **visit, "inspection_id": str(number)} for number, visit in enumerate(asked)])
    visits = visits.assign(inspection_date=pd.to_datetime(visits["inspection_date"]))
    features = build_features(visits, history, profile, knowledge_lag_days)
    return features.sort_values("inspection_id", key=lambda ids: ids.astype(int), kind="stable", ignore_index=True)


def _not_in_business(positions: Sequence[int], week: date) -> ApiError:
    message = (
        f"Not in business as of {week}: never visited, not for three years, or found closed. Find ids with "
        "GET /api/v1/establishments, or describe the place instead."
    )
    details = {"json": {"visits": {str(position): {"establishment_id": [message]} for position in positions}}}
    return ApiError(404, "unknown_establishments", "Some establishments cannot be scored; details says which.", details)
