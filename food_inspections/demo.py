"""The main job on a sample city or on given files: what ``food-inspections demo`` runs, and where it keeps it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from food_inspections import home_record
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.weeks import monday_of, week_range
from food_inspections.errors import DataError, SettingsError
from food_inspections.settings import DEFAULT_CITY, Settings
from food_inspections.storage.room import lack_of_room

if TYPE_CHECKING:
    from food_inspections.storage.warehouse import Warehouse

HISTORY_WEEKS = 150
DATA_WEEKS = 208
"""Weeks of history that are taken of given files: four years."""
MONITORED_WEEKS = 8
ESTABLISHMENTS = 3_000
SEED = 7
_PREPARED = ("clean_inspections", "inspection_features")
_FORECAST = ("predictions", "api_predictions", "score_distributions", "drift_report", "queue_performance")
_TRAINED = ("selected_model", "bias_report")
_QUEUE = ("inspection_queue", "api_inspection_queue")

Say = Callable[[str], None]


def demo_data(home: Path) -> Path:
    """Where the demo keeps the sample city's inspections."""
    return home / "sample_city" / "inspections.csv.gz"


def demo_truth(home: Path) -> Path:
    """Where the demo keeps what only the sample city knows: the probability behind each visit."""
    return home / "sample_city" / "truth.csv.gz"


@dataclass(frozen=True)
class DemoWeeks:
    """The weeks of a demo.

    Attributes:
        first: Monday of the first week pulled.
        newest: Monday of the newest complete week.
        coming: Monday of the coming week.
    """

    first: date
    newest: date
    coming: date

    @classmethod
    def as_of(cls, today: date) -> "DemoWeeks":
        """The plan of a day: some years of history up to the newest complete week."""
        newest = monday_of(today) - timedelta(weeks=1)
        return cls(newest - timedelta(weeks=HISTORY_WEEKS - 1), newest, monday_of(today) + timedelta(weeks=1))

    def beginning_with(self, first: date | None) -> "DemoWeeks":
        """The same with another first week, where one is given."""
        return self if first is None else replace(self, first=first)

    @property
    def first_monitored(self) -> date:
        """Monday of the first week that is predicted and monitored."""
        return self.newest - timedelta(weeks=MONITORED_WEEKS - 1)


@dataclass(frozen=True)
class Step:
    """A run of the demo.

    Attributes:
        title: What it does, for people.
        job: The job to launch.
        first: Monday of the first week.
        last: Monday of the last week.
        makes: Assets that are there once it is done; those of the job to make where ``is_part`` says so.
        is_part: Whether the job has further assets, which are left out.
    """

    title: str
    job: str
    first: date
    last: date
    makes: tuple[str, ...]
    is_part: bool = False


def steps_of(plan: DemoWeeks) -> list[Step]:
    """The main job: history, then twice a model and the weeks it serves, then the coming week's queue."""
    before_newest = plan.newest - timedelta(weeks=1)
    steps = [
        Step("Historical pull", "pull", plan.first, plan.newest, ("raw_inspections",)),
        Step("Clean rows and features", "refresh", plan.first, plan.newest, _PREPARED, is_part=True),
    ]
    for cutoff, last in ((plan.first_monitored, before_newest), (plan.newest, plan.newest)):
        steps += [
            Step("Candidates, selection and bias report", "training", cutoff, cutoff, _TRAINED),
            Step("Queues", "publish", cutoff, last, _QUEUE),
            Step("Predictions, publication and monitoring", "refresh", cutoff, last, _FORECAST, is_part=True),
        ]
    return [
        *steps,
        Step("Queue of the coming week", "publish", plan.coming, plan.coming, _QUEUE),
        Step("Evidently's pictures", "refresh", plan.newest, plan.newest, ("drift_page",), is_part=True),
    ]


