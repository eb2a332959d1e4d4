"""The wrapper around all checks, driven by an asset of our own: what it records, and when a week is accepted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from dagster._core.event_api import PartitionKeyFilter
from sqlalchemy import text

from food_inspections.orchestration.checks.suite import (
    Check,
    Outcome,
    Suite,
    WeekUnderTest,
    build_checks,
    per_week,
    table_weeks,
)
from food_inspections.orchestration.instance import run_tags
from food_inspections.orchestration.io.io_managers import TableIOManager
from food_inspections.orchestration.io.outputs import WeeklyOutput
from food_inspections.orchestration.io.upstream import Upstream
from food_inspections.orchestration.partitions import SAME_WEEK, WEEKS, mondays
from food_inspections.orchestration.weekly_asset import reading_upstream
from food_inspections.settings import Settings
from food_inspections.storage.records.materializations import Recorded, latest
from food_inspections.storage.warehouse import Warehouse

FIRST, SECOND, THIRD = date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)
TABLE = "test.numbers"


def below(limit: int, name: str = "small", *, is_blocking: bool = True, is_warning: bool = False) -> Check:
    def evaluate(week: WeekUnderTest) -> Outcome:
        largest = int(week.frame["number"].max())
        return Outcome(largest < limit, f"numbers below {limit}", f"largest is {largest}", is_warning)

    return Check(name, "Numbers are small.", per_week(evaluate), is_blocking)


def crash(week: WeekUnderTest) -> Outcome:
    raise ZeroDivisionError("made to crash")


def suite(*checks: Check, step: str = "") -> Suite:
    return Suite("numbers", checks, table_weeks(TABLE), step=step)


@dataclass
class Run:
    """A run that is over."""

    result: dg.ExecuteInProcessResult
    warehouse: Warehouse

    @property
    def statuses(self) -> dict[date, str]:
        return dict(self._query("SELECT week, status FROM metadata.latest_materializations WHERE asset = 'numbers'"))

    @property
    def results(self) -> list[tuple[Any, ...]]:
        """check, week, whether it blocks, severity, whether it passed, expected, seen."""
        return self._query(
            "SELECT check_name, week, is_blocking, severity, passed, expected, seen FROM test.check_results "
            "WHERE run_id = :run_id ORDER BY check_name, week",
            run_id=self.result.run_id,
        )

    @property
    def evaluations(self) -> dict[str, dg.AssetCheckEvaluation]:
        return {
            evaluation.check_name: evaluation
            for evaluation in self.result.get_asset_check_evaluations()
            if evaluation.partition is None or not self.result.dagster_run.tags.get(run_tags.RANGE_START)
        }

    def _query(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.warehouse.transaction() as connection:
            return [tuple(row) for row in connection.execute(text(sql), parameters)]


@dataclass
class Numbers:
    """An asset that writes a number per week, and another that takes it."""

    warehouse: Warehouse
    instance: dg.DagsterInstance
    values: dict[date, int] = field(default_factory=lambda: {FIRST: 1, SECOND: 2, THIRD: 3})
    taken: list[int] = field(default_factory=list)

    def run(
        self,
        suites: Sequence[Suite],
        first: date = FIRST,
        last: date | None = None,
        selection: Callable[[dg.AssetSelection], dg.AssetSelection] = lambda everything: everything,
    ) -> Run:
        values, taken = self.values, self.taken

        @dg.asset(
            partitions_def=WEEKS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            io_manager_key="tables",
            metadata={"dagster/table_name": TABLE},
            code_version="1",
        )
        def numbers(context: dg.AssetExecutionContext) -> WeeklyOutput:
            weeks = mondays(context.partition_keys)
            return WeeklyOutput(
                pd.DataFrame(
                    {"week": [pd.Timestamp(week) for week in weeks], "number": [values[week] for week in weeks]}
                ),
                facts={week: {"made_for": str(week)} for week in weeks},
            )

        @dg.asset(
            partitions_def=WEEKS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            deps=[dg.AssetDep(numbers, partition_mapping=SAME_WEEK)],
            io_manager_key="nothing",
        )
        @reading_upstream
        def takes(upstream: Upstream) -> WeeklyOutput:
            rows = upstream.read(numbers)
            taken.extend(rows["number"])
            return WeeklyOutput(rows)

        tags: Mapping[str, str] = {}
        if last is not None:
            tags = {run_tags.RANGE_START: str(first), run_tags.RANGE_END: str(last)}
        defs = dg.Definitions(
            assets=[numbers, takes],
            asset_checks=build_checks(suites, [numbers]),
            jobs=[dg.define_asset_job("job", selection(dg.AssetSelection.all()))],
            resources={
                "warehouse": self.warehouse,
                "tables": TableIOManager(warehouse=self.warehouse),
                "nothing": dg.mem_io_manager,
            },
        )
        result = defs.resolve_job_def("job").execute_in_process(
            partition_key=None if last is not None else str(first),
            tags=tags,
            instance=self.instance,
            raise_on_error=False,
        )
        return Run(result, self.warehouse)


@pytest.fixture
def numbers(settings: Settings) -> Iterator[Numbers]:
    warehouse = Warehouse(settings)
    with warehouse.transaction() as connection:
        connection.execute(text("CREATE TABLE test.numbers (week date, number bigint, PRIMARY KEY (week, number))"))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Numbers(warehouse, instance)


def test_a_week_whose_checks_all_passed_is_accepted(numbers: Numbers) -> None:
    run = numbers.run([suite(below(10), below(20, "smallish"))])

    assert run.result.success
    assert run.statuses == {FIRST: "accepted"}
    assert run.results == [
        ("small", FIRST, True, "ERROR", True, "numbers below 10", "largest is 1"),
        ("smallish", FIRST, True, "ERROR", True, "numbers below 20", "largest is 1"),
    ]
    assert numbers.taken == [1]


def test_who_asked_is_told_of_accepted_weeks_once_they_are_committed(numbers: Numbers) -> None:
    told: dict[date, str] = {}

    def tell(warehouse: Warehouse, accepted: Sequence[Recorded]) -> None:
        with warehouse.snapshot() as connection:
            told.update({row.week: row.status for row in latest(connection, "numbers", [row.week for row in accepted])})

    numbers.values[SECOND] = 15
    run = numbers.run([replace(suite(below(10)), on_accepted=tell)], FIRST, THIRD)

    assert run.statuses == {FIRST: "accepted", SECOND: "rejected", THIRD: "accepted"}
    assert told == {FIRST: "accepted", THIRD: "accepted"}


def test_one_failed_blocking_check_rejects_the_week_and_stops_the_run(numbers: Numbers) -> None:
    numbers.values[FIRST] = 15

    run = numbers.run([suite(below(10), below(20, "smallish"))])

    assert not run.result.success
    assert run.statuses == {FIRST: "rejected"}
    assert [(name, passed) for name, _, _, _, passed, *_ in run.results] == [("small", False), ("smallish", True)]
    assert run.evaluations["small"].description == "largest is 15 (expected: numbers below 10)"
    assert numbers.taken == []


def test_what_was_rejected_is_not_read_in_a_later_run_either(numbers: Numbers) -> None:
    numbers.values[FIRST] = 15
    numbers.run([suite(below(10))])

    run = numbers.run([suite(below(10))], selection=lambda _: dg.AssetSelection.assets("takes"))

    assert not run.result.success
    (failure,) = run.result.filter_events(lambda event: event.is_step_failure)
    assert "numbers of week 2025-01-06 is rejected" in str(failure.step_failure_data.error)
    assert numbers.taken == []


def test_a_check_that_crashes_leaves_the_week_pending_and_no_results(numbers: Numbers) -> None:
    run = numbers.run([suite(below(10), Check("crashes", "", per_week(crash)))])

    assert not run.result.success
    assert run.statuses == {FIRST: "pending"}
    assert run.results == []
    assert numbers.taken == []


def test_a_check_that_does_not_block_is_shown_and_stops_nothing(numbers: Numbers) -> None:
    run = numbers.run([suite(below(10), below(1, "tiny", is_blocking=False))])

    assert run.result.success
    assert run.statuses == {FIRST: "accepted"}
    assert ("tiny", FIRST, False, "WARN", False, "numbers below 1", "largest is 1") in run.results
    assert run.evaluations["tiny"].severity == dg.AssetCheckSeverity.WARN


def test_a_finding_that_is_a_warning_stops_nothing(numbers: Numbers) -> None:
    run = numbers.run([suite(below(1, is_warning=True))])

    assert run.result.success
    assert run.statuses == {FIRST: "accepted"}
    assert run.results == [("small", FIRST, False, "WARN", False, "numbers below 1", "largest is 1")]


def test_a_bad_week_of_a_range_makes_the_run_red_and_leaves_the_others_accepted(numbers: Numbers) -> None:
    numbers.values[SECOND] = 15

    run = numbers.run([suite(below(10))], FIRST, THIRD)

    assert not run.result.success
    assert run.statuses == {FIRST: "accepted", SECOND: "rejected", THIRD: "accepted"}
    assert [(week, passed) for _, week, _, _, passed, *_ in run.results] == [
        (FIRST, True),
        (SECOND, False),
        (THIRD, True),
    ]
    shown = run.evaluations["small"]
    assert not shown.passed
    assert shown.metadata["week"] == dg.TextMetadataValue("2025-01-13")
    assert shown.metadata["failed_weeks"] == dg.JsonMetadataValue(["2025-01-13"])
    assert shown.metadata["weeks"] == dg.IntMetadataValue(3)
    assert numbers.taken == []


@pytest.mark.parametrize("bad", [(), (SECOND,), (FIRST, THIRD)])
def test_each_week_of_a_range_shows_its_own_result(numbers: Numbers, bad: tuple[date, ...]) -> None:
    """Weeks that were announced and never reported on would be shown as skipped."""
    numbers.values |= dict.fromkeys(bad, 15)

    run = numbers.run([suite(below(10))], FIRST, THIRD)

    shown = {week: week_result(numbers.instance, "small", week) for week in (FIRST, SECOND, THIRD)}
    assert {week: (status, passed) for week, (status, passed, _) in shown.items()} == {
        week: ("FAILED", False) if week in bad else ("SUCCEEDED", True) for week in shown
    }
    assert {week: seen for week, (_, _, seen) in shown.items()} == {
        week: f"largest is {numbers.values[week]}" for week in shown
    }
    assert run.evaluations["small"].passed == (not bad), "the range as a whole is as good as its worst week"


def week_result(instance: dg.DagsterInstance, check: str, week: date) -> tuple[str, bool, object]:
    """Status, whether passed and what was seen, as the partition's page shows them."""
    key = dg.AssetCheckKey(dg.AssetKey("numbers"), check)
    (record,) = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=9, partition_filter=PartitionKeyFilter(key=str(week))
    )
    assert record.evaluation is not None
    return record.status.value, record.evaluation.passed, record.evaluation.metadata["seen"].value


