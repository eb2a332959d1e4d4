"""What assets, schedules and sensors work with, shown in Dagster's UI: where things are kept and asked for.

Nothing connects before it is used, and what the UI shows holds no secret.
"""

from typing import Any

import dagster as dg
from sqlalchemy import make_url

from food_inspections.orchestration.automation.clock import Clock
from food_inspections.orchestration.io.io_managers import PulledWeeksIOManager, QueuePublisher, TableIOManager
from food_inspections.orchestration.io.model_io_managers import CandidateIOManager, SelectionIOManager
from food_inspections.orchestration.io.plan_io_manager import PlanIOManager
from food_inspections.portal.client import PortalClient
from food_inspections.settings import Settings
from food_inspections.storage.warehouse import Warehouse


class WarehouseResource(dg.ConfigurableResource[Warehouse]):
    """Tables and objects of the deployment."""

    database: str
    object_store: str
    label: str
    knowledge_lag_days: int
    # The one of the process: its connections are shared by all steps.
    warehouse: dg.ResourceDependency[Warehouse]

    @classmethod
    def of(cls, warehouse: Warehouse) -> "WarehouseResource":
        """The resource of a deployment."""
        settings = warehouse.settings
        return cls(
            database=without_password(settings.database_url) or f"embedded in {settings.home}",
            object_store=settings.object_store,
            label=settings.label,
            knowledge_lag_days=settings.knowledge_lag_days,
            warehouse=warehouse,
        )

    def create_resource(self, context: dg.InitResourceContext) -> Warehouse:
        """The warehouse that assets and sensors take."""
        return self.warehouse


class PortalResource(dg.ConfigurableResource[PortalClient]):
    """The city's portal."""

    url: str
    dataset: str
    paging: str
    has_app_token: bool
    client: dg.ResourceDependency[PortalClient]

    @classmethod
    def of(cls, settings: Settings) -> "PortalResource":
        """The resource of a deployment."""
        return cls(
            url=without_password(settings.portal_url) or "",
            dataset=settings.dataset,
            paging=settings.portal_paging,
            has_app_token=settings.app_token is not None,
            client=PortalClient.from_settings(settings),
        )

    def create_resource(self, context: dg.InitResourceContext) -> PortalClient:
        """The client that assets and sensors take."""
        return self.client


def default_resources(settings: Settings) -> dict[str, Any]:
    """The resources of a deployment, by key."""
    warehouse = Warehouse(settings)
    return {
        "warehouse": WarehouseResource.of(warehouse),
        "portal": PortalResource.of(settings),
        "clock": Clock(),
        "parquet_weeks": PulledWeeksIOManager(warehouse=warehouse),
        "postgres_weeks": TableIOManager(warehouse=warehouse),
        "queue_publications": QueuePublisher(warehouse=warehouse),
        "plan_versions": PlanIOManager(warehouse=warehouse),
        "candidates": CandidateIOManager(warehouse=warehouse),
        "selections": SelectionIOManager(warehouse=warehouse),
    }


def without_password(url: str | None) -> str | None:
    """An address that may be shown."""
    return None if url is None else make_url(url).render_as_string(hide_password=True)
