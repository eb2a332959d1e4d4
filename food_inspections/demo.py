"""The main job on a sample city, from nothing: what ``food-inspections demo`` runs and where it keeps it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from food_inspections.domain.evaluation.metrics import evaluate, scored_from
from food_inspections.domain.weeks import monday_of, today_in_city
from food_inspections.errors import FoodInspectionsError
from food_inspections.settings import Settings
from food_inspections.storage.room import lack_of_room

HISTORY_WEEKS = 150
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

    @property
    def first_monitored(self) -> date:
        """Monday of the first week that is predicted and monitored."""
        return self.newest - timedelta(weeks=MONITORED_WEEKS - 1)


def run_demo(settings: Settings, say: Say) -> None:
    """Make a sample city, serve it as a portal, pull it, run the whole graph for its newest weeks.

    Args:
        settings: Where everything is kept.
        say: Takes lines of progress.

    Raises:
        FoodInspectionsError: The home holds another city's inspections, or a run failed.
    """
    from food_inspections.orchestration.build import build_defs  # noqa: PLC0415 - takes seconds
    from food_inspections.orchestration.instance.launch import open_instance, run_job  # noqa: PLC0415
    from food_inspections.portal.server import PortalServer  # noqa: PLC0415
    from food_inspections.storage.postgres.turns import Turn  # noqa: PLC0415
    from food_inspections.storage.warehouse import Warehouse  # noqa: PLC0415

    lack = lack_of_room(settings, HISTORY_WEEKS)
    if lack is not None:
        say(f"Note: {lack}")
    warehouse = Warehouse(settings)
    with Turn(settings, "demo", say):
        _require_no_other_city(warehouse)
        plan = DemoWeeks.as_of(today_in_city())
        with _timed(say, "Sample city"):
            say("  " + _make_city(settings.home, plan))
        with PortalServer(demo_data(settings.home)) as portal, open_instance() as instance:
            say(f"  portal at {portal.url}")
            defs = build_defs(replace(settings, portal_url=portal.url))
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
    for line in _summary(warehouse, plan):
        say(line)


def _require_no_other_city(warehouse: Any) -> None:
    from sqlalchemy import text  # noqa: PLC0415

    with warehouse.transaction() as connection:
        portals = connection.execute(text("SELECT DISTINCT portal FROM metadata.pulls ORDER BY portal")).scalars().all()
    others = [portal for portal in portals if not portal.startswith("http://127.0.0.1:")]
    if others:
        raise FoodInspectionsError(
            f"{warehouse.settings.home} holds inspections pulled from {others[0]}: "
            "set FOOD_INSPECTIONS_HOME to a new folder for the demo."
        )


def _make_city(home: Path, plan: DemoWeeks) -> str:
    from food_inspections.portal import sample_city  # noqa: PLC0415

    days = sample_city.CityParameters(SEED, plan.first, plan.newest + timedelta(days=6), ESTABLISHMENTS)
    city = sample_city.make_city(days)
    demo_data(home).parent.mkdir(parents=True, exist_ok=True)
    for frame, path in ((city.inspections, demo_data(home)), (city.truth, demo_truth(home))):
        # Without the time in its header the same city is the same file.
        frame.to_csv(path, index=False, lineterminator="\n", compression={"method": "gzip", "mtime": 0})
    return f"{len(city.inspections):,} inspections in {demo_data(home)}"


def _summary(warehouse: Any, plan: DemoWeeks) -> Iterator[str]:
    """Where things are, and how good the forecast is beside the best possible."""
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
    truth = pd.read_csv(demo_truth(warehouse.settings.home), dtype={"inspection_id": str})
    known = predicted.merge(truth[["inspection_id", "probability"]], on="inspection_id")
    scores = evaluate(scored_from(predicted))
    ceiling = evaluate(scored_from(known.assign(score=known["probability"])))
    yield ""
    yield f"Champion {champion.model_id}: {champion.reason}"
    yield f"On {len(predicted)} first looks of the last {MONITORED_WEEKS} weeks, none of them seen when fitting:"
    yield f"  AUC {scores['roc_auc']:.3f}; knowing the city's hidden state itself gives {ceiling['roc_auc']:.3f}"
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
