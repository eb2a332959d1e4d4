"""Dagster's own instance: where its records lie, and where runs and steps are executed.

``dagster.yaml`` in the repository's root names three classes of ours, each with what it is worth in
``docs/operations.md``: :mod:`storage` (records in the embedded PostgreSQL), :mod:`event_log` and :mod:`launcher` (runs
whose process was killed). Production has Dagster's own throughout: ``deploy/dagster.yaml``.
"""
