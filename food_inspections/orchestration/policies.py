"""Every policy of the assets, in one place: owners, kinds, retries, pools.

Retries are given only where a second try can help: the portal and the object
store. A retry of a failed computation would fail the same way, later.
"""

from dataclasses import dataclass

import dagster as dg

OWNER = "team:food-inspections"

_PORTAL_RETRIES = dg.RetryPolicy(max_retries=2, delay=30, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
_CONNECTION_RETRIES = dg.RetryPolicy(max_retries=1, delay=10)


@dataclass(frozen=True)
class Policy:
    """What holds for every asset of a group.

    Attributes:
        kinds: Technologies shown on the asset in the UI.
        retries: Retries of the step; :class:`dagster.Failure` with ``allow_retries=False`` skips them.
        pool: Concurrency pool of the step, if any.
        is_range_in_one_run: Whether a range of weeks is one run.
    """

    kinds: frozenset[str]
    retries: dg.RetryPolicy | None = None
    pool: str | None = None
    is_range_in_one_run: bool = True

    @property
    def backfill(self) -> dg.BackfillPolicy:
        """One run for a range, or one run per week."""
        return dg.BackfillPolicy.single_run() if self.is_range_in_one_run else dg.BackfillPolicy.multi_run(1)


POLICIES: dict[str, Policy] = {
    "ingestion": Policy(frozenset({"python", "parquet"}), retries=_PORTAL_RETRIES, pool="portal"),
    "preparation": Policy(frozenset({"pandas", "postgres"}), retries=_CONNECTION_RETRIES),
    # A model is fitted for one cutoff at a time: its run config is that model's.
    "training": Policy(
        frozenset({"scikitlearn", "postgres"}), retries=_CONNECTION_RETRIES, pool="training", is_range_in_one_run=False
    ),
    "prediction": Policy(frozenset({"pandas", "postgres"}), retries=_CONNECTION_RETRIES),
    "monitoring": Policy(frozenset({"pandas", "postgres"}), retries=_CONNECTION_RETRIES),
}
