"""Feature rows of the visits asked for: stored ones, adjusted, and new ones of places without a past."""

import threading
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from api.errors import ApiError
from api.queries import scoring as queries
from food_inspections.domain.features import FEATURES, GROUP_COLUMNS, HISTORY_COLUMNS, build_features
from food_inspections.domain.identity import UNKNOWN, chain_key

Visit = Mapping[str, Any]

# What of a stored row depends on the day of the visit alone. The rest is known as of the Monday.
_CALENDAR_COLUMNS = (
    *(feature.name for feature in FEATURES if feature.family == "visit" and feature.kind == "numeric"),
    "season_sin",
    "season_cos",
)
_PLACE_COLUMNS = ("facility_type", "risk", "zip", "inspection_type", "latitude", "longitude")
# Whatever a visit leaves open: nothing is known of it, and nothing was found.
_NOTHING: Visit = {
    **dict.fromkeys(HISTORY_COLUMNS, 0),
    **dict.fromkeys(("establishment_id", "chain_key", "dba_name", "address", "results"), UNKNOWN),
    **dict.fromkeys(GROUP_COLUMNS, UNKNOWN),
    **dict.fromkeys(("latitude", "longitude"), 0.0),
    **dict.fromkeys(("is_failure", "is_critical"), False),
    "inspection_date": date(2020, 1, 6),
}


class CityHistory:
    """The last year's inspections, kept while they do not change; one per worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[tuple[str, date], pd.DataFrame] | None = None

    def of(self, connection: Connection, version: str, monday: date) -> pd.DataFrame:
        """Inspections before a Monday.

        Args:
            connection: To read on.
            version: State of the data, from :func:`api.queries.establishments.directory_version`.
            monday: The first day not known.
        """
        with self._lock:
            if self._held is None or self._held[0] != (version, monday):
                self._held = ((version, monday), queries.city_history(connection, monday))
            return self._held[1]


def known_rows(connection: Connection, week: date, visits: Sequence[Visit], positions: Sequence[int]) -> pd.DataFrame:
    """Feature rows of visits to establishments in business, one per visit, in order.

    Args:
        connection: To read on.
        week: Week whose stored rows to take.
        visits: Visits with an ``establishment_id``.
        positions: Where each stands in the request, for the message.

    Raises:
        ApiError: An establishment is not in business, as far as is known.
    """
    stored = queries.establishment_features(connection, week, sorted({visit["establishment_id"] for visit in visits}))
    at = {establishment_id: row for row, establishment_id in enumerate(stored["establishment_id"])}
    unknown = [
        position for position, visit in zip(positions, visits, strict=True) if visit["establishment_id"] not in at
    ]
    if unknown:
        raise _not_in_business(unknown, week)
    rows = stored.iloc[[at[visit["establishment_id"]] for visit in visits]].reset_index(drop=True)
    calendar = _calendar([week + timedelta(visit["weekday"]) for visit in visits])
    rows[list(calendar.columns)] = calendar
    return rows.assign(inspection_type=[visit["inspection_type"] for visit in visits])


def hypothetical_rows(
    visits: Sequence[Visit], history: pd.DataFrame, week: date, knowledge_lag_days: int
) -> pd.DataFrame:
    """Feature rows of visits to places without a past, one per visit, in order.

    Args:
        visits: Visits without an ``establishment_id``.
        history: Inspections of the city, and of the chains named, before the week.
        week: Week of the visits.
        knowledge_lag_days: What was inspected in the last so many days is not yet known.
    """
    asked = [
        {
            "inspection_date": week + timedelta(visit["weekday"]),
            # No place has this id, so that nothing counts as its own past.
            "establishment_id": f"hypothetical-{position}",
            "chain_key": chain_of(visit),
            **{
                name: visit[name]
                for name in ("facility_type", "risk", "zip", "inspection_type", "latitude", "longitude")
            },
        }
        for position, visit in enumerate(visits)
    ]
    return _built(asked, history, knowledge_lag_days)


def chain_of(visit: Visit) -> str:
    """Key of the chain a visit names; ``unknown`` where it names none."""
    return chain_key(visit.get("dba_name", UNKNOWN))


def _calendar(days: Sequence[date]) -> pd.DataFrame:
    distinct = sorted(set(days))
    built = _built([{"inspection_date": day} for day in distinct], _frame([_NOTHING]).iloc[:0], 0)
    return built[list(_CALENDAR_COLUMNS)].iloc[[distinct.index(day) for day in days]].reset_index(drop=True)


def _built(asked: Sequence[Visit], history: pd.DataFrame, knowledge_lag_days: int) -> pd.DataFrame:
    visits = _frame([{**_NOTHING, **visit, "inspection_id": number} for number, visit in enumerate(asked)])
    features = build_features(visits, history, knowledge_lag_days)
    return features.sort_values("inspection_id", kind="stable").reset_index(drop=True)


def _frame(rows: Sequence[Visit]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    return frame.assign(inspection_date=pd.to_datetime(frame["inspection_date"]))


def _not_in_business(positions: Sequence[int], week: date) -> ApiError:
    message = (
        f"Not in business as of {week}: never visited, not for three years, or found closed. Find ids with "
        "GET /api/v1/establishments, or describe the place instead."
    )
    details = {"json": {"visits": {str(position): {"establishment_id": [message]} for position in positions}}}
    return ApiError(404, "unknown_establishments", "Some establishments cannot be scored; details says which.", details)
