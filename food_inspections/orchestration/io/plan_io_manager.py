"""How plans are kept: every version of a week, with the tables beside it."""

from datetime import date

import dagster as dg
from sqlalchemy import Connection

from food_inspections.orchestration.io.io_managers import Stored, WeeklyIOManager
from food_inspections.orchestration.io.outputs import WeeklyOutput, rows_by_week
from food_inspections.orchestration.io.upstream import TABLE
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records.plan_versions import add_plan


class PlanIOManager(WeeklyIOManager):
    """Keeps a week's plan as a new version; the same content adds none."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: WeeklyOutput, weeks: list[date]
    ) -> list[Stored]:
        """Append versions; earlier ones stay as they were handed out."""
        frames = {context.definition_metadata[TABLE]: output.frame, **output.side_tables}
        groups = {table: rows_by_week(frame) for table, frame in frames.items()}
        stored = []
        for week in weeks:
            rows = {table: groups[table].get(week, frame.iloc[:0]) for table, frame in frames.items()}
            content_hash = records.combined_hash(tables.content_hash(frame) for frame in rows.values())
            add_plan(connection, rows, week, context.run_id, content_hash)
            stored.append(Stored(week, len(rows[context.definition_metadata[TABLE]]), content_hash))
        return stored