def test_an_asset_without_checks_is_refused_in_words() -> None:
    @dg.asset(partitions_def=WEEKS)
    def forgotten() -> None: ...

    with pytest.raises(dg.DagsterInvalidDefinitionError, match="forgotten has no checks, so its weeks would stay"):
        build_checks([suite(below(10))], [forgotten])


def test_of_a_warning_and_a_failure_in_a_range_the_failure_counts(numbers: Numbers) -> None:
    def evaluate(week: WeekUnderTest) -> Outcome:
        return Outcome(False, "better", "worse", is_warning=week.week == FIRST)

    run = numbers.run([suite(Check("mixed", "", per_week(evaluate)))], FIRST, SECOND)

    assert not run.result.success
    assert run.statuses == {FIRST: "accepted", SECOND: "rejected"}
    assert run.evaluations["mixed"].severity == dg.AssetCheckSeverity.ERROR


def test_all_suites_of_an_asset_share_in_its_verdict(numbers: Numbers) -> None:
    both = [suite(below(10)), suite(below(5, "expectation"), step="numbers_expectation")]
    assert numbers.run(both).statuses == {FIRST: "accepted"}

    numbers.values[FIRST] = 7
    run = numbers.run(both)
    assert not run.result.success
    assert run.statuses == {FIRST: "rejected"}


