"""Every policy of the assets, in one place: owners, kinds, pools, backfills, resources, freshness, retries.

Pools and their limits, and what becomes of runs whose process dies, are in ``dagster.yaml``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dagster as dg
import psycopg2
from sqlalchemy.exc import DBAPIError

from food_inspections.orchestration.partitions import TIME_ZONE

OWNER = "team:food-inspections"


@dataclass(frozen=True)
class Policy:
    """What holds for every asset of a group.

    Attributes:
        kinds: Technologies shown on the asset in the UI.
        pool: Concurrency pool of the step, if any.
        is_range_in_one_run: Whether a range of weeks is one run.
        memory: What a step of the group gets where each step is a pod, for all weeks of a city at
            once; docs/scaling.md has the measurements behind it.
        cpu: Cores a step asks for there; it may use more where there are more.
    """

    kinds: frozenset[str]
    pool: str | None = None
    is_range_in_one_run: bool = True
    memory: str = "2Gi"
    cpu: str = "500m"

    @property
    def backfill(self) -> dg.BackfillPolicy:
        """One run for a range, or one run per week."""
        return dg.BackfillPolicy.single_run() if self.is_range_in_one_run else dg.BackfillPolicy.multi_run(1)

    @property
    def step_tags(self) -> dict[str, Any]:
        """Tags of the group's steps: how large their pods are."""
        # Memory is asked for as granted: a pod over its limit is killed, whatever the node has to spare.
        resources = {"requests": {"cpu": self.cpu, "memory": self.memory}, "limits": {"memory": self.memory}}
        return {"dagster-k8s/config": {"container_config": {"resources": resources}}}


POLICIES: dict[str, Policy] = {
    "ingestion": Policy(frozenset({"python", "parquet"}), pool="portal"),
    "preparation": Policy(frozenset({"pandas", "postgres"}), memory="4Gi", cpu="1"),
    # A model is fitted for one cutoff at a time: its run config is that model's.
    "training": Policy(
        frozenset({"scikitlearn", "postgres"}), pool="training", is_range_in_one_run=False, memory="4Gi", cpu="2"
    ),
    "prediction": Policy(frozenset({"pandas", "postgres"})),
    "monitoring": Policy(frozenset({"pandas", "postgres"})),
    # Pictures for people: nothing follows from them, and nobody waits for them.
    "reports": Policy(frozenset({"evidently", "postgres"})),
}

# What a recipe is fitted with, where it is not scikit-learn alone.
RECIPE_KINDS: dict[str, frozenset[str]] = {
    "xgboost": frozenset({"xgboost", "postgres"}),
    "blend": frozenset({"scikitlearn", "xgboost", "postgres"}),
}


def kinds_of_recipe(recipe: str) -> frozenset[str]:
    """Technologies shown on a recipe's candidates."""
    return RECIPE_KINDS.get(recipe, POLICIES["training"].kinds)


FRESHNESS: dict[str, dg.FreshnessPolicy] = {
    # The pull starts on Mondays at five.
    **dict.fromkeys(
        ("raw_inspections", "predictions", "api_predictions"),
        dg.FreshnessPolicy.cron("0 12 * * 1", lower_bound_delta=timedelta(hours=12), timezone=TIME_ZONE),
    ),
    # Published on Fridays at three in the afternoon.
    "api_inspection_queue": dg.FreshnessPolicy.cron(
        "0 18 * * 5", lower_bound_delta=timedelta(days=5), timezone=TIME_ZONE
    ),
}


def with_freshness(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The spec with the freshness policy of its asset, if it has one."""
    policy = FRESHNESS.get(spec.key.to_user_string())
    return spec if policy is None else dg.apply_freshness_policy(spec, policy)


MOST_RETRIES = 2
RETRY_AFTER_S = 15
PASSING = ("08", "40", "57P")
"""Beginnings of PostgreSQL's error codes that pass: a connection lost, a deadlock, a server that stops or comes up."""


@contextmanager
def retrying_lost_connections() -> Iterator[None]:
    """Try a step again where the database went away, twice at most, and nothing else.

    The portal client and the object store try again by themselves, for as long as it makes
    sense there. A computation that failed would fail the same way again.

    Raises:
        dagster.RetryRequested: The connection was lost.
    """
    try:
        yield
    except Exception as error:
        if not is_lost_connection(error):
            raise
        raise dg.RetryRequested(max_retries=MOST_RETRIES, seconds_to_wait=RETRY_AFTER_S) from error


def is_lost_connection(error: BaseException) -> bool:
    """Whether the database went away, as it does when it is restarted."""
    if isinstance(error, psycopg2.Error):
        return _is_loss(error)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = error.__cause__ or error.__context__
    return cause is not None and is_lost_connection(cause)


def _is_loss(error: psycopg2.Error) -> bool:
    """Whether a driver's error is no refusal by a server that is well: a lock not given, a disk that is full, ..."""
    if error.pgcode is not None:
        return error.pgcode.startswith(PASSING)
    # Of the bare class are the errors that no server sent, as when it is lost in the middle of an answer.
    is_of_the_driver = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    return is_of_the_driver or type(error) is psycopg2.DatabaseError
