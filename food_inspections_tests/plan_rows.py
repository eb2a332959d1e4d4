"""A plan as the asset would leave it, for tests of what is done with one."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.storage.postgres import tables


def insert_plan(
    connection: Connection,
    week: date,
    stops: Mapping[str, Sequence[str]],
    places: pd.DataFrame | None = None,
    *,
    version: int = 1,
    status: str = "accepted",
) -> None:
    """Write a version of a week's plan and its record.

    Args:
        connection: Transaction to write on.
        week: Its Monday.
        stops: Establishments by inspector, six a day from Monday on; an inspector without any has a free week.
        places: Name, address and so on by establishment_id, in the columns of ``data.inspection_queue``.
        version: Version of the plan.
        status: Whether its checks accepted it.
    """
    content_hash = f"plan-{week}-{version}"
    count = sum(map(len, stops.values()))
    connection.execute(
        text(
            "INSERT INTO data.plans (week, version, run_id, content_hash, stop_count) "
            "VALUES (:week, :version, 'plan-run', :content_hash, :count)"
        ),
        {"week": week, "version": version, "content_hash": content_hash, "count": count},
    )
    lines = [
        _line(week, version, inspector, place, number)
        for inspector, of_inspector in stops.items()
        for number, place in enumerate(of_inspector)
    ]
    frame = pd.DataFrame(lines)
    if places is not None and len(frame):
        columns = ["establishment_id", "dba_name", "address", "zip", "facility_type", "latitude", "longitude"]
        known = places[columns].drop_duplicates("establishment_id")
        frame = frame.drop(columns=columns[1:]).merge(known, on="establishment_id")
    if len(frame):
        tables.append_rows(connection, "data.inspection_plan", frame)
    days = [_day(week, version, inspector, week + timedelta(day)) for inspector in stops for day in range(5)]
    tables.append_rows(connection, "data.plan_days", pd.DataFrame(days))
    connection.execute(
        text(
            "INSERT INTO metadata.materializations (run_id, asset, week, status, row_count, code_version, "
            "content_hash, upstream_hash) VALUES (:run_id, 'inspection_plan', :week, :status, :count, '1', :hash, '')"
        ),
        {"run_id": content_hash, "week": week, "status": status, "count": count, "hash": content_hash},
    )


def _line(week: date, version: int, inspector: str, place: str, number: int) -> dict[str, object]:
    day, stop = divmod(number, 6)
    return {
        "week": pd.Timestamp(week),
        "version": version,
        "establishment_id": place,
        "inspector": inspector,
        "day": pd.Timestamp(week + timedelta(day)),
        "stop": stop + 1,
        "arrival_minute": 8 * 60 + 15 + 75 * stop,
        "visit_minutes": 60,
        "travel_minutes": 15,
        "travel_km": 4.0,
        "why": "score",
        "is_must": False,
        "is_kept": False,
        "expected_finding": round(0.6 / (number + 1), 3),
        "rank": number + 1,
        "reason": "Failed 3 of its last 5 visits",
        "days_overdue": 12.0,
        "area": "606",
        "dba_name": f"PLACE {place}",
        "address": f"{number + 1} W MAIN ST",
        "zip": "60614",
        "facility_type": "Restaurant",
        "latitude": 41.9 + number / 1000,
        "longitude": -87.65,
    }


def _day(week: date, version: int, inspector: str, day: date) -> dict[str, object]:
    return {
        "week": pd.Timestamp(week),
        "version": version,
        "inspector": inspector,
        "day": pd.Timestamp(day),
        "start_latitude": 41.88,
        "start_longitude": -87.63,
        "start_minute": 8 * 60,
        "minutes": 420,
        "end_minute": 15 * 60,
        "stop_count": 0,
        "visit_minutes": 0,
        "travel_minutes": 0,
        "return_minutes": 0,
        "return_km": None,
        "kilometres": 0.0,
    }
