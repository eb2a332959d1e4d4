"""Every policy of the assets, in one place: owners, kinds, pools, backfills, resources.

Steps have no retries: the portal client and the connections to database and object
store try again by themselves, bounded and only where that can help, and a failed
computation would fail the same way again.
"""

from dataclasses import dataclass
from typing import Any

import dagster as dg

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
}
