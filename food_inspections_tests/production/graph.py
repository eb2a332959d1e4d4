"""The whole graph over a small artificial city, for deployments of any shape."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import dagster as dg
import pandas as pd
from sqlalchemy import Connection, text

from food_inspections.orchestration.build import build_defs
from food_inspections.orchestration.launch import run_job
from food_inspections.portal.sample_city import make_inspections
from food_inspections.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FIRST = date(2025, 1, 6)
WEEKS = 24
NEWEST = FIRST + timedelta(weeks=WEEKS - 1)
CUTOFF = NEWEST
COMING = NEWEST + timedelta(weeks=2)

TABLES = {
    "data.clean_inspections": "",
    "data.closures": "",
    "data.inspection_features": "",
    "data.establishment_features": "",
    "data.predictions": "",
    "data.inspection_queue": "",
    "data.bias_report": "",
    "models.validation_scores": "",
    "api.predictions": "published_at",
    "api.inspection_queue": "published_at",
    "monitoring.score_distributions": "",
    "monitoring.drift": "",
}
"""Tables whose rows must not depend on where they are kept, and the column that is the moment of writing."""


@cache
def small_city() -> pd.DataFrame:
    """Inspections of a small city over the weeks."""
    return make_inspections(5, FIRST, NEWEST + timedelta(days=6), 700, inspections_per_week=90)


def run_whole_graph(settings: Settings, instance: dg.DagsterInstance) -> list[str]:
    """Pull, prepare, train, predict, publish and monitor; the ids of the runs."""
    defs = build_defs(settings)
    return [
        run_job(defs, instance, "historical_pull", FIRST, NEWEST),
        run_job(defs, instance, "training", CUTOFF),
        run_job(defs, instance, "forecast", NEWEST),
        run_job(defs, instance, "publish_queue", COMING),
    ]


def rows_of(connection: Connection) -> dict[str, str]:
    """A digest of every table's rows, whatever their order."""
    return {
        table: str(
            connection.execute(
                text(
                    "SELECT count(*) || ' ' || coalesce(md5(string_agg(row_text, '|' ORDER BY row_text)), '') "
                    f"FROM (SELECT (to_jsonb(t) - '{moment}')::text AS row_text FROM {table} AS t) AS r"  # noqa: S608
                )
            ).scalar_one()
        )
        for table, moment in TABLES.items()
    }


def environment_of(settings: Settings, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings as the variables they come from."""
    return {
        "DAGSTER_HOME": str(ROOT),
        "FOOD_INSPECTIONS_HOME": str(settings.home),
        "FOOD_INSPECTIONS_OBJECT_STORE": settings.object_store,
        "FOOD_INSPECTIONS_PORTAL_URL": settings.portal_url,
        "FOOD_INSPECTIONS_EXECUTOR": settings.executor,
        **({"FOOD_INSPECTIONS_DATABASE_URL": settings.database_url} if settings.database_url else {}),
        **(extra or {}),
    }
