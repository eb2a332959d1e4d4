"""The one way to read what other assets wrote: accepted weeks only.

Holds the database and the object store of the settings, opened on first use.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Engine

from food_inspections.domain.city.profile import Profile
from food_inspections.errors import StorageError
from food_inspections.settings import Settings
from food_inspections.storage.city import require_city_of_objects
from food_inspections.storage.models.champions import Champion, champion_of
from food_inspections.storage.objects import ObjectStore
from food_inspections.storage.postgres import database, tables
from food_inspections.storage.records import materializations as records

if TYPE_CHECKING:
    from food_inspections.domain.learning.model import FittedModel


@dataclass(frozen=True)
class Kept:
    """Rows held in memory, with what they are.

    Attributes:
        table: Where they were read.
        columns: The columns read; ``None`` for all.
        content: Content hash of each week they are of.
        frame: The rows, ordered by week and key.
    """

    table: str
    columns: tuple[str, ...] | None
    content: Mapping[date, str]
    frame: pd.DataFrame

    def weeks(self, table: str, columns: Sequence[str] | None, content: Mapping[date, str]) -> set[date]:
        """Those of some weeks whose rows are among these as they are now; none where columns are not."""
        has_columns = columns == self.columns or (columns is not None and {"week", *columns} <= {*self.frame.columns})
        if table != self.table or not has_columns:
            return set()
        return {week for week, content_hash in content.items() if self.content.get(week) == content_hash}

    def rows(self, columns: Sequence[str] | None, weeks: Collection[date]) -> pd.DataFrame:
        """The columns of some of the weeks, as reading them gives them."""
        frame = self.frame
        if len(weeks) < len(self.content):
            frame = frame[frame["week"].isin(pd.to_datetime(list(weeks)))].reset_index(drop=True)
        return frame.copy(deep=False) if columns is None else frame[list(columns)]


@dataclass(frozen=True)
class Read:
    """Rows read from an upstream asset.

    Attributes:
        frame: The rows, ordered by week and key.
        weeks: Accepted weeks they come from, empty ones included.
        skipped: Weeks written but not accepted, by status; their rows are left out.
    """

    frame: pd.DataFrame
    weeks: tuple[date, ...]
    skipped: dict[date, str]


class Warehouse:
    """Tables and objects of one deployment."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._kept: Kept | None = None

    @property
    def profile(self) -> Profile:
        """What the rows of the deployment's city mean."""
        return self.settings.profile

    @cached_property
    def engine(self) -> Engine:
        """The pooled engine; starts the embedded server and applies ``sql/`` where needed."""
        database.upgrade(self.settings)
        return database.engine(self.settings)

    @cached_property
    def objects(self) -> ObjectStore:
        """The object store."""
        store = ObjectStore.from_url(self.settings.object_store)
        require_city_of_objects(self.settings, store)
        return store

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that commits at the end and rolls back on any error."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that sees records and rows as of one moment."""
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection

    def read_table(
        self,
        asset: str,
        table: str,
        weeks: Collection[date],
        required: Collection[date] = (),
        columns: Sequence[str] | None = None,
        *,
        is_kept: bool = False,
    ) -> Read:
        """Read an asset's rows of some weeks, accepted ones only.

        Args:
            asset: Asset that wrote the table.
            table: ``schema.table``.
            weeks: Mondays asked for.
            required: Mondays among them that must be accepted.
            columns: Columns to read; all by default.
            is_kept: Hold the rows in memory for later readers of them or of a part of them, until others are kept or
                all of them are read by one who keeps none. Nobody may change values in them.

        Raises:
            StorageError: A required week was never written, is pending or was rejected.
        """
        with self.snapshot() as connection:
            accepted, skipped = self._accepted(connection, asset, weeks, required)
            frame = self._rows(connection, table, accepted, columns, is_kept=is_kept)
        return Read(frame, tuple(row.week for row in accepted), skipped)

    def read_objects(self, asset: str, weeks: Collection[date], required: Collection[date] = ()) -> Read:
        """Read an asset's Parquet objects of some weeks, accepted ones only; see :meth:`read_table`."""
        with self.snapshot() as connection:
            accepted, skipped = self._accepted(connection, asset, weeks, required)
        parts = []
        for row in accepted:
            if row.object_key is None:
                raise StorageError(f"{asset} of week {row.week} names no object: materialize the week again.")
            parts.append(self._read_object(row.object_key))
        # An earlier version gave a column without any text in a week no type.
        table = pa.concat_tables(parts, promote_options="permissive") if parts else pa.table({})
        return Read(_with_texts_of_arrow(table), tuple(row.week for row in accepted), skipped)

    def read_up_to(
        self, asset: str, table: str, last_week: date, columns: Sequence[str] | None = None, *, is_kept: bool = False
    ) -> Read:
        """Read an asset's rows of all accepted weeks up to one; see :meth:`read_table`."""
        with self.snapshot() as connection:
            accepted = records.accepted_weeks(connection, asset, before=last_week + timedelta(days=1))
            frame = self._rows(connection, table, accepted, columns, is_kept=is_kept)
        return Read(frame, tuple(row.week for row in accepted), {})

    def _rows(
        self,
        connection: Connection,
        table: str,
        accepted: Sequence[records.Recorded],
        columns: Sequence[str] | None,
        *,
        is_kept: bool,
    ) -> pd.DataFrame:
        """Rows of some weeks: those that are kept already, the others read now."""
        asked, content = None if columns is None else tuple(columns), {row.week: row.content_hash for row in accepted}
        kept = self._kept
        known = set() if kept is None else kept.weeks(table, asked, content)
        others = [week for week in content if week not in known]
        if kept is None or not known or (others and (asked != kept.columns or "week" not in kept.frame.columns)):
            frame = tables.read_weeks(connection, table, list(content), asked)
        elif others:
            parts = [kept.rows(asked, known), tables.read_weeks(connection, table, others, asked)]
            together = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
            frame = together.sort_values("week", kind="stable", ignore_index=True)
        else:
            if not is_kept and len(content) == len(kept.content):
                self._kept = None
            return kept.rows(asked, known)
        if is_kept:
            self._kept = Kept(table, asked, content, frame)
        return frame.copy(deep=False)

    def read_rows(self, table: str, weeks: Collection[date]) -> pd.DataFrame:
        """Read rows whatever their status: for the checks that decide on it, and for nobody else."""
        with self.snapshot() as connection:
            return tables.read_weeks(connection, table, sorted(weeks))

    def read_object(self, object_key: str) -> pd.DataFrame:
        """Read one Parquet object."""
        return _with_texts_of_arrow(self._read_object(object_key))

    def champion(self, week: date) -> Champion:
        """The decision in force for a week; see :func:`~food_inspections.storage.models.champions.champion_of`."""
        with self.snapshot() as connection:
            return champion_of(connection, week, self.settings.label)

    def load_model(self, object_key: str, checksum: str) -> "FittedModel":
        """Load a stored model; refused where its checksum or its library versions differ."""
        # Imports scikit-learn, which takes seconds and few readers need.
        from food_inspections.storage.models.files import load_model  # noqa: PLC0415

        return load_model(self.objects.get(object_key), checksum)

    def _read_object(self, object_key: str) -> pa.Table:
        # Imported by who reads objects: it takes as long as pandas.
        import pyarrow.parquet as pq  # noqa: PLC0415

        return pq.read_table(BytesIO(self.objects.get(object_key)), use_threads=False)

    def _accepted(
        self, connection: Connection, asset: str, weeks: Collection[date], required: Collection[date]
    ) -> tuple[list[records.Recorded], dict[date, str]]:
        latest = {row.week: row for row in records.latest(connection, asset, sorted(weeks))}
        for week in sorted(required):
            status = latest[week].status if week in latest else "missing"
            if status != "accepted":
                raise StorageError(
                    f"{asset} of week {week} is {status}: {_ADVICE[status].format(asset=asset, week=week)}"
                )
        accepted = [row for _, row in sorted(latest.items()) if row.status == "accepted"]
        return accepted, {week: row.status for week, row in sorted(latest.items()) if row.status != "accepted"}


def _with_texts_of_arrow(table: pa.Table) -> pd.DataFrame:
    """The rows with their texts as Arrow holds them: as Python's they take four times the memory."""
    held = {kind: pd.ArrowDtype(kind) for kind in (pa.string(), pa.large_string())}
    frame: pd.DataFrame = table.combine_chunks().to_pandas(types_mapper=held.get, ignore_metadata=True)
    return frame


_ADVICE = {
    "missing": "materialize it first (--select {asset} --partition {week}).",
    "pending": "its checks have not finished; materialize it again together with its checks.",
    "rejected": "a blocking check failed (see test.check_results); mend the cause and materialize it again.",
}
