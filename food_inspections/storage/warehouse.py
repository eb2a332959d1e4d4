"""The one way to read what other assets wrote: accepted weeks only.

Holds the database and the object store of the settings, opened on first use.
"""

from collections.abc import Collection, Iterator, Sequence
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
        self._kept: tuple[object, pd.DataFrame] | None = None

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
            is_kept: Hold the rows in memory for the next reader of the same ones, until one comes that keeps others
                or none. Nobody may change values in them.

        Raises:
            StorageError: A required week was never written, is pending or was rejected.
        """
        with self.snapshot() as connection:
            accepted, skipped = self._accepted(connection, asset, weeks, required)
            wanted = tuple(row.week for row in accepted)
            content = (table, columns and tuple(columns), *((row.week, row.content_hash) for row in accepted))
            if self._kept is not None and self._kept[0] == content:
                frame = self._kept[1]
                if not is_kept:
                    self._kept = None
            else:
                frame = tables.read_weeks(connection, table, wanted, columns)
                if is_kept:
                    self._kept = (content, frame)
        return Read(frame.copy(deep=False), wanted, skipped)

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
        frame = pa.concat_tables(parts, promote_options="permissive").to_pandas() if parts else pd.DataFrame()
        return Read(frame, tuple(row.week for row in accepted), skipped)

    def read_up_to(self, asset: str, table: str, last_week: date, columns: Sequence[str] | None = None) -> Read:
        """Read an asset's rows of all accepted weeks up to one; see :meth:`read_table`."""
        with self.snapshot() as connection:
            weeks = [
                row.week for row in records.accepted_weeks(connection, asset, before=last_week + timedelta(days=1))
            ]
            return Read(tables.read_weeks(connection, table, weeks, columns), tuple(weeks), {})

    def read_rows(self, table: str, weeks: Collection[date]) -> pd.DataFrame:
        """Read rows whatever their status: for the checks that decide on it, and for nobody else."""
        with self.snapshot() as connection:
            return tables.read_weeks(connection, table, sorted(weeks))

    def read_object(self, object_key: str) -> pd.DataFrame:
        """Read one Parquet object."""
        frame: pd.DataFrame = self._read_object(object_key).to_pandas()
        return frame

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


_ADVICE = {
    "missing": "materialize it first (--select {asset} --partition {week}).",
    "pending": "its checks have not finished; materialize it again together with its checks.",
    "rejected": "a blocking check failed (see test.check_results); mend the cause and materialize it again.",
}
