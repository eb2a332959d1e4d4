"""Dagster's own instance: where its records lie, and where runs and steps are executed."""
