"""Every policy of the assets, in one place: owners, kinds, pools, backfills.

Steps have no retries: the portal client and the connections to database and object
store try again by themselves, bounded and only where that can help, and a failed
computation would fail the same way again.
"""

from dataclasses import dataclass

import dagster as dg

OWNER = "team:food-inspections"


@dataclass(frozen=True)
class Policy:
    """What holds for every asset of a group.

    Attributes:
        kinds: Technologies shown on the asset in the UI.
        pool: Concurrency pool of the step, if any.
        is_range_in_one_run: Whether a range of weeks is one run.
    """

    kinds: frozenset[str]
    pool: str | None = None
    is_range_in_one_run: bool = True

    @property
    def backfill(self) -> dg.BackfillPolicy:
        """One run for a range, or one run per week."""
        return dg.BackfillPolicy.single_run() if self.is_range_in_one_run else dg.BackfillPolicy.multi_run(1)


POLICIES: dict[str, Policy] = {
    "ingestion": Policy(frozenset({"python", "parquet"}), pool="portal"),
    "preparation": Policy(frozenset({"pandas", "postgres"})),
    # A model is fitted for one cutoff at a time: its run config is that model's.
    "training": Policy(frozenset({"scikitlearn", "postgres"}), pool="training", is_range_in_one_run=False),
    "prediction": Policy(frozenset({"pandas", "postgres"})),
    "monitoring": Policy(frozenset({"pandas", "postgres"})),
}
