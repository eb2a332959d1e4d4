"""Tags in which Dagster keeps facts of a run.

They are part of what it stores, so they outlive its versions; a test compares them with Dagster's own constants, which
are not public.
"""

PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
AUTO_RETRY_RUN = "dagster/auto_retry_run_id"
WILL_RETRY = "dagster/will_retry"
