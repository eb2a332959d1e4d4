"""IO managers at work in runs of two small assets: what lies where afterwards, and what a reader gets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import text

from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.io.io_managers import PulledWeeksIOManager, TableIOManager
from food_inspections.orchestration.io.outputs import PulledOutput, WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import UP_TO_THE_WEEK, WEEKS, mondays
from food_inspections.orchestration.weekly_asset import reading_upstream
from food_inspections.settings import Settings
from food_inspections.storage.city import OBJECT as CITY
from food_inspections.storage.records import materializations as records
from food_inspections.storage.records import pulls
from food_inspections.storage.records.materializations import Recorded
from food_inspections.storage.warehouse import Warehouse

FIRST, SECOND, THIRD = date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)
STAMP = "2025-02-01T00:00:00.000Z"


def pulled_rows(*weeks: date, stamp: str = STAMP, name: str = "NAME") -> pd.DataFrame:
    """One inspection a week, as a pull brings it."""
    return pd.DataFrame(
        {
            "week": pd.to_datetime(pd.Series(weeks, dtype="object")),
            "inspection_id": [str(week.toordinal()) for week in weeks],
            "inspection_date": [f"{week}T00:00:00.000" for week in weeks],
            "dba_name": name,
            "portal_row_id": f"row-{stamp}",
            "portal_updated_at": stamp,
        }
    ).astype({"inspection_id": object, "inspection_date": object})


@dataclass
class Store:
    """Two assets: pulled weeks, and a table made from all weeks up to the present one."""

    warehouse: Warehouse
    instance: dg.DagsterInstance
    frame: pd.DataFrame = field(default_factory=lambda: pulled_rows(FIRST, SECOND, THIRD))
    further: tuple[date, ...] = ()
    meanwhile: Callable[[], object] = lambda: None

    def run(self, asset: str, first: date, last: date | None = None) -> dg.ExecuteInProcessResult:
        """Materialize one of them, without checks."""
        store = self

        @dg.asset(
            partitions_def=WEEKS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            io_manager_key="objects",
            code_version="1",
        )
        def raw(context: dg.AssetExecutionContext) -> PulledOutput:
            weeks = [*mondays(context.partition_keys), *store.further]
            rows = store.frame[store.frame["week"].isin([pd.Timestamp(week) for week in weeks])]
            days = rows["week"]
            pulled = pulls.describe(rows, days, sorted(weeks), "historical", "http://portal", "data")
            facts = {week.week: week.facts for week in pulled}
            return PulledOutput(rows, facts=facts, further_weeks=store.further, pulled=pulled)

        @dg.asset(
            partitions_def=WEEKS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            deps=[dg.AssetDep(raw, partition_mapping=UP_TO_THE_WEEK)],
            io_manager_key="tables",
            metadata={"dagster/table_name": "test.seen", "side_tables": ["test.counted"]},
            code_version="2",
        )
        @reading_upstream
        def seen(context: dg.AssetExecutionContext, upstream: Upstream) -> WeeklyOutput:
            pulled = upstream.read(raw)
            store.meanwhile()
            rows = [
                (pd.Timestamp(week), inspection)
                for week in mondays(context.partition_keys)
                for inspection in pulled.loc[pulled["week"] <= pd.Timestamp(week), "inspection_id"].astype("int64")
            ]
            frame = pd.DataFrame(rows, columns=["week", "inspection_id"])
            return WeeklyOutput(frame, side_tables={"test.counted": frame.groupby("week", as_index=False).count()})

        job = dg.define_asset_job("job", dg.AssetSelection.assets(asset))
        resources = {
            "warehouse": self.warehouse,
            "objects": PulledWeeksIOManager(warehouse=self.warehouse),
            "tables": TableIOManager(warehouse=self.warehouse),
        }
        defs = dg.Definitions(assets=[raw, seen], jobs=[job], resources=resources)
        tags = {run_tags.RANGE_START: str(first), run_tags.RANGE_END: str(last or first)}
        return defs.resolve_job_def("job").execute_in_process(
            instance=self.instance,
            partition_key=None if last else str(first),
            tags=tags if last else {},
            raise_on_error=False,
        )

    def accept(self, asset: str) -> None:
        """What checks would do; there are none."""
        with self.warehouse.transaction() as connection:
            records.decide(connection, asset, records.latest(connection, asset), [])

    def reject(self, asset: str, week: date) -> None:
        statement = text(
            "UPDATE metadata.materializations SET status = 'rejected' WHERE (asset, week) = (:asset, :week)"
        )
        with self.warehouse.transaction() as connection:
            connection.execute(statement, {"asset": asset, "week": week})

    def records(self, asset: str) -> dict[date, Recorded]:
        with self.warehouse.transaction() as connection:
            return {row.week: row for row in records.latest(connection, asset)}

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        with self.warehouse.transaction() as connection:
            statement = text(f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608 - constants
            return [tuple(row) for row in connection.execute(statement)]

    @property
    def objects(self) -> list[str]:
        return sorted(key for key in self.warehouse.objects.keys("") if key != CITY)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    warehouse = Warehouse(settings)
    with warehouse.transaction() as connection:
        for name in ("seen", "counted"):
            columns = "week date, inspection_id bigint, PRIMARY KEY (week, inspection_id)"
            connection.execute(text(f"CREATE TABLE test.{name} ({columns})"))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Store(warehouse, instance)
        warehouse.engine.dispose()


def number(week: date) -> int:
    return week.toordinal()


def test_every_week_of_a_range_is_an_object_named_after_its_content(store: Store) -> None:
    store.frame = pulled_rows(FIRST, THIRD)

    assert store.run("raw", FIRST, THIRD).success

    found = store.records("raw")
    assert {week: row.row_count for week, row in found.items()} == {FIRST: 1, SECOND: 0, THIRD: 1}
    assert {row.object_key for row in found.values()} == set(store.objects)
    for week, row in found.items():
        assert row.object_key == f"raw/{week}/{row.content_hash}.parquet"
        assert list(store.warehouse.read_object(row.object_key).columns) == list(store.frame.columns)
        assert (row.status, row.code_version, row.parameters["pull"]) == ("pending", "1", "historical")


def test_new_stamps_on_the_same_rows_are_no_new_content(store: Store) -> None:
    store.run("raw", FIRST)
    (before,) = store.records("raw").values()
    store.frame = pulled_rows(FIRST, stamp="2025-03-01T00:00:00.000Z")

    store.run("raw", FIRST)

    (after,) = store.records("raw").values()
    assert after.run_id != before.run_id
    assert (after.content_hash, after.object_key) == (before.content_hash, before.object_key)
    assert after.parameters["newest_updated_at"] == "2025-03-01T00:00:00.000Z", "the stamp itself is kept on record"
    assert store.objects == [before.object_key]


def test_other_content_is_another_object_and_the_earlier_one_stays(store: Store) -> None:
    store.run("raw", FIRST)
    store.frame = pulled_rows(FIRST, name="OTHER NAME")

    store.run("raw", FIRST)

    assert len(store.objects) == 2
    (row,) = store.records("raw").values()
    assert store.warehouse.read_object(str(row.object_key))["dba_name"].tolist() == ["OTHER NAME"]


def test_weeks_that_changed_with_those_of_the_run_are_committed_with_them(store: Store) -> None:
    store.further = (THIRD,)

    store.run("raw", FIRST)

    found = store.records("raw")
    assert set(found) == {FIRST, THIRD}
    assert len({row.run_id for row in found.values()}) == 1


def test_tables_hold_exactly_the_rows_of_the_last_run(store: Store) -> None:
    store.run("raw", FIRST, THIRD)
    store.accept("raw")

    assert store.run("seen", FIRST, THIRD).success

    everything = [(THIRD, number(week)) for week in (FIRST, SECOND, THIRD)]
    expected = [(FIRST, number(FIRST)), (SECOND, number(FIRST)), (SECOND, number(SECOND)), *everything]
    assert store.rows("test.seen") == expected
    assert store.rows("test.counted") == [(FIRST, 1), (SECOND, 2), (THIRD, 3)]
    before = {week: row.content_hash for week, row in store.records("seen").items()}

    assert store.run("seen", SECOND).success

    assert store.rows("test.seen") == expected
    assert {week: row.content_hash for week, row in store.records("seen").items()} == before


def test_a_reader_of_earlier_weeks_leaves_out_what_was_not_accepted(store: Store) -> None:
    store.run("raw", FIRST, THIRD)
    store.accept("raw")
    store.reject("raw", FIRST)

    assert store.run("seen", SECOND).success

    assert store.rows("test.seen") == [(SECOND, number(SECOND))]


def test_what_was_left_out_is_part_of_what_a_week_was_made_from(store: Store) -> None:
    store.run("raw", FIRST, THIRD)
    store.accept("raw")
    store.run("seen", SECOND)
    before = store.records("seen")[SECOND].upstream_hash

    store.reject("raw", THIRD)
    store.run("seen", SECOND)
    assert store.records("seen")[SECOND].upstream_hash == before, "a later week changes nothing"
    store.reject("raw", FIRST)
    store.run("seen", SECOND)
    assert store.records("seen")[SECOND].upstream_hash != before


def test_a_week_that_changes_while_it_is_used_leaves_what_was_made_of_it_out_of_date(store: Store) -> None:
    def pull_again() -> None:
        store.frame = pulled_rows(FIRST, SECOND, name="OTHER")
        store.run("raw", FIRST)
        store.accept("raw")

    store.run("raw", FIRST, SECOND)
    store.accept("raw")
    store.meanwhile = pull_again
    store.run("seen", SECOND)
    stale = store.records("seen")[SECOND].upstream_hash

    store.meanwhile = lambda: None
    store.run("seen", SECOND)
    current = store.records("seen")[SECOND].upstream_hash
    store.run("seen", SECOND)
    assert store.records("seen")[SECOND].upstream_hash == current
    assert stale != current


def test_the_weeks_of_the_run_itself_must_be_accepted(store: Store) -> None:
    store.run("raw", FIRST, THIRD)
    store.accept("raw")
    store.reject("raw", SECOND)

    result = store.run("seen", FIRST, THIRD)

    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    assert "raw of week 2025-01-13 is rejected" in str(failure.step_failure_data.error)
    assert store.rows("test.seen") == []
    assert store.records("seen") == {}


def test_a_single_week_tells_its_data_version(store: Store) -> None:
    store.run("raw", FIRST)

    event = store.instance.get_latest_materialization_event(dg.AssetKey("raw"))
    assert event is not None
    materialization = event.asset_materialization
    assert materialization is not None
    (row,) = store.records("raw").values()
    assert (materialization.tags or {})["dagster/data_version"] == row.content_hash
    assert materialization.metadata["object_key"].value == row.object_key
    assert "content_hash" not in materialization.metadata, "said by the data version, and by the object's name"


def materializations(store: Store, asset: str) -> dict[str, dg.AssetMaterialization]:
    """The newest materialization of each week."""
    newest: dict[str, dg.AssetMaterialization] = {}
    for record in store.instance.fetch_materializations(dg.AssetKey(asset), limit=50).records:
        if record.asset_materialization is not None and record.partition_key is not None:
            newest.setdefault(record.partition_key, record.asset_materialization)
    return newest


def test_each_week_of_a_range_shows_its_own_row_count_content_and_object(store: Store) -> None:
    store.frame = pulled_rows(FIRST, FIRST, THIRD)

    store.run("raw", FIRST, THIRD)

    shown = materializations(store, "raw")
    assert {week: metadata.metadata["dagster/row_count"].value for week, metadata in shown.items()} == {
        str(FIRST): 2,
        str(SECOND): 0,
        str(THIRD): 1,
    }
    for week, row in store.records("raw").items():
        assert shown[str(week)].metadata["object_key"].value == row.object_key
        assert row.content_hash in str(row.object_key)


def test_the_facts_of_a_week_of_a_range_stand_on_that_week_alone(store: Store) -> None:
    store.frame = pd.concat([pulled_rows(FIRST, stamp="2025-02-01"), pulled_rows(THIRD, stamp="2025-02-03")])

    store.run("raw", FIRST, THIRD)

    shown = {week: materialization.metadata for week, materialization in materializations(store, "raw").items()}
    assert {week: metadata["pull"].value for week, metadata in shown.items()} == dict.fromkeys(shown, "historical")
    stamps = {
        week: metadata["newest_updated_at"].value
        for week, metadata in shown.items()
        if metadata.get("newest_updated_at")
    }
    assert stamps == {str(FIRST): "2025-02-01", str(THIRD): "2025-02-03"}, "what is not known is not shown"


def test_a_range_has_a_data_version_that_changes_with_any_of_its_weeks(store: Store) -> None:
    def version() -> str:
        store.run("raw", FIRST, THIRD)
        versions = {(shown.tags or {})["dagster/data_version"] for shown in materializations(store, "raw").values()}
        (common,) = versions
        return common

    first = version()
    assert version() == first, "the same content is the same version"
    store.frame = pulled_rows(FIRST, SECOND, name="OTHER")
    changed = version()
    assert changed != first
    store.frame = pulled_rows(FIRST, SECOND, THIRD, name="OTHER")
    assert version() not in (first, changed)


def test_a_step_that_is_tried_again_hashes_its_upstream_anew(store: Store) -> None:
    """Nothing of an earlier attempt is kept, whatever becomes of it."""
    store.run("raw", FIRST)
    store.accept("raw")
    store.meanwhile = lambda: 1 / 0
    assert not store.run("seen", FIRST).success
    store.frame = pulled_rows(FIRST, name="OTHER")
    store.run("raw", FIRST)
    store.accept("raw")

    store.meanwhile = lambda: None
    store.run("seen", FIRST)
    after_failure = store.records("seen")[FIRST].upstream_hash
    store.run("seen", FIRST)

    assert store.records("seen")[FIRST].upstream_hash == after_failure
