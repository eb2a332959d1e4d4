"""Cities carried through the graph once for all tests that only read them, and copies for tests that change something.

The fixtures are in the conftest of all tests. ``shared_city`` is the quicker one: two champions follow each other
within its forecast weeks, which were made in one run, so that whatever is decided per week can be told from what is
decided once per run. ``whole_city`` has every recipe, every asset and a queue published ahead. Both begin with the
same prepared weeks.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import URL

from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.planning.graph import Dependency
from food_inspections.portal.server import PortalServer
from food_inspections.storage.postgres import tables
from food_inspections.storage.warehouse import Warehouse
from food_inspections_tests.conftest import execute, new_database
from food_inspections_tests.orchestration.city import CUTOFF, FIRST, NEWEST, Deployment, deployment, small_city

WEEK = timedelta(weeks=1)
FIRST_CUTOFF = NEWEST - 3 * WEEK
SECOND_CUTOFF = NEWEST - WEEK
FORECAST = tuple(FIRST_CUTOFF + WEEK * number for number in range(4))
"""The weeks forecast: two by each champion."""
PUBLISHED = NEWEST + 2 * WEEK
"""The queue that the whole city published last: of the week after the one under way."""

PREPARED = ("raw_inspections", "clean_inspections", "inspection_features")
TRAINED = ("logistic_regression_model", "selected_model")
FORECASTS = (
    "establishment_features",
    "predictions",
    "api_predictions",
    "inspection_queue",
    "api_inspection_queue",
    "inspection_plan",
    "queue_performance",
)


@dataclass(frozen=True)
class SharedCity:
    """A deployment whose weeks are made; its database is a template as long as nobody is connected.

    Attributes:
        deployed: The deployment.
        server: Where its database is.
        database: The database's name.
        reads: The upstream assets that each body read while the city was made.
    """

    deployed: Deployment
    server: URL
    database: str
    reads: dict[str, set[str]] = field(default_factory=dict)

    @property
    def warehouse(self) -> Warehouse:
        """Accepted weeks, as assets read them."""
        return self.deployed.warehouse

    def frame(self, sql: str, **parameters: Any) -> pd.DataFrame:
        """The rows of a query."""
        with self.warehouse.snapshot() as connection:
            return tables.read_query(connection, sql, parameters)

    def make(self, *assets: str, first: date, last: date | None = None) -> None:
        """Materialize assets with their checks: one week, or a range of weeks in one run."""
        is_range = last is not None and last != first
        bounds = {"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)}
        result = self.deployed.defs.resolve_implicit_global_asset_job_def().execute_in_process(
            asset_selection=[dg.AssetKey(asset) for asset in assets],
            partition_key=None if is_range else str(first),
            tags=bounds if is_range else {},
            instance=self.deployed.instance,
        )
        assert result.success

    @contextmanager
    def copy(self, changes: Mapping[str, Any], portal: PortalServer | None = None) -> Iterator["SharedCity"]:
        """A copy that a test may change, with other settings and a portal of its own where they are given.

        Objects are shared, since none is ever overwritten; no run is on record.
        """
        self.warehouse.engine.dispose()
        name = f"test_{uuid.uuid4().hex}"
        execute(self.server, f"CREATE DATABASE {name} TEMPLATE {self.database} STRATEGY FILE_COPY")
        url = self.server.set(database=name).render_as_string(hide_password=False)
        served = portal or self.deployed.portal
        named = {"database_url": url, "portal_url": served.url, **changes}
        settings = replace(self.deployed.settings, **named)
        with dg.DagsterInstance.ephemeral() as instance:
            deployed = Deployment(settings, build_defs(settings), instance, Warehouse(settings), served)
            yield SharedCity(deployed, self.server, name, {**self.reads})
            deployed.warehouse.engine.dispose()
        execute(self.server, f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def noting_reads(self) -> Iterator[None]:
        """Keep which upstream assets each body reads meanwhile."""
        look_up = Upstream._dependency

        def note(upstream: Upstream, asset: dg.AssetsDefinition) -> Dependency:
            self.reads.setdefault(upstream._name, set()).add(asset.key.to_user_string())
            return look_up(upstream, asset)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Upstream, "_dependency", note)
            yield


@contextmanager
def prepared(server: URL, template: str, home: Path) -> Iterator[SharedCity]:
    """Forty weeks pulled, cleaned and with features, and no model."""
    with new_database(server, template) as url:
        address = url.render_as_string(hide_password=False)
        with deployment(home, address, small_city()) as deployed:
            city = SharedCity(deployed, server, str(url.database))
            with city.noting_reads():
                city.make(*PREPARED, first=FIRST, last=NEWEST)
            yield city
            city.warehouse.engine.dispose()


@contextmanager
def forecast_by_two(prepared_city: SharedCity) -> Iterator[SharedCity]:
    """A quick model trained at each of two cutoffs, four weeks forecast in one run."""
    with prepared_city.copy({}) as city:
        for cutoff in (FIRST_CUTOFF, SECOND_CUTOFF):
            city.make(*TRAINED, first=cutoff)
        city.make(*FORECASTS, first=FORECAST[0], last=FORECAST[-1])
        yield city


@contextmanager
def made_whole(prepared_city: SharedCity) -> Iterator[SharedCity]:
    """Trained at one cutoff, two weeks forecast, and the queue of Friday published."""
    with prepared_city.copy({}) as city:
        with city.noting_reads():
            city.deployed.run("training", CUTOFF)
            city.deployed.forecast(CUTOFF, NEWEST)
            assert city.deployed.materialize("key:drift_page", NEWEST).success
            city.deployed.run("publish", PUBLISHED)
        yield city
