"""PostgreSQL (embedded or given) and the object store. Nothing here imports Dagster."""
