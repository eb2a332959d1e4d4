"""How assets are kept: Parquet objects by week, PostgreSQL tables by week, models.

Each write of a week ends with its row in ``metadata.materializations``; for tables in
the transaction of the data, for objects after the object. Reading belongs in ``upstream``.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from food_inspections.domain.weeks import WEEK
from food_inspections.orchestration.io.outputs import Facts, Output, PulledOutput, WeeklyOutput, rows_by_week
from food_inspections.orchestration.io.upstream import (
    COLUMN_LINEAGE,
    SIDE_TABLES,
    TABLE,
    UndeclaredError,
    hash_upstream,
)
from food_inspections.orchestration.partitions import mondays
from food_inspections.orchestration.policies import retrying_lost_connections
from food_inspections.portal.columns import DatasetColumns
from food_inspections.storage.postgres import tables
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import pulls, versions
from food_inspections.storage.records.queue_versions import publish_queue
from food_inspections.storage.warehouse import Warehouse

# Stamps that a portal may renew on every row without a change of content.
VOLATILE_COLUMNS = ("portal_row_id", "portal_updated_at")


@dataclass(frozen=True)
class Stored:
    """A week as it was stored."""

    week: date
    row_count: int
    content_hash: str
    object_key: str | None = None


class WeeklyIOManager(dg.ConfigurableIOManager):
    """Writes weeks with their records."""

    warehouse: dg.ResourceDependency[Warehouse]

    @abstractmethod
    def store(self, connection: Connection, context: dg.OutputContext, output: Any, weeks: list[date]) -> list[Stored]:
        """Write the weeks on the given transaction and say what was stored."""

    @retrying_lost_connections()
    def handle_output(self, context: dg.OutputContext, obj: Output) -> None:
        """Write the weeks of the run and their records in one transaction."""
        weeks = sorted({*mondays(context.asset_partition_keys), *obj.further_weeks})
        asset, spec = context.asset_key.to_user_string(), context.asset_spec
        profile = self.warehouse.profile.parts["profile"]
        for key, content in obj.side_objects.items():
            self.warehouse.objects.put(key, content)
        with self.warehouse.transaction() as connection:
            versions.keep_objects(connection)
            # Such as the week that an inspection has left, and those of an asset that reads no other.
            not_hashed = [week for week in weeks if week not in obj.upstream_hashes]
            made_from = {
                **obj.upstream_hashes,
                **hash_upstream(connection, spec, not_hashed, self.warehouse.settings),
            }
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
                        parameters={"profile": profile, **obj.facts.get(week.week, {})},
                    )
                    for week in stored
                ],
            )
        _describe(context, stored, obj.facts)

    def load_input(self, context: dg.InputContext) -> None:
        """Refuse: a body reads by ``upstream``, which holds it to what its asset declares."""
        raise TypeError(f"{context.asset_key.to_user_string()} is no input: an asset reads it by `upstream`.")


class TableIOManager(WeeklyIOManager):
    """Keeps an asset in the PostgreSQL table its metadata names, one slice per week."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: WeeklyOutput, weeks: list[date]
    ) -> list[Stored]:
        """Delete the weeks' slices and load the new ones with COPY."""
        undeclared = sorted(set(output.side_tables) - set(context.definition_metadata.get(SIDE_TABLES, ())))
        if undeclared:
            raise UndeclaredError(
                f"{context.asset_key.to_user_string()} writes {undeclared[0]}: declare it as side table."
            )
        own = {context.definition_metadata[TABLE]: output.frame, **output.side_tables}
        written = {table: tables.with_json(frame) for table, frame in own.items()}
        for table, frame in written.items():
            tables.replace_weeks(connection, table, frame, weeks)
        counts = output.row_counts(weeks)
        hashes = [_hash_by_week(frame, weeks) for frame in written.values()]
        return [
            Stored(week, counts[week], records.combined_hash(by_week[week] for by_week in hashes)) for week in weeks
        ]


