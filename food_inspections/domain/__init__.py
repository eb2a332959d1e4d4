"""Pure functions on frames and dates: nothing here knows Dagster, SQL or HTTP."""
