"""Every name of Dagster's that has an underscore on its way; no other file imports one.

An upgrade of Dagster may move what is not public: then the test of this file says which name is gone. Each stands here
for want of a public one:

- ``CheckRunHealthResult``, ``WorkerStatus``: what run monitoring asks of a launcher. Launchers of one's own are
  documented, their answer is not exported.
- ``DagsterInvalidAssetSelectionError``: a selection on the command line that cannot be read; its base is public.
- ``IN_PROGRESS_RUN_STATUSES``: which runs have begun and not ended, a list of public statuses that grows with them.
- ``LocalComputeLogManager``: what steps print, in a folder; named so in Dagster's documentation of ``dagster.yaml``.
- ``ReconstructableRepository``: jobs of the definitions that another process finds again by the name of the module;
  ``dg.reconstructable`` takes functions only.
"""

from dagster._core.definitions.asset_selection import DagsterInvalidAssetSelectionError
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager

__all__ = [
    "IN_PROGRESS_RUN_STATUSES",
    "CheckRunHealthResult",
    "DagsterInvalidAssetSelectionError",
    "LocalComputeLogManager",
    "ReconstructableRepository",
    "WorkerStatus",
]