class ParquetIOManager(WeeklyIOManager):
    """Keeps an asset as one Parquet object per week, named after its content.

    The same content has the same name, so that writing it again changes nothing and
    an earlier version stays where its record says it is.
    """

    def store(self, connection: Connection, context: dg.OutputContext, output: Any, weeks: list[date]) -> list[Stored]:
        """Write the objects; a reader finds them only through the records that follow."""
        asset = context.asset_key.to_user_string()
        stored = []
        hashes = _hash_by_week(output.frame.drop(columns=[*VOLATILE_COLUMNS], errors="ignore"), weeks)
        # Texts become Arrow's once, not once a week.
        table = pa.Table.from_pandas(output.frame.sort_values("week", kind="stable"), preserve_index=False)
        rows_of = table.column("week").to_numpy()
        for week, content_hash in hashes.items():
            start, stop = (int(np.searchsorted(rows_of, np.datetime64(day))) for day in (week, week + WEEK))
            key = f"{asset}/{week}/{content_hash}.parquet"
            if not self.warehouse.objects.exists(key):
                self.warehouse.objects.put(key, _to_parquet(table.slice(start, stop - start)))
            stored.append(Stored(week, stop - start, content_hash, key))
        return stored


class PulledWeeksIOManager(ParquetIOManager):
    """Keeps downloads, and with them what the portal held and where each inspection lies."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: PulledOutput, weeks: list[date]
    ) -> list[Stored]:
        """Write the objects, then the notes that a later look at the portal is compared with."""
        stored = super().store(connection, context, output, weeks)
        pulls.write(connection, context.run_id, output.pulled)
        columns = DatasetColumns.of(self.warehouse.profile)
        ids = {week: columns.ids(rows).dropna().tolist() for week, rows in _by_week(output.frame, weeks).items()}
        pulls.write_places(connection, ids)
        return stored


class QueuePublisher(WeeklyIOManager):
    """Publishes a week's queue as a new version; the same content adds none."""

    def store(
        self, connection: Connection, context: dg.OutputContext, output: WeeklyOutput, weeks: list[date]
    ) -> list[Stored]:
        """Append versions; earlier ones stay as they were published."""
        stored = []
        for week, rows in _by_week(tables.with_json(output.frame), weeks).items():
            content_hash = tables.content_hash(rows)
            publish_queue(connection, rows, week, context.run_id, content_hash)
            stored.append(Stored(week, len(rows), content_hash))
        return stored


def _to_parquet(rows: pa.Table) -> bytes:
    buffer = BytesIO()
    pq.write_table(rows, buffer)
    return buffer.getvalue()


def _by_week(frame: pd.DataFrame, weeks: Sequence[date]) -> dict[date, pd.DataFrame]:
    """The rows of each of the weeks, none for an empty one."""
    groups = rows_by_week(frame)
    return {week: groups.get(week, frame.iloc[:0]) for week in weeks}


def _hash_by_week(frame: pd.DataFrame, weeks: Sequence[date]) -> dict[date, str]:
    """The content hash of each of the weeks, an empty one's too."""
    nothing = tables.content_hash(frame.iloc[:0])
    hashes = {week.date(): content_hash for week, content_hash in tables.content_hashes(frame, "week").items()}
    return {week: hashes.get(week, nothing) for week in weeks}


def _describe(context: dg.OutputContext, stored: Sequence[Stored], facts: Facts) -> None:
    """Attach to each week what holds for it alone, and to the output its data version.

    In one go for a week: Dagster looks through what all weeks have so far each time.
    """
    step, partitions = context.step_context, set(context.asset_partition_keys)
    for week in stored:
        # Others, such as the week that an inspection has left, are none of the run's partitions.
        if str(week.week) in partitions:
            metadata = {name: value for name, value in facts.get(week.week, {}).items() if value is not None}
            metadata["dagster/row_count"] = week.row_count
            # The data version of a single week is its hash already, and an object is named after it.
            if week.object_key is not None:
                metadata["object_key"] = week.object_key
            elif len(stored) > 1:
                metadata["content_hash"] = week.content_hash
            step.add_asset_metadata(metadata, partition_key=str(week.week))
    lineage = context.definition_metadata.get(COLUMN_LINEAGE)
    if lineage is not None:
        # The UI takes it from what was materialized.
        context.add_output_metadata({COLUMN_LINEAGE: lineage})
    step.set_data_version(context.asset_key, dg.DataVersion(_data_version(stored)))


def _data_version(stored: Sequence[Stored]) -> str:
    """The content's hash; of a range one over all of its weeks, as Dagster gives every week of an output the same.

    It may tell of a change where a week has none, and never keeps one from being told.
    """
    if len(stored) == 1:
        return stored[0].content_hash
    return records.combined_hash(f"{week.week} {week.content_hash}" for week in stored)
