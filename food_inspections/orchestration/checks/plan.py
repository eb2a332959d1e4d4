"""Checks of the plan: people can work by it, nobody who must be visited is lost, and areas are served."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from food_inspections.domain.plan.choice import days_overdue, frequencies_of, must_reasons
from food_inspections.orchestration.assets.publication import api_inspection_queue
from food_inspections.orchestration.checks.common import (
    dates_in_week,
    in_unit_interval,
    no_duplicates,
    read_same_weeks,
    row_count_as_recorded,
    some,
)
from food_inspections.orchestration.checks.suite import Check, Outcome, RunUnderTest, Suite, WeekUnderTest, per_week
from food_inspections.orchestration.io.outputs import rows_by_week
from food_inspections.storage.records.materializations import Recorded
from food_inspections.storage.warehouse import Warehouse

TABLE = "data.inspection_plan"
QUEUE_COLUMNS = (
    "week",
    "version",
    "establishment_id",
    "is_on_list",
    "is_random_draw",
    "is_reinspection_open",
    "risk",
    "facility_type",
    "days_since_last_visit",
)


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    """The newest version of each week."""
    return rows[rows["version"] == rows.groupby("week")["version"].transform("max")]


def newest_version_of(warehouse: Warehouse, table: str, weeks: Sequence[date]) -> dict[date, pd.DataFrame]:
    """Rows of a table of the plan in the version that was written last, whatever its checks said before."""
    plans, rows = warehouse.read_rows("data.plans", weeks), warehouse.read_rows(table, weeks)
    versions = plans.groupby("week")["version"].max()
    rows = rows[rows["version"] == rows["week"].map(versions)]
    groups = rows_by_week(rows)
    return {week: groups.get(week, rows.iloc[:0]) for week in weeks}


def stops_of(warehouse: Warehouse, written: Sequence[Recorded]) -> list[WeekUnderTest]:
    """Weeks of the plan as they were written last."""
    stops = newest_version_of(warehouse, TABLE, [row.week for row in written])
    return [WeekUnderTest(row.week, stops[row.week], row.parameters, row.row_count) for row in written]


def keeps_working_time(run: RunUnderTest) -> dict[date, Outcome]:
    """Ways and visits follow each other without a gap on a working day, and end before it does."""
    days = newest_version_of(run.warehouse, "data.plan_days", run.mondays)
    outcomes = {}
    for week in run.weeks:
        key = ["inspector", "day"]
        stops = week.frame.sort_values([*key, "stop"], kind="stable")
        joined = stops.merge(days[week.week], on=key, how="left", suffixes=("", "_of_day"), validate="many_to_one")
        clock = joined["travel_minutes"] + joined["visit_minutes"]
        arrival = (
            joined["start_minute"] + clock.groupby([joined[name] for name in key]).cumsum() - joined["visit_minutes"]
        )
        end = joined["start_minute"] + joined["minutes"]
        # What was handed out stays, even where a swap makes the day longer.
        is_late = (joined["end_minute"] > end) & ~joined["is_kept"].astype(bool)
        is_wrong = joined["start_minute"].isna() | (arrival != joined["arrival_minute"]) | is_late
        wrong = joined.loc[is_wrong, "establishment_id"]
        seen = f"{len(wrong)} stops do not fit: {some(wrong)}" if len(wrong) else f"{len(stops)} stops fit"
        outcomes[week.week] = Outcome(wrong.empty, "every stop within the inspector's working day", seen)
    return outcomes


def serves_or_names_every_must_visit(run: RunUnderTest) -> dict[date, Outcome]:
    """Random draws, open re-inspections and overdue places are in the plan, or named with the cause."""
    queues = newest(read_same_weeks(run, api_inspection_queue, QUEUE_COLUMNS))
    unserved = newest_version_of(run.warehouse, "data.plan_unserved", run.mondays)
    frequencies = frequencies_of(run.warehouse.profile)
    outcomes = {}
    for week in run.weeks:
        queue = queues[queues["week"] == pd.Timestamp(week.week)]
        queue = queue.assign(days_overdue=days_overdue(queue, frequencies))
        musts = set(queue.loc[(must_reasons(queue) != "").to_numpy(), "establishment_id"])
        named = set(unserved[week.week]["establishment_id"])
        lost = musts - set(week.frame["establishment_id"]) - named - set(week.facts["left_out"])
        foreign = set(week.frame["establishment_id"]) - set(queue["establishment_id"])
        wrong = f"{len(lost)} lost: {some(sorted(lost))}; {len(foreign)} stops are not in the queue"
        expected = f"each of {len(musts)} must-visits planned or named"
        outcomes[week.week] = Outcome(
            not lost and not foreign, expected, wrong if lost or foreign else f"{len(named)} named"
        )
    return outcomes


def keeps_or_names_every_stop(run: RunUnderTest) -> dict[date, Outcome]:
    """Each stop of the version handed out is in the plan, or named: taken off, unserved or out of the queue."""
    every = run.warehouse.read_rows(TABLE, run.mondays)
    unserved = newest_version_of(run.warehouse, "data.plan_unserved", run.mondays)
    outcomes = {}
    for week in run.weeks:
        version = week.facts["handed_out_version"]
        is_before = (every["week"] == pd.Timestamp(week.week)) & (every["version"] == (version or 0))
        before = set(every.loc[is_before, "establishment_id"])
        named = {*unserved[week.week]["establishment_id"], *week.facts["left_out"], *week.facts["not_in_queue"]}
        lost = before - set(week.frame["establishment_id"]) - named
        seen = f"{len(lost)} lost: {some(sorted(lost))}" if lost else f"{len(before & named)} named"
        outcomes[week.week] = Outcome(not lost, f"each of {len(before)} stops handed out planned or named", seen)
    return outcomes


def floor_is_kept(run: RunUnderTest) -> dict[date, Outcome]:
    """No area finds less than its floor."""
    services = newest_version_of(run.warehouse, "data.plan_service", run.mondays)
    outcomes = {}
    for week in run.weeks:
        areas = services[week.week][services[week.week]["attribute"] == "area"]
        below = areas.loc[~areas["is_kept"].astype(bool), "value"]
        floor = week.facts["area_floor"]
        seen = f"{len(below)} of {len(areas)} below: {some(below)}" if len(below) else f"{len(areas)} areas"
        outcomes[week.week] = Outcome(below.empty, f"each area finds {floor:.0%} of business as usual", seen)
    return outcomes


def input_was_usable(week: WeekUnderTest) -> Outcome:
    """Nothing about inspectors, districts and places had to be worked around."""
    notes = week.facts["notes"]
    return Outcome(
        not notes, "inspectors, districts and places that can be used", some(notes) if notes else "all usable"
    )


def stops_are_numbered(week: WeekUnderTest) -> Outcome:
    """Each day's stops are 1 to n."""
    ordered = week.frame.sort_values(["inspector", "day", "stop"], kind="stable")
    numbers = ordered.groupby(["inspector", "day"]).cumcount() + 1
    wrong = int((numbers.to_numpy() != ordered["stop"].to_numpy(dtype=np.int64)).sum())
    return Outcome(wrong == 0, "stops 1 to n on every day", f"{wrong} out of order")


INSPECTION_PLAN = Suite(
    asset="inspection_plan",
    read=stops_of,
    checks=[
        no_duplicates("establishment_id"),
        dates_in_week("day"),
        in_unit_interval("expected_finding"),
        Check("stops_are_numbered", "A day's stops have an order.", per_week(stops_are_numbered)),
        Check("keeps_working_time", "Everybody is back in time.", keeps_working_time),
        Check("no_must_visit_is_lost", "Must-visits are served or named.", serves_or_names_every_must_visit),
        Check("no_handed_out_stop_is_lost", "What was handed out stays or is named.", keeps_or_names_every_stop),
        row_count_as_recorded(),
        Check("area_floor_is_kept", "No area is served later than the floor allows.", floor_is_kept, False),
        Check("input_was_usable", "Nothing had to be worked around.", per_week(input_was_usable), False),
    ],
)
