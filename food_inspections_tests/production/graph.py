"""The graph over a small artificial city, for deployments of any shape."""

import dagster as dg
from sqlalchemy import Connection, text

from food_inspections.orchestration.instance.launch import run_job
from food_inspections_tests.orchestration.city import CUTOFF, FIRST, NEWEST

MOMENTS = {"api.predictions": "published_at", "api.inspection_queue": "published_at"}
"""Columns that are the moment of writing, by table; everything else depends on the inspections alone."""

TABLES = (
    "data.clean_inspections",
    "data.closures",
    "data.inspection_features",
    "data.establishment_features",
    "data.predictions",
    "data.inspection_queue",
    "data.bias_report",
    "models.validation_scores",
    "monitoring.score_distributions",
    "monitoring.drift",
    "monitoring.performance",
    *MOMENTS,
)


# Two candidates, so that both of two workers have one to fit; what other recipes compute says nothing of machines.
TRAINED = ("knn_model", "logistic_regression_model", "selected_model", "bias_report")

# What is made of a week that is over; its queue is made and published on the Friday before.
MONITORED = ("predictions", "api_predictions", "score_distributions", "drift_report", "queue_performance")


def pull(defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
    """Pull and prepare every week."""
    run_job(defs, instance, "pull", FIRST, NEWEST)
    run_job(defs, instance, "refresh", FIRST, NEWEST, assets=("clean_inspections", "inspection_features"))


def train(defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
    """Fit, select and audit at one cutoff."""
    run_job(defs, instance, "training", CUTOFF, assets=TRAINED)


def forecast(defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
    """Publish the queue of the newest week, then predict and monitor what came of it."""
    run_job(defs, instance, "publish", NEWEST)
    run_job(defs, instance, "refresh", NEWEST, assets=MONITORED)


def rows_of(connection: Connection) -> dict[str, str]:
    """Number and digest of every table's rows, whatever their order."""
    found = {}
    for table in TABLES:
        moment = MOMENTS.get(table, "")
        row = f"SELECT (to_jsonb(t) - '{moment}')::text AS r FROM {table} AS t"  # noqa: S608 - our own names
        query = f"SELECT count(*) || ' rows ' || coalesce(md5(string_agg(r, '|' ORDER BY r)), '') FROM ({row}) AS rows"  # noqa: S608
        found[table] = str(connection.execute(text(query)).scalar_one())
    return found


def written(connection: Connection) -> list[tuple[str, str, int, str]]:
    """Each asset's weeks with how often they were written, and the data version in force."""
    rows = connection.execute(
        text(
            "SELECT asset, week::text, count(*), (array_agg(content_hash ORDER BY sequence DESC))[1] "
            "FROM metadata.materializations GROUP BY asset, week ORDER BY asset, week"
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
