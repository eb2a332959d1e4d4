"""How assets are kept: Parquet objects by week, PostgreSQL tables by week, models.

Each write of a week ends with its row in ``metadata.materializations``; for tables in
the transaction of the data, for objects after the object. What a manager returns on
reading are accepted weeks only.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Generic, TypeVar

import dagster as dg
import pandas as pd
from sqlalchemy import Connection

from food_inspections.orchestration.io import sources
from food_inspections.orchestration.io.outputs import PulledOutput, WeeklyOutput, rows_by_week
from food_inspections.orchestration.partitions import mondays
from food_inspections.orchestration.policies import retrying_lost_connections
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import pulls, versions
from food_inspections.storage.records.queue_versions import publish_queue
from food_inspections.storage.warehouse import Read, Warehouse

# Stamps that a portal may renew on every row without a change of content.
VOLATILE_COLUMNS = ("portal_row_id", "portal_updated_at")

Output = TypeVar("Output")
Rows = TypeVar("Rows", bound=WeeklyOutput)


@dataclass(frozen=True)
class Stored:
    """A week as it was stored."""

    week: date
    row_count: int
    content_hash: str
    object_key: str | None = None


class WeeklyIOManager(dg.IOManager, Generic[Output]):
    """Writes weeks with their records; reads accepted weeks."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    @abstractmethod
    def store(
        self, connection: Connection, context: dg.OutputContext, output: Output, weeks: list[date]
    ) -> list[Stored]:
        """Write the weeks on the given transaction and say what was stored."""

    @abstractmethod
    def read(self, context: dg.InputContext, weeks: list[date], required: list[date]) -> Read:
        """Read the weeks of the upstream asset."""

    @retrying_lost_connections()
    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the weeks of the run and their records in one transaction."""
        weeks = sorted({*mondays(context.asset_partition_keys), *getattr(obj, "further_weeks", ())})
        asset = context.asset_key.to_user_string()
        spec = context.asset_spec
        facts = obj.facts if hasattr(obj, "facts") else {}
        with self.warehouse.transaction() as connection:
            versions.keep_objects(connection)
            made_from = sources.noted(connection, self.warehouse, context.run_id, spec, weeks)
            stored = self.store(connection, context, obj, weeks)
            records.write(
                connection,
                [
                    records.Materialization(
                        run_id=context.run_id,
                        asset=asset,
                        week=week.week,
                        row_count=week.row_count,
                        code_version=spec.code_version or "",
                        content_hash=week.content_hash,
                        upstream_hash=made_from[week.week],
                        object_key=week.object_key,
                        parameters=dict(facts.get(week.week, {})),
                    )
                    for week in stored
                ],
            )
        _describe(context, stored)

    @retrying_lost_connections()
    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """Rows of the accepted upstream weeks; the run's own weeks must be accepted."""
        step = context.step_context
        sources.note(self.warehouse, step)
        weeks = mondays(context.asset_partition_keys) if context.has_asset_partitions else []
        own = set(sources.weeks_of_the_run(step))
        read = self.read(context, weeks, [week for week in weeks if week in own])
        if read.skipped:
            named = ", ".join(f"{week} ({status})" for week, status in read.skipped.items())
            context.log.warning(f"Left out of {context.asset_key.to_user_string()}, not accepted: {named}")
        return read.frame


class TableIOManager(WeeklyIOManager[WeeklyOutput]):
    """Keeps an asset in the PostgreSQL table its metadata names, one slice per week."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: WeeklyOutput, weeks: list[date]
    ) -> list[Stored]:
        """Delete the weeks' slices and load the new ones with COPY."""
        written = {context.definition_metadata["table"]: output.frame, **output.side_tables}
        for table, frame in written.items():
            tables.replace_weeks(connection, table, frame, weeks)
        counts = output.row_counts(weeks)
        hashes = [_hash_by_week(frame, weeks) for frame in written.values()]
        return [Stored(week, counts[week], records.combined_hash(each[week] for each in hashes)) for week in weeks]

    def read(self, context: dg.InputContext, weeks: list[date], required: list[date]) -> Read:
        """Read the table, or only the columns that the input's metadata names."""
        table = _table_of(context)
        columns = context.definition_metadata.get("columns")
        return self.warehouse.read_table(context.asset_key.to_user_string(), table, weeks, required, columns)


