"""The plan: who visits whom in a week, on which day, in which order, and why."""

from pathlib import Path

import dagster as dg
import pandas as pd

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.plan.choice import frequencies_of
from food_inspections.domain.plan.inspectors import Staff, read_inspectors
from food_inspections.domain.plan.travel import TravelRules
from food_inspections.domain.plan.week import PlanRules, make_week_plan
from food_inspections.errors import DataError, SettingsError
from food_inspections.orchestration.assets.clean_inspections import clean_inspections
from food_inspections.orchestration.assets.publication import api_inspection_queue
from food_inspections.orchestration.io import previews
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, mondays, weeks_before
from food_inspections.orchestration.weekly_asset import weekly_asset
from food_inspections.settings import Settings

WEEKS_OF_BUSINESS_AS_USUAL = 52
WEEKS_OF_A_PLACE = 157
"""A queue holds who was visited in the last three years; the last visit says in which district it lies."""


@weekly_asset(
    group="prediction",
    io_manager="plan_versions",
    table="data.inspection_plan",
    side_tables=("data.plan_days", "data.plan_unserved", "data.plan_service"),
    deps={api_inspection_queue: SAME_WEEK, clean_inspections: weeks_before(WEEKS_OF_A_PLACE)},
    kinds=frozenset({"pandas", "postgres"}),
)
def inspection_plan(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
    """The published queue, dealt to inspectors and days: must-visits first, then the scores, no area below its floor.

    What was handed out of an earlier version stays, but for what people decided.
    """
    weeks = mondays(context.partition_keys)
    queues = upstream.read(api_inspection_queue)
    columns = ["week", "inspection_date", "inspection_id", "establishment_id", "area"]
    visits = upstream.read(clean_inspections, columns).sort_values(["inspection_date", "inspection_id"])
    staff, rules = staff_of(upstream.settings), rules_of(upstream.settings, upstream.profile)
    plans, facts = [], {}
    for week in weeks:
        monday = pd.Timestamp(week)
        queue = queues[queues["week"] == monday]
        known = visits[visits["week"] < monday]
        before = known[known["week"] >= monday - pd.Timedelta(weeks=WEEKS_OF_BUSINESS_AS_USUAL)]
        plan = make_week_plan(
            queue[queue["version"] == queue["version"].max()],
            before["establishment_id"],
            week=week,
            staff=staff,
            rules=rules,
            districts=known.groupby("establishment_id")["area"].last(),
            handed_out=upstream.handed_out(week),
        )
        for note in plan.notes:
            context.log.warning(note)
        plans.append(plan)
        facts[week] = plan.facts
    frame = pd.concat([plan.stops for plan in plans], ignore_index=True)
    previews.add(context, weeks, frame)
    return WeeklyOutput(
        frame,
        facts=facts,
        side_tables={
            "data.plan_days": pd.concat([plan.days for plan in plans], ignore_index=True),
            "data.plan_unserved": pd.concat([plan.unserved for plan in plans], ignore_index=True),
            "data.plan_service": pd.concat([plan.service for plan in plans], ignore_index=True),
        },
    )


def staff_of(settings: Settings) -> Staff | None:
    """The inspectors of the settings' file; ``None`` where none is set.

    Raises:
        SettingsError: The file cannot be read.
        DataError: It has a field that nothing reads.
    """
    path = settings.inspectors_file
    if path is None:
        return None
    return read_inspectors(_read(path, "INSPECTORS"), is_toml=path.suffix == ".toml", source=path.name)


def rules_of(settings: Settings, profile: Profile) -> PlanRules:
    """How weeks are planned under some settings, in a city.

    Raises:
        SettingsError: The file of travel cannot be read.
        DataError: It lacks a column, or holds what is no number.
    """
    table = None
    if settings.travel_file is not None:
        _read(settings.travel_file, "TRAVEL_TIMES")
        try:
            table = pd.read_csv(settings.travel_file, dtype=str)
        except pd.errors.ParserError as error:
            raise DataError(f"{settings.travel_file.name} is no CSV ({error}): correct it.") from error
    return PlanRules(
        travel=TravelRules(settings.travel_kmh, settings.street_factor, table),
        visit_minutes=dict(settings.visit_minutes),
        frequencies=frequencies_of(profile),
        score=settings.plan_score,
        area_floor=settings.area_floor,
        must_share=settings.must_share,
    )


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"FOOD_INSPECTIONS_{variable} names {path}, which cannot be read: {error}.") from error