def run_demo(settings: Settings, say: Say, files: Sequence[Path] = ()) -> None:
    """Serve a city's inspections as a portal, pull them, run the whole graph for their newest weeks.

    What is there already is not made again: a demo that was interrupted goes on, and one of another week adds what
    is new.

    Args:
        settings: Where everything is kept.
        say: Takes lines of progress.
        files: CSV files of the city's inspections; a sample city is made where there are none.

    Raises:
        SettingsError: There are no inspections of the city to show.
        FoodInspectionsError: The home holds other inspections, or a run failed.
    """
    from food_inspections.demo_report import summary  # noqa: PLC0415 - with its like below, takes seconds
    from food_inspections.orchestration.build import build_defs  # noqa: PLC0415
    from food_inspections.orchestration.instance.launch import open_instance, run_job  # noqa: PLC0415
    from food_inspections.orchestration.same_portal import require_same_portal  # noqa: PLC0415
    from food_inspections.portal.server import LOOPBACK, PortalServer  # noqa: PLC0415
    from food_inspections.storage.postgres.turns import Turn  # noqa: PLC0415
    from food_inspections.storage.warehouse import Warehouse  # noqa: PLC0415

    if not files:
        _require_sample_city(settings)
    lack = lack_of_room(settings, HISTORY_WEEKS)
    if lack is not None:
        say(f"Note: {lack}")
    warehouse = Warehouse(settings)
    with Turn(settings, "demo", say):
        require_same_portal(warehouse, f"http://{LOOPBACK}", settings.dataset)
        if not files:
            sample = DemoWeeks.as_of(_today(settings)).beginning_with(home_record.read(settings.home).first_week)
            with _timed(say, "Sample city"):
                say("  " + _make_city(settings.home, sample))
        served = list(files) or [demo_data(settings.home)]
        home_record.remember_portal_files(settings.home, served)
        with (
            PortalServer(served, profile=settings.profile, dataset=settings.dataset) as portal,
            open_instance() as instance,
        ):
            say(f"  portal at {portal.url}")
            here = replace(settings, portal_url=portal.url)
            plan = _weeks_held(here) if files else sample
            home_record.remember_first_week(settings.home, plan.first)
            defs = build_defs(here)
            missing = [(step, weeks) for step in steps_of(plan) if (weeks := weeks_to_make(warehouse, step))]
            if not missing:
                say("Everything is there already.")
            for step, weeks in missing:
                period = f"{weeks[0]} to {weeks[-1]}" if len(weeks) > 1 else str(weeks[0])
                with _timed(say, f"{step.title}, {period}"):
                    assets = step.makes if step.is_part else None
                    run_job(defs, instance, step.job, weeks[0], weeks[-1], assets=assets)
    truth = None if files else demo_truth(settings.home)
    for line in summary(warehouse, truth, plan.newest, plan.coming):
        say(line)


def weeks_to_make(warehouse: "Warehouse", step: Step) -> list[date]:
    """The weeks of a step that lack one of its assets, with those between them; none where all is there.

    What was made by another profile of the city is made again. A model that a demo of the weeks before has made
    serves as well: it is not due yet.
    """
    from food_inspections.storage.records import materializations as records  # noqa: PLC0415

    profile = warehouse.profile.parts["profile"]
    with warehouse.snapshot() as connection:
        there = {
            asset: {
                row.week
                for row in records.accepted_weeks(connection, asset)
                if row.parameters.get("profile", profile) == profile
            }
            for asset in step.makes
        }
    if step.job == "training":
        recent = week_range(step.first - timedelta(weeks=warehouse.settings.retraining_weeks - 1), step.first)
        return [] if all(weeks.intersection(recent) for weeks in there.values()) else [step.first]
    lacking = [week for week in week_range(step.first, step.last) if any(week not in weeks for weeks in there.values())]
    return week_range(lacking[0], lacking[-1]) if lacking else []


def _today(settings: Settings) -> date:
    return settings.calendar.today()


def _require_sample_city(settings: Settings) -> None:
    """The sample city publishes as the default city does, so that no other profile reads it."""
    asked, sample = settings.profile.city.name, load_profile(DEFAULT_CITY).city.name
    if asked != sample:
        raise SettingsError(
            f"There are no inspections of {asked} to show: give a CSV export of them with --data FILE (see "
            "docs/cities.md), or leave out --city for a sample city."
        )


def _weeks_held(settings: Settings) -> DemoWeeks:
    """The weeks of a demo as if today were soon after the newest inspection that the portal has."""
    import pandas as pd  # noqa: PLC0415

    from food_inspections.portal.client import PortalClient  # noqa: PLC0415

    with PortalClient.from_settings(settings) as client:
        days = client.days()["inspection_date"]
    first_week = settings.profile.city.first_week
    # A day before the city's first week stands for none, as 1900-01-01 does.
    real = days[days.between(pd.Timestamp(first_week), pd.Timestamp(_today(settings)))]
    if real.empty:
        raise DataError(
            f"The files hold no inspections from {first_week} until today: check columns.date, rows.date_format and "
            "city.first_week of the profile."
        )
    newest_day = real.max().date()
    # Few visits are made at weekends: a week is over on its Friday.
    newest = monday_of(newest_day + timedelta(days=3)) - timedelta(weeks=1)
    plan = DemoWeeks.as_of(newest + timedelta(weeks=1))
    return plan.beginning_with(max(monday_of(real.min().date()), plan.newest - timedelta(weeks=DATA_WEEKS)))


def _make_city(home: Path, plan: DemoWeeks) -> str:
    from food_inspections.portal import sample_city  # noqa: PLC0415

    days = sample_city.CityParameters(SEED, plan.first, plan.newest + timedelta(days=6), ESTABLISHMENTS)
    city = sample_city.make_city(days)
    demo_data(home).parent.mkdir(parents=True, exist_ok=True)
    for frame, path in ((city.inspections, demo_data(home)), (city.truth, demo_truth(home))):
        # Without the time in its header the same city is the same file.
        frame.to_csv(path, index=False, lineterminator="\n", compression={"method": "gzip", "mtime": 0})
    return f"{len(city.inspections):,} inspections in {demo_data(home)}"


@contextmanager
def _timed(say: Say, what: str) -> Iterator[None]:
    import time  # noqa: PLC0415

    say(f"{what} ...")
    start = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - start:.0f} s")
