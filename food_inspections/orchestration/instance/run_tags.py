"""Tags in which Dagster keeps facts of a run.

They are part of what it stores, so they outlive its versions; a test compares them with Dagster's own constants, which
are not public.
"""

CODE_LOCATION = "dagster/code_location"
REPOSITORY = ".dagster/repository"
BACKFILL = "dagster/backfill"
PARENT_BACKFILL = "dagster/parent_backfill_id"
PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
AUTO_RETRY_RUN = "dagster/auto_retry_run_id"
WILL_RETRY = "dagster/will_retry"
MAX_RUNTIME = "dagster/max_runtime"

LOCATION = "food_inspections"
"""The code location's name, wherever one is declared."""

OF_THE_LOCATION = {CODE_LOCATION: LOCATION, REPOSITORY: f"__repository__@{LOCATION}"}
"""What a run from the UI carries. The jobs' pages and the overview count no run without it."""
