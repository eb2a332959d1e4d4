"""A small sample city carried through the graph in this process, for tests that look at what is left in the tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
from sqlalchemy import text

from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.instance.launch import run_job
from food_inspections.portal.client import PortalClient
from food_inspections.portal.sample_city import CityParameters, make_city
from food_inspections.portal.server import PortalServer
from food_inspections.settings import Settings
from food_inspections.storage.warehouse import Warehouse

FIRST = date(2018, 1, 1)
WEEKS = 40
NEWEST = FIRST + timedelta(weeks=WEEKS - 1)
CUTOFF = NEWEST - timedelta(weeks=1)
COMING = NEWEST + timedelta(weeks=1)

PREPARED = ("raw_inspections", "clean_inspections", "inspection_features")
FORECAST = (
    "establishment_features",
    "predictions",
    "inspection_queue",
    "api_predictions",
    "api_inspection_queue",
    "inspection_plan",
    "score_distributions",
    "drift_report",
    "queue_performance",
)


def small_city() -> pd.DataFrame:
    """Forty weeks of a small city, across the change of law."""
    return make_city(CityParameters(3, FIRST, NEWEST + timedelta(days=6), 300, inspections_per_week=25)).inspections


@dataclass(frozen=True)
class Deployment:
    """A city's definitions with the instance and warehouse they work on."""

    settings: Settings
    defs: dg.Definitions
    instance: dg.DagsterInstance
    warehouse: Warehouse
    portal: PortalServer

    def run(self, job: str, first: date, last: date | None = None, config: dict[str, Any] | None = None) -> str:
        """Run a job; see run_job."""
        return run_job(self.defs, self.instance, job, first, last, config)

    def prepare(self, first: date, last: date | None = None) -> str:
        """Pull weeks, clean them and compute their features, in one run."""
        return self._run_assets(PREPARED, first, last)

    def forecast(self, first: date, last: date | None = None) -> str:
        """Score prepared weeks, publish them with their queues, and monitor, in one run."""
        return self._run_assets(FORECAST, first, last)

    def _run_assets(self, assets: Sequence[str], first: date, last: date | None) -> str:
        every_asset = self.defs.resolve_implicit_global_asset_job_def().name
        return run_job(self.defs, self.instance, every_asset, first, last, assets=assets)

    def materialize(
        self, assets: str, week: date, config: dict[str, Any] | None = None, last: date | None = None
    ) -> dg.ExecuteInProcessResult:
        """Materialize some assets of a week, or of a range in one run, with their checks, as the command line does."""
        keys = dg.AssetSelection.from_string(assets).resolve(self.defs.resolve_asset_graph())
        job = self.defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            asset_selection=sorted(keys, key=str),
            partition_key=str(week) if last is None else None,
            tags={} if last is None else _range_tags(week, last),
            run_config=config or {},
            instance=self.instance,
            raise_on_error=False,
        )

    def query(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self.warehouse.transaction() as connection:
            return [tuple(row) for row in connection.execute(text(sql), parameters)]

    def hashes(self, asset: str) -> dict[date, str]:
        """Content hash of each week in force."""
        rows = self.query("SELECT week, content_hash FROM metadata.latest_materializations WHERE asset = :a", a=asset)
        return dict(rows)

    def status(self, asset: str, week: date) -> str | None:
        """Status of the week in force, or none."""
        rows = self.query(
            "SELECT status FROM metadata.latest_materializations WHERE asset = :a AND week = :w", a=asset, w=week
        )
        return rows[0][0] if rows else None


def _range_tags(first: date, last: date) -> dict[str, str]:
    return {run_tags.RANGE_START: str(first), run_tags.RANGE_END: str(last)}


@contextmanager
def deployment(home: Path, database_url: str, frame: pd.DataFrame, **changes: Any) -> Iterator[Deployment]:
    """A deployment over a local portal with the given inspections."""
    with PortalServer(frame) as portal, deployment_over(portal, home, database_url, **changes) as deployed:
        yield deployed


@contextmanager
def deployment_over(
    portal: PortalServer, home: Path, database_url: str, client: PortalClient | None = None, **changes: Any
) -> Iterator[Deployment]:
    """A deployment over a portal that serves already, asked by a client of its own where one is given."""
    with dg.DagsterInstance.ephemeral() as instance:
        base = replace(Settings.from_environment({"FOOD_INSPECTIONS_HOME": str(home)}), database_url=database_url)
        settings = replace(base, portal_url=portal.url, **changes)
        defs = build_defs(settings, {} if client is None else {"portal": client})
        yield Deployment(settings, defs, instance, Warehouse(settings), portal)