def test_a_suite_that_crashes_leaves_the_week_pending_whatever_the_other_found(numbers: Numbers) -> None:
    crashing = suite(Check("crashes", "", per_week(crash)), step="numbers_expectation")

    run = numbers.run([suite(below(10)), crashing])

    assert run.statuses == {FIRST: "pending"}
    assert [name for name, *_ in run.results] == ["small"]


def test_checks_run_alone_decide_on_the_week_as_it_was_written(numbers: Numbers) -> None:
    only_numbers = dg.AssetSelection.assets("numbers")
    unchecked = numbers.run([suite(below(10))], selection=lambda _: only_numbers.without_checks())
    assert unchecked.statuses == {FIRST: "pending"}

    run = numbers.run([suite(below(10))], FIRST, FIRST, lambda _: dg.AssetSelection.checks_for_assets("numbers"))

    assert run.result.success
    assert run.statuses == {FIRST: "accepted"}


def test_checks_of_a_week_that_was_never_written_say_so(numbers: Numbers) -> None:
    run = numbers.run([suite(below(10))], FIRST, FIRST, lambda _: dg.AssetSelection.checks_for_assets("numbers"))

    (failure,) = run.result.filter_events(lambda event: event.is_step_failure)
    assert "numbers of week 2025-01-06 was never written: materialize it first." in str(failure.step_failure_data.error)
    assert run.results == []


def test_checks_see_the_rows_as_stored_and_the_facts_recorded(numbers: Numbers) -> None:
    seen: list[WeekUnderTest] = []

    def look(week: WeekUnderTest) -> Outcome:
        seen.append(week)
        return Outcome(True, "", "")

    numbers.run([suite(Check("looks", "", per_week(look)))], FIRST, SECOND)

    made_by = {"profile": Settings.from_environment().profile.parts["profile"]}
    assert [(week.week, week.frame["number"].tolist(), week.facts, week.row_count) for week in seen] == [
        (FIRST, [1], {"made_for": str(FIRST)} | made_by, 1),
        (SECOND, [2], {"made_for": str(SECOND)} | made_by, 1),
    ]
