"""What a body may read: what its asset declares, in the weeks its mapping reaches, and nothing else."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import text

from food_inspections.orchestration.io.io_managers import TableIOManager
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, WEEKS, mondays, recent_weeks
from food_inspections.orchestration.weekly_asset import reading_upstream, weekly_asset
from food_inspections.settings import Settings
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse

FIRST, SECOND, THIRD, FOURTH = (date(2025, 1, 6) + timedelta(weeks=number) for number in range(4))
ONE_RUN = dg.BackfillPolicy.single_run()


def rows_of(weeks: list[date]) -> pd.DataFrame:
    return pd.DataFrame({"week": pd.to_datetime(pd.Series(weeks)), "number": [week.toordinal() for week in weeks]})


@dg.asset(
    partitions_def=WEEKS,
    backfill_policy=ONE_RUN,
    io_manager_key="tables",
    metadata={"dagster/table_name": "test.numbers", "side_tables": ["test.beside"]},
)
def numbers(context: dg.AssetExecutionContext) -> WeeklyOutput:
    frame = rows_of(mondays(context.partition_keys))
    return WeeklyOutput(frame, side_tables={"test.beside": frame.assign(number=0)})


@dg.asset(
    partitions_def=WEEKS,
    backfill_policy=ONE_RUN,
    io_manager_key="tables",
    metadata={"dagster/table_name": "test.others"},
)
def others(context: dg.AssetExecutionContext) -> WeeklyOutput:
    frame = rows_of(mondays(context.partition_keys))
    return WeeklyOutput(frame, side_tables={"test.beside": frame})


Read = Callable[[Upstream], Any]


class Reader:
    """Runs a body that reads, in an asset that declares two weeks of ``numbers``."""

    def __init__(self, warehouse: Warehouse, instance: dg.DagsterInstance) -> None:
        self.warehouse = warehouse
        self.instance = instance
        self.was_read: Any = None

    def write(self, asset: dg.AssetsDefinition, first: date, last: date) -> dg.ExecuteInProcessResult:
        result = self._run([asset], asset, first, last)
        name = asset.key.to_user_string()
        with self.warehouse.transaction() as connection:
            records.decide(connection, name, records.latest(connection, name), [])
        return result

    def read(self, read: Read, first: date = THIRD, last: date = THIRD) -> str | None:
        """What the body is refused with, if it is."""

        @dg.asset(
            partitions_def=WEEKS,
            backfill_policy=ONE_RUN,
            deps=[dg.AssetDep(numbers, partition_mapping=recent_weeks(2))],
            io_manager_key="tables",
            metadata={"dagster/table_name": "test.others"},
        )
        @reading_upstream
        def reads(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
            self.was_read = read(upstream)
            return WeeklyOutput(rows_of(mondays(context.partition_keys)))

        result = self._run([numbers, reads], reads, first, last)
        failures = result.filter_events(lambda event: event.is_step_failure)
        return str(failures[0].step_failure_data.error) if failures else None

    def _run(
        self, assets: list[dg.AssetsDefinition], asset: dg.AssetsDefinition, first: date, last: date
    ) -> dg.ExecuteInProcessResult:
        resources = {"warehouse": self.warehouse, "tables": TableIOManager(warehouse=self.warehouse)}
        defs = dg.Definitions(assets=assets, resources=resources)
        weeks = {"dagster/asset_partition_range_start": str(first), "dagster/asset_partition_range_end": str(last)}
        return defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance, asset_selection=[asset.key], tags=weeks, raise_on_error=False
        )


@pytest.fixture
def reader(settings: Settings) -> Iterator[Reader]:
    warehouse = Warehouse(settings)
    with warehouse.transaction() as connection:
        for name in ("numbers", "beside", "others"):
            connection.execute(text(f"CREATE TABLE test.{name} (week date, number bigint, PRIMARY KEY (week, number))"))
    with dg.DagsterInstance.ephemeral() as instance:
        reader = Reader(warehouse, instance)
        reader.write(numbers, FIRST, FOURTH)
        yield reader
        warehouse.engine.dispose()


def weeks_read(reader: Reader) -> list[date]:
    return [week.date() for week in reader.was_read["week"]]


def test_a_body_reads_the_weeks_that_its_mapping_reaches(reader: Reader) -> None:
    assert reader.read(lambda upstream: upstream.read(numbers)) is None
    assert weeks_read(reader) == [SECOND, THIRD]
    assert reader.read(lambda upstream: upstream.read(numbers), SECOND, THIRD) is None
    assert weeks_read(reader) == [FIRST, SECOND, THIRD]
    assert reader.read(lambda upstream: upstream.read(numbers, weeks=[SECOND])) is None
    assert weeks_read(reader) == [SECOND]


def test_side_tables_are_read_with_the_asset_that_writes_them(reader: Reader) -> None:
    assert reader.read(lambda upstream: upstream.read(numbers, ["number"], table="test.beside")) is None
    assert reader.was_read["number"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("read", "refusal"),
    [
        (lambda upstream: upstream.read(others), "reads reads others without declaring it: add it to its deps"),
        (lambda upstream: upstream.champion(others, THIRD), "reads reads others without declaring it"),
        (lambda upstream: upstream.candidates([others], THIRD), "reads reads others without declaring it"),
        (lambda upstream: upstream.first_published(others, THIRD), "reads reads others without declaring it"),
        (
            lambda upstream: upstream.read(numbers, weeks=[FIRST]),
            "of weeks 2025-01-20 to 2025-01-20 reads numbers of week 2025-01-06, which its partition mapping does not",
        ),
        (lambda upstream: upstream.read(numbers, weeks=[THIRD, FOURTH]), "reads numbers of week 2025-01-27"),
        (lambda upstream: upstream.candidates([numbers], FOURTH), "reads numbers of week 2025-01-27"),
        (lambda upstream: upstream.first_published(numbers, FOURTH), "reads numbers of week 2025-01-27"),
        (
            lambda upstream: upstream.read(numbers, table="test.others"),
            "test.others of numbers, which does not declare",
        ),
        (lambda upstream: upstream.decision_before(FOURTH), "asks for a decision before 2025-01-27"),
    ],
)
def test_what_is_not_declared_cannot_be_read(reader: Reader, read: Read, refusal: str) -> None:
    assert refusal in (reader.read(read) or "")


def test_the_weeks_of_the_run_must_be_accepted_and_earlier_ones_are_left_out(reader: Reader) -> None:
    def reject(week: date) -> None:
        statement = text("UPDATE metadata.materializations SET status = 'rejected' WHERE week = :week")
        with reader.warehouse.transaction() as connection:
            connection.execute(statement, {"week": week})

    reject(SECOND)
    assert reader.read(lambda upstream: upstream.read(numbers)) is None
    assert weeks_read(reader) == [THIRD]
    reject(THIRD)
    assert "numbers of week 2025-01-20 is rejected" in (reader.read(lambda upstream: upstream.read(numbers)) or "")


def test_a_side_table_that_is_not_declared_cannot_be_written(reader: Reader) -> None:
    (failure,) = reader.write(others, FIRST, FIRST).filter_events(lambda event: event.is_step_failure)

    assert "others writes test.beside: declare it as side table" in str(failure.step_failure_data.error)


def test_a_body_with_upstream_assets_gets_no_warehouse() -> None:
    def peeks(warehouse: dg.ResourceParam[Warehouse]) -> WeeklyOutput:
        raise NotImplementedError

    with pytest.raises(TypeError, match="peeks is made from other assets: it takes `upstream`, not the warehouse"):
        weekly_asset(group="monitoring", io_manager="postgres_weeks", deps={numbers: SAME_WEEK})(peeks)