class ParquetIOManager(WeeklyIOManager[Rows]):
    """Keeps an asset as one Parquet object per week, named after its content.

    The same content has the same name, so that writing it again changes nothing and
    an earlier version stays where its record says it is.
    """

    def store(self, connection: Connection, context: dg.OutputContext, output: Rows, weeks: list[date]) -> list[Stored]:
        """Write the objects; a reader finds them only through the records that follow."""
        asset = context.asset_key.to_user_string()
        stored = []
        hashes = _hash_by_week(output.frame.drop(columns=[*VOLATILE_COLUMNS], errors="ignore"), weeks)
        for week, rows in _by_week(output.frame, weeks).items():
            content_hash = hashes[week]
            key = f"{asset}/{week}/{content_hash}.parquet"
            if not self.warehouse.objects.exists(key):
                self.warehouse.objects.put(key, to_parquet(rows))
            stored.append(Stored(week, len(rows), content_hash, key))
        return stored

    def read(self, context: dg.InputContext, weeks: list[date], required: list[date]) -> Read:
        """Read the objects that the accepted records name."""
        return self.warehouse.read_objects(context.asset_key.to_user_string(), weeks, required)


class PulledWeeksIOManager(ParquetIOManager[PulledOutput]):
    """Keeps downloads, and with them what the portal held and where each inspection lies."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: PulledOutput, weeks: list[date]
    ) -> list[Stored]:
        """Write the objects, then the notes that a later look at the portal is compared with."""
        stored = super().store(connection, context, output, weeks)
        pulls.write(connection, context.run_id, output.pulled)
        ids = {week: rows["inspection_id"].dropna().tolist() for week, rows in _by_week(output.frame, weeks).items()}
        pulls.write_places(connection, ids)
        return stored


class QueuePublisher(WeeklyIOManager[WeeklyOutput]):
    """Publishes a week's queue as a new version; the same content adds none."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: WeeklyOutput, weeks: list[date]
    ) -> list[Stored]:
        """Append versions; earlier ones stay as they were published."""
        stored = []
        for week, rows in _by_week(output.frame, weeks).items():
            content_hash = tables.content_hash(rows)
            publish_queue(connection, rows, week, context.run_id, content_hash)
            stored.append(Stored(week, len(rows), content_hash))
        return stored

    def read(self, context: dg.InputContext, weeks: list[date], required: list[date]) -> Read:
        """Read every version of the weeks; the caller takes the one it judges."""
        table = _table_of(context)
        return self.warehouse.read_table(context.asset_key.to_user_string(), table, weeks, required)


def to_parquet(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet bytes."""
    buffer = BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _by_week(frame: pd.DataFrame, weeks: Sequence[date]) -> dict[date, pd.DataFrame]:
    """The rows of each of the weeks, none for an empty one."""
    groups = rows_by_week(frame)
    return {week: groups.get(week, frame.iloc[:0]) for week in weeks}


def _hash_by_week(frame: pd.DataFrame, weeks: Sequence[date]) -> dict[date, str]:
    """The content hash of each of the weeks, an empty one's too."""
    nothing = tables.content_hash(frame.iloc[:0])
    hashes = {week.date(): each for week, each in tables.content_hashes(frame, "week").items()}
    return {week: hashes.get(week, nothing) for week in weeks}


def _table_of(context: dg.InputContext) -> str:
    if context.upstream_output is None:
        raise TypeError("An input without an upstream asset names no table.")
    table: str = context.upstream_output.definition_metadata["table"]
    return table


def _describe(context: dg.OutputContext, stored: Sequence[Stored]) -> None:
    """Attach what belongs to the whole run; facts of one week are added per partition by the asset."""
    metadata: dict[str, Any] = {"dagster/row_count": sum(week.row_count for week in stored), "weeks": len(stored)}
    if len(stored) == 1:
        metadata |= {"content_hash": stored[0].content_hash}
        if stored[0].object_key is not None:
            metadata |= {"object_key": stored[0].object_key}
        # Dagster knows one data version per output, so only a run of one week can tell it.
        context.step_context.set_data_version(context.asset_key, dg.DataVersion(stored[0].content_hash))
    context.add_output_metadata(metadata)
