"""The main job on a sample city or on given files: what ``food-inspections demo`` runs, and where it keeps it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from food_inspections import home_record
from food_inspections.domain.city.loading import load_profile
from food_inspections.domain.evaluation.metrics import evaluate, scored_from
from food_inspections.domain.weeks import monday_of
from food_inspections.errors import DataError, SettingsError
from food_inspections.settings import DEFAULT_CITY, Settings
from food_inspections.storage.room import lack_of_room

HISTORY_WEEKS = 150
DATA_WEEKS = 208
"""Weeks of history that are taken of given files: four years."""
MONITORED_WEEKS = 8
ESTABLISHMENTS = 3_000
SEED = 7
_PREPARED = ("clean_inspections", "inspection_features")
_FORECAST = ("predictions", "api_predictions", "score_distributions", "drift_report", "queue_performance")
_COUNTED = ("data.clean_inspections", "data.predictions", "api.inspection_queue", "test.check_results")
_SHOWN = "SELECT * FROM api.inspection_queue ORDER BY week DESC, rank LIMIT 5"

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


def run_demo(settings: Settings, say: Say, files: Sequence[Path] = ()) -> None:
    """Serve a city's inspections as a portal, pull them, run the whole graph for their newest weeks.

    Args:
        settings: Where everything is kept.
        say: Takes lines of progress.
        files: CSV files of the city's inspections; a sample city is made where there are none.

    Raises:
        SettingsError: There are no inspections of the city to show.
        FoodInspectionsError: The home holds other inspections, or a run failed.
    """
    from food_inspections.orchestration.build import build_defs  # noqa: PLC0415 - takes seconds
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
            with _timed(say, f"Historical pull, clean rows and features, {plan.first} to {plan.newest}"):
                run_job(defs, instance, "pull", plan.first, plan.newest)
                run_job(defs, instance, "refresh", plan.first, plan.newest, assets=_PREPARED)
            for week in (plan.first_monitored, plan.newest):
                with _timed(say, f"Candidates, selection and bias report, cutoff {week}"):
                    run_job(defs, instance, "training", week)
                last = plan.newest - timedelta(weeks=1) if week == plan.first_monitored else week
                with _timed(say, f"Queues, predictions, publication and monitoring, {week} to {last}"):
                    run_job(defs, instance, "publish", week, last)
                    run_job(defs, instance, "refresh", week, last, assets=_FORECAST)
            with _timed(say, f"Queue of the coming week, {plan.coming}"):
                run_job(defs, instance, "publish", plan.coming)
    for line in _summary(warehouse, plan, has_truth=not files):
        say(line)


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
    from food_inspections.portal.client import PortalClient  # noqa: PLC0415

    with PortalClient.from_settings(settings) as client:
        days = client.days()["inspection_date"]
    real = days[days <= pd.Timestamp(_today(settings))]
    if real.empty:
        raise DataError("The files hold no inspections of a day that is over: check the column of the date.")
    newest_day = real.max().date()
    # Few visits are made at weekends: a week is over on its Friday.
    newest = monday_of(newest_day + timedelta(days=3)) - timedelta(weeks=1)
    plan = DemoWeeks.as_of(newest + timedelta(weeks=1))
    first = max(
        settings.profile.city.first_week, monday_of(days.min().date()), plan.newest - timedelta(weeks=DATA_WEEKS)
    )
    return plan.beginning_with(first)


def _make_city(home: Path, plan: DemoWeeks) -> str:
    from food_inspections.portal import sample_city  # noqa: PLC0415

    days = sample_city.CityParameters(SEED, plan.first, plan.newest + timedelta(days=6), ESTABLISHMENTS)
    city = sample_city.make_city(days)
    demo_data(home).parent.mkdir(parents=True, exist_ok=True)
    for frame, path in ((city.inspections, demo_data(home)), (city.truth, demo_truth(home))):
        # Without the time in its header the same city is the same file.
        frame.to_csv(path, index=False, lineterminator="\n", compression={"method": "gzip", "mtime": 0})
    return f"{len(city.inspections):,} inspections in {demo_data(home)}"


def _summary(warehouse: Any, plan: DemoWeeks, *, has_truth: bool) -> Iterator[str]:
    """Where things are, and how good the forecast is; of a sample city, beside the best possible."""
    from food_inspections.storage.postgres import tables  # noqa: PLC0415

    with warehouse.snapshot() as connection:
        predicted = tables.read_query(
            connection,
            """
            SELECT p.inspection_id, p.inspection_date, p.score, p.label, f.is_failure::int AS outcome
            FROM data.predictions AS p JOIN data.clean_inspections AS f USING (week, inspection_id)
            WHERE f.is_first_look ORDER BY inspection_date, length(inspection_id), inspection_id
            """,
        )
        champion = warehouse.champion(plan.newest)
        counts = {
            name: tables.read_query(connection, f"SELECT count(*) AS n FROM {name}")["n"].iloc[0]  # noqa: S608 - constants
            for name in _COUNTED
        }
    scores = evaluate(scored_from(predicted))
    ceiling = ""
    if has_truth:
        truth = pd.read_csv(demo_truth(warehouse.settings.home), dtype={"inspection_id": str})
        known = predicted.merge(truth[["inspection_id", "probability"]], on="inspection_id")
        best = evaluate(scored_from(known.assign(score=known["probability"])))
        ceiling = f"; knowing the city's hidden state itself gives {best['roc_auc']:.3f}"
    yield ""
    yield f"Champion {champion.model_id}: {champion.reason}"
    yield f"On {len(predicted)} first looks of the last {MONITORED_WEEKS} weeks, none of them seen when fitting:"
    yield f"  AUC {scores['roc_auc']:.3f}{ceiling}"
    yield f"  first half of the work finds {scores['first_half']:.0%} of the failures"
    yield f"  failures found {scores['days_earlier']:.1f} days earlier on average"
    yield ""
    yield "Rows: " + ", ".join(f"{name} {count:,}" for name, count in counts.items())
    yield f"Home: {warehouse.settings.home}"
    command = sys.argv[0] if Path(sys.argv[0]).name == "food-inspections" else "food-inspections"
    yield f"Query the tables:   {command} db query '{_SHOWN}'"
    yield f"Open everything:    {command} up"


@contextmanager
def _timed(say: Say, what: str) -> Iterator[None]:
    import time  # noqa: PLC0415

    say(f"{what} ...")
    start = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - start:.0f} s")
