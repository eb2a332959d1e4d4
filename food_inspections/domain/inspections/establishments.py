"""Who is in business on a Monday: the establishments the queue ranks."""

from datetime import date, timedelta

import pandas as pd

from food_inspections.domain.visit_order import in_visit_order
from food_inspections.domain.weeks import monday_of

# A place not visited for three years is taken to be gone.
IN_BUSINESS_DAYS = 3 * 365


def in_business(
    history: pd.DataFrame, closures: pd.DataFrame, monday: date, first_look_type: str, knowledge_lag_days: int = 0
) -> pd.DataFrame:
    """Establishments visited in the last three years and not found closed since.

    Args:
        history: Inspections in the columns of ``data.clean_inspections``; only earlier days count.
        closures: Visits that found an establishment closed, in the columns of ``data.closures``.
        monday: The day to judge from.
        first_look_type: What the city calls a scheduled first look.
        knowledge_lag_days: What was inspected in the last so many days is not yet known.

    Returns:
        One row per establishment, ordered by id: its last visit's name, place and groups as a
        hypothetical first look on ``monday``, with last_visit, days_since_last_visit, last_result and
        is_reinspection_open (its last visit failed).
    """
    known_until = pd.Timestamp(monday - timedelta(days=knowledge_lag_days))
    oldest = pd.Timestamp(monday - timedelta(days=IN_BUSINESS_DAYS))
    known = history[history["inspection_date"] < known_until]
    last = (
        in_visit_order(known[known["inspection_date"] >= oldest])
        .drop_duplicates("establishment_id", keep="last")
        .sort_values("establishment_id", kind="stable", ignore_index=True)
    )
    closed = closures[closures["inspection_date"] < known_until].groupby("establishment_id")["inspection_date"].max()
    # A closure on the day of the last visit was found after it: one cannot inspect what is closed.
    is_closed = last["inspection_date"] <= last["establishment_id"].map(closed).astype("datetime64[ns]")
    open_places = last[~is_closed].reset_index(drop=True)
    day = pd.Series(pd.Timestamp(monday), index=open_places.index, dtype="datetime64[ns]")
    return open_places.assign(
        week=monday_of(day),
        last_visit=open_places["inspection_date"],
        days_since_last_visit=(day - open_places["inspection_date"]).dt.days.astype("int64"),
        last_result=open_places["results"],
        is_reinspection_open=open_places["is_failure"].astype(bool),
        inspection_date=day,
        inspection_type=first_look_type,
    )
