"""What the body of an asset may read: the upstream assets it declares, in the weeks its mappings reach.

A body gets no other way to the tables, so that lineage, "out of date" and what is really read
cannot part. What an asset itself wrote for earlier weeks is its own history, no dependency.

A step reads its input, computes and writes. An upstream week that changes in between is
not in what was written, so the record must name the upstream weeks as they were before
the first read: the week then counts as out of date, and is made again, instead of looking
current for ever.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
from sqlalchemy import Connection

from food_inspections.domain.city.profile import Profile
from food_inspections.domain.learning.model import FittedModel
from food_inspections.domain.plan.handed_out import HandedOut, handed_out
from food_inspections.domain.recipes.registry import candidate_name
from food_inspections.domain.weeks import WEEK, week_range
from food_inspections.orchestration.graph import node_of
from food_inspections.orchestration.partitions import CALENDAR, mondays
from food_inspections.planning.graph import Dependency
from food_inspections.settings import Settings
from food_inspections.storage.models import candidates
from food_inspections.storage.models.candidates import CandidateRow
from food_inspections.storage.models.champions import Champion, find_champion
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import plan_versions, queue_versions
from food_inspections.storage.records.lineage import upstream_hashes
from food_inspections.storage.warehouse import Warehouse

TABLE = "dagster/table_name"
SIDE_TABLES = "side_tables"
COLUMN_LINEAGE = "dagster/column_lineage"
"""Definition metadata: where an asset is kept, what it writes beside, and where its columns come from."""


class UndeclaredError(Exception):
    """An asset reads or writes what it does not declare: an error of the program."""


class Upstream:
    """Reads the declared upstream assets of one step, accepted weeks only.

    Args:
        context: Context of the step.
        warehouse: Where the assets are kept.

    Attributes:
        hashes: What each week of the step is made from, taken before anything is read.
    """

    def __init__(self, context: dg.AssetExecutionContext, warehouse: Warehouse) -> None:
        self._log = context.log
        self._warehouse = warehouse
        self._weeks = mondays(context.partition_keys)
        (self._spec,) = context.assets_def.specs
        self._dependencies = {dependency.asset: dependency for dependency in node_of(self._spec).dependencies}
        with warehouse.snapshot() as connection:
            self.hashes: Mapping[date, str] = hash_upstream(connection, self._spec, self._weeks, self.settings)

    @property
    def settings(self) -> Settings:
        """Settings of the deployment."""
        return self._warehouse.settings

    @property
    def profile(self) -> Profile:
        """What the rows of the deployment's city mean."""
        return self._warehouse.profile

    def read(
        self,
        asset: dg.AssetsDefinition,
        columns: Sequence[str] | None = None,
        *,
        weeks: Collection[date] | None = None,
        required: Collection[date] = (),
        table: str | None = None,
        is_kept: bool = False,
    ) -> pd.DataFrame:
        """Read rows of an upstream asset, ordered by week and key.

        Args:
            asset: The upstream asset.
            columns: Columns to read; all by default.
            weeks: Mondays to read; by default all that the run's weeks reach.
            required: Mondays among ``weeks`` that must be accepted; without ``weeks`` the run's own are.
            table: One of the asset's side tables; its own by default.
            is_kept: Hold the rows for a later step of this process that reads the same.

        Raises:
            UndeclaredError: The asset, the table or a week is not declared.
            StorageError: A required week was never written, is pending or was rejected.
        """
        return self.read_weeks(asset, columns, weeks=weeks, required=required, table=table, is_kept=is_kept)[0]

    def read_weeks(
        self,
        asset: dg.AssetsDefinition,
        columns: Sequence[str] | None = None,
        *,
        weeks: Collection[date] | None = None,
        required: Collection[date] = (),
        table: str | None = None,
        is_kept: bool = False,
    ) -> tuple[pd.DataFrame, tuple[date, ...]]:
        """The same, with the accepted weeks the rows come from: an empty week has no rows and is one of them."""
        reached = self._reached(asset)
        if weeks is None:
            # What people make is there or not; nothing waits for it.
            required = set(self._weeks).intersection(reached) if asset.is_executable else ()
            weeks = reached
        self._refuse(asset, sorted(set(weeks) - set(reached)))
        name, own_table = asset.key.to_user_string(), table_of(asset)
        if own_table is None:
            read = self._warehouse.read_objects(name, weeks, required)
        else:
            if table not in (None, own_table, *side_tables_of(asset)):
                raise UndeclaredError(f"{self._name} reads {table} of {name}, which does not declare this table.")
            read = self._warehouse.read_table(name, table or own_table, weeks, required, columns, is_kept=is_kept)
        if read.skipped:
            named = ", ".join(f"{week} ({status})" for week, status in read.skipped.items())
            self._log.warning(f"Left out of {name}, not accepted: {named}")
        return read.frame, read.weeks

    def champion(self, asset: dg.AssetsDefinition, week: date) -> Champion:
        """The model that serves a week.

        Args:
            asset: The asset that logs the decisions.
            week: The week's Monday.

        Raises:
            ModelError: Nothing was decided for the week or before it.
            UndeclaredError: The decision is of a week that the mapping does not reach.
        """
        dependency = self._dependency(asset)
        champion = self._warehouse.champion(week)
        first, last = dependency.reached(week)
        if not first <= champion.effective_week <= last:
            raise UndeclaredError(
                f"{self._name} of week {week} takes a decision of weeks {first} to {last}, but in force is the one of "
                f"{champion.effective_week}: materialize {dependency.asset} of week {week} first."
            )
        return champion

    def load_model(self, stored: Champion | CandidateRow) -> FittedModel:
        """The model of a decision or of a candidate; refused where its checksum or its library versions differ."""
        return self._warehouse.load_model(stored.object_key, stored.checksum)

    def validation_scores(self, champion: Champion) -> pd.DataFrame:
        """Validation scores of the candidate that was chosen, ordered by inspection."""
        with self._warehouse.snapshot() as connection:
            return candidates.validation_scores(connection, champion.candidate_id)

    def reference_scores(self, champion: Champion) -> pd.DataFrame:
        """What the scores of the serving model are compared with, ordered by inspection."""
        with self._warehouse.snapshot() as connection:
            return candidates.reference_scores(connection, champion.model_id)

    def candidates(self, assets: Sequence[dg.AssetsDefinition], week: date) -> list[CandidateRow]:
        """Accepted candidates of a cutoff, ordered by model id."""
        for asset in assets:
            self._dependency(asset)
            self._refuse(asset, sorted({week} - set(self._reached(asset))))
        declared = {asset.key.to_user_string() for asset in assets}
        with self._warehouse.snapshot() as connection:
            rows = candidates.accepted_candidates(connection, week, self.settings.label)
        return [row for row in rows if candidate_name(row.recipe) in declared]

    def facts(self, asset: dg.AssetsDefinition, week: date) -> Mapping[str, Any]:
        """What the newest record of an upstream week says beside its rows, accepted or not; empty without one."""
        self._refuse(asset, sorted({week} - set(self._reached(asset))))
        with self._warehouse.snapshot() as connection:
            found = records.latest(connection, asset.key.to_user_string(), [week])
        return found[0].parameters if found else {}

    def first_published(self, asset: dg.AssetsDefinition, week: date) -> pd.DataFrame | None:
        """The first version of a queue that was published for a week; ``None`` where none was."""
        self._refuse(asset, sorted({week} - set(self._reached(asset))))
        with self._warehouse.snapshot() as connection:
            return queue_versions.first_published(connection, week)

    def handed_out(self, week: date) -> HandedOut:
        """What people hold in hands of an earlier version of a week's plan, for the asset that plans it again."""
        with self._warehouse.snapshot() as connection:
            stops, decisions = plan_versions.newest_stops(connection, week), plan_versions.decisions(connection, week)
        return handed_out(stops, decisions, CALENDAR.today(), CALENDAR.time_zone)

    def decision_before(self, week: date) -> tuple[Champion, CandidateRow] | None:
        """The decision in force before a week and the candidate it chose, for the asset that decides anew.

        Raises:
            UndeclaredError: Days of the run's weeks or later ones could tell.
        """
        if week > self._weeks[0]:
            raise UndeclaredError(f"{self._name} of week {self._weeks[0]} asks for a decision before {week}.")
        with self._warehouse.snapshot() as connection:
            champion = find_champion(connection, week - WEEK, self.settings.label)
            return None if champion is None else (champion, candidates.candidate(connection, champion.candidate_id))

    def own_weeks(self) -> list[date]:
        """Accepted weeks of the asset itself."""
        with self._warehouse.snapshot() as connection:
            return [row.week for row in records.accepted_weeks(connection, self._name)]

    @property
    def _name(self) -> str:
        return str(self._spec.key.to_user_string())

    def _dependency(self, asset: dg.AssetsDefinition) -> Dependency:
        name = asset.key.to_user_string()
        if name not in self._dependencies:
            raise UndeclaredError(f"{self._name} reads {name} without declaring it: add it to its deps.")
        return self._dependencies[name]

    def _reached(self, asset: dg.AssetsDefinition) -> list[date]:
        """Every week of an upstream asset that a week of the run reaches."""
        dependency = self._dependency(asset)
        first, last = dependency.reached(self._weeks[0])[0], dependency.reached(self._weeks[-1])[1]
        return week_range(max(first, CALENDAR.first_week), last)

    def _refuse(self, asset: dg.AssetsDefinition, beyond: Sequence[date]) -> None:
        outside = [week for week in beyond if week >= CALENDAR.first_week]
        if outside:
            raise UndeclaredError(
                f"{self._name} of weeks {self._weeks[0]} to {self._weeks[-1]} reads {asset.key.to_user_string()} "
                f"of week {outside[-1]}, which its partition mapping does not reach."
            )


def hash_upstream(
    connection: Connection, spec: dg.AssetSpec, weeks: Sequence[date], settings: Settings
) -> dict[date, str]:
    """Hash of everything each week would be made from if it were made now."""
    return upstream_hashes(connection, node_of(spec), weeks, settings)


def table_of(asset: dg.AssetsDefinition) -> str | None:
    """``schema.table`` an asset is kept in; ``None`` for objects."""
    table: str | None = asset.metadata_by_key[asset.key].get(TABLE)
    return table


def side_tables_of(asset: dg.AssetsDefinition) -> Sequence[str]:
    """Tables an asset writes beside its own."""
    tables: Sequence[str] = asset.metadata_by_key[asset.key].get(SIDE_TABLES, ())
    return tables
