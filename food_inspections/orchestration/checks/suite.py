"""The one wrapper around all checks.

A check is a pure function of the weeks as they were stored; the wrapper reads the
weeks, writes one row per check and week into ``test.check_results``, and with the last
blocking check the verdict per week into ``metadata.materializations``. No verdict means
not accepted, so a check that crashes leaves its weeks pending.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd

from food_inspections.orchestration.io.outputs import rows_by_week
from food_inspections.orchestration.partitions import WEEKS, mondays
from food_inspections.orchestration.policies import retrying_lost_connections
from food_inspections.storage.records import materializations as records
from food_inspections.storage.warehouse import Warehouse

MOST_WEEKS_LOGGED = 53
"""Weeks of a range whose results are all shown in the UI: a year's. docs/operations.md has what an event costs."""


@dataclass(frozen=True)
class Outcome:
    """What a check found for one week, in words a person can act on."""

    passed: bool
    expected: str
    seen: str
    # A finding may weigh less than its check: then it is shown and stops nothing.
    is_warning: bool = False


@dataclass(frozen=True)
class WeekUnderTest:
    """One week of an asset as it was stored.

    Attributes:
        week: Its Monday.
        frame: Its rows, read back.
        facts: What the asset recorded of the week.
        row_count: Rows the record names.
        object_bytes: Size of the stored object; ``None`` for tables.
    """

    week: date
    frame: pd.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    row_count: int = 0
    object_bytes: int | None = None


@dataclass
class RunUnderTest:
    """The weeks of a run, with what a check may compare them to.

    Attributes:
        weeks: The weeks as they were stored.
        warehouse: Where other assets are kept.
        config: Run config of the step, an instance of the suite's config class.
    """

    weeks: Sequence[WeekUnderTest]
    warehouse: Warehouse
    config: Any = None

    @cached_property
    def mondays(self) -> list[date]:
        """The weeks' Mondays."""
        return [week.week for week in self.weeks]

    def rows(self, columns: Sequence[str]) -> pd.DataFrame:
        """The named columns of the rows of all weeks, with the week's Monday as index: looked at in one go."""
        rows = pd.concat([week.frame[list(columns)] for week in self.weeks])
        mondays = np.array(self.mondays, dtype="datetime64[ns]")
        return rows.set_axis(np.repeat(mondays, [len(week.frame) for week in self.weeks]), axis=0)


Evaluate = Callable[[RunUnderTest], Mapping[date, Outcome]]


@dataclass(frozen=True)
class Check:
    """A named expectation about every week of an asset.

    Attributes:
        name: Unique within the asset.
        description: What must hold, and why it matters.
        evaluate: Finds the outcome of every week of the run.
        is_blocking: Whether a failure rejects the week and stops the run.
    """

    name: str
    description: str
    evaluate: Evaluate
    is_blocking: bool = True


def per_week(evaluate: Callable[[WeekUnderTest], Outcome]) -> Evaluate:
    """Lift a pure function of one week to all weeks of a run."""

    def evaluate_all(run: RunUnderTest) -> dict[date, Outcome]:
        return {week.week: evaluate(week) for week in run.weeks}

    return evaluate_all


ReadWeeks = Callable[[Warehouse, Sequence[records.Recorded]], Sequence[WeekUnderTest]]


def table_weeks(table: str) -> ReadWeeks:
    """Reader of an asset kept in a table."""

    def read(warehouse: Warehouse, written: Sequence[records.Recorded]) -> list[WeekUnderTest]:
        frame = warehouse.read_rows(table, [row.week for row in written])
        groups = rows_by_week(frame)
        return [
            WeekUnderTest(row.week, groups.get(row.week, frame.iloc[:0]), row.parameters, row.row_count)
            for row in written
        ]

    return read


@dataclass(frozen=True)
class Suite:
    """The checks of one asset.

    Attributes:
        asset: Asset name.
        checks: Its checks, evaluated in one step so that the weeks are read once.
        read: Reader of its weeks.
        config: Run config of the step.
        step: Name of the step; run config addresses it by this name.
        on_accepted: Told which weeks were accepted, once that is committed.
        is_dispensable: Whether what follows goes on without a rejected week: a failure then warns and stops no run.
    """

    asset: str
    checks: Sequence[Check]
    read: ReadWeeks
    config: type[dg.Config] | None = None
    step: str = ""
    on_accepted: Callable[[Warehouse, Sequence[records.Recorded]], None] | None = None
    is_dispensable: bool = False

    @property
    def step_name(self) -> str:
        """Name of the step in a run."""
        return self.step or f"{self.asset}_checks"


def build_checks(suites: Sequence[Suite], assets: Sequence[dg.AssetsDefinition]) -> list[dg.AssetChecksDefinition]:
    """One step per suite; all suites of an asset share in its verdict.

    Args:
        suites: The suites.
        assets: The assets they check.

    Raises:
        dagster.DagsterInvalidDefinitionError: An asset has no suite.
    """
    unchecked = sorted({asset.key.to_user_string() for asset in assets} - {suite.asset for suite in suites})
    if unchecked:
        raise dg.DagsterInvalidDefinitionError(
            f"{unchecked[0]} has no checks, so its weeks would stay pending and nothing could ever read them: "
            "add a suite to ALL_SUITES in food_inspections/orchestration/checks."
        )
    blocking: dict[str, set[str]] = {}
    for suite in suites:
        blocking.setdefault(suite.asset, set()).update(check.name for check in suite.checks if check.is_blocking)
    return [_build(suite, frozenset(blocking[suite.asset])) for suite in suites]


def _build(suite: Suite, blocking_of_asset: frozenset[str]) -> dg.AssetChecksDefinition:
    checks = dg.multi_asset_check(
        name=suite.step_name,
        specs=[
            dg.AssetCheckSpec(
                check.name,
                asset=suite.asset,
                description=check.description,
                blocking=check.is_blocking,
                partitions_def=WEEKS,
            )
            for check in suite.checks
        ],
    )

    def results(
        context: dg.AssetCheckExecutionContext, warehouse: Warehouse, config: dg.Config | None
    ) -> Iterator[dg.AssetCheckResult]:
        with retrying_lost_connections():
            outcomes = _evaluate(suite, blocking_of_asset, context, warehouse, config)
        for check in suite.checks:
            _log_weeks(context, suite, check, outcomes[check.name])
            yield _result(suite, check, outcomes[check.name])

    if suite.config is None:

        @checks
        def run_checks(
            context: dg.AssetCheckExecutionContext, warehouse: dg.ResourceParam[Warehouse]
        ) -> Iterator[dg.AssetCheckResult]:
            yield from results(context, warehouse, None)

        return run_checks

    @checks
    def run_configured_checks(
        context: dg.AssetCheckExecutionContext,
        config: suite.config,  # type: ignore[name-defined]  # Dagster takes the class from here
        warehouse: dg.ResourceParam[Warehouse],
    ) -> Iterator[dg.AssetCheckResult]:
        yield from results(context, warehouse, config)

    return run_configured_checks


def _evaluate(
    suite: Suite,
    blocking_of_asset: frozenset[str],
    context: dg.AssetCheckExecutionContext,
    warehouse: Warehouse,
    config: dg.Config | None,
) -> dict[str, Mapping[date, Outcome]]:
    """Evaluate every check on the weeks of the run, and record results and verdict in one transaction."""
    weeks = mondays(context.partition_keys)
    with warehouse.snapshot() as connection:
        # A pull may have written further weeks, which inspections of the run's weeks lay in before.
        weeks = sorted({*weeks, *records.weeks_of_run(connection, context.run.run_id, suite.asset)})
        written = records.latest(connection, suite.asset, weeks)
    missing = sorted(set(weeks) - {row.week for row in written})
    if missing:
        raise dg.Failure(f"{suite.asset} of week {missing[0]} was never written: materialize it first.")
    run = RunUnderTest(suite.read(warehouse, written), warehouse, config)
    outcomes = {check.name: check.evaluate(run) for check in suite.checks}
    with warehouse.transaction() as connection:
        records.write_check_results(
            connection,
            [
                _row(context.run.run_id, suite, check, week, outcomes[check.name][week])
                for check in suite.checks
                for week in weeks
            ],
        )
        verdict = records.decide(connection, suite.asset, written, blocking_of_asset)
    if suite.on_accepted is not None:
        suite.on_accepted(warehouse, [row for row in written if verdict.get(row.week) == "accepted"])
    return outcomes


def _row(run_id: str, suite: Suite, check: Check, week: date, outcome: Outcome) -> records.CheckResult:
    return records.CheckResult(
        run_id=run_id,
        asset=suite.asset,
        check_name=check.name,
        week=week,
        is_blocking=check.is_blocking and not outcome.is_warning,
        severity=_severity(suite, check, [outcome]).value,
        passed=outcome.passed,
        expected=outcome.expected,
        seen=outcome.seen,
    )


def _log_weeks(
    context: dg.AssetCheckExecutionContext, suite: Suite, check: Check, outcomes: Mapping[date, Outcome]
) -> None:
    """Log the result of each week of a range: Dagster announces them all, and shows those without one as skipped.

    Of a range of years only the weeks that failed: each result is an event of its own, and those of all checks would
    take as long as the rest of the run. ``test.check_results`` has every week's.
    """
    partitions = set(context.partition_keys)
    is_long = len(partitions) > MOST_WEEKS_LOGGED
    for week, outcome in outcomes.items():
        if len(partitions) > 1 and str(week) in partitions and not (is_long and outcome.passed):
            shown = _result(suite, check, {week: outcome})
            # The annotation of log_event lags behind what it takes.
            event: Any = dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(suite.asset),
                check_name=check.name,
                passed=shown.passed,
                metadata=shown.metadata,
                severity=shown.severity,
                description=shown.description,
                blocking=check.is_blocking,
                partition=str(week),
            )
            context.op_execution_context.log_event(event)


def _result(suite: Suite, check: Check, outcomes: Mapping[date, Outcome]) -> dg.AssetCheckResult:
    """One result for the run: a range is as good as its worst week, and names its bad weeks."""
    bad = {week: outcome for week, outcome in outcomes.items() if not outcome.passed}
    week, shown = next(iter((bad or outcomes).items()))
    metadata: dict[str, Any] = {"week": str(week), "expected": shown.expected, "seen": shown.seen}
    if len(outcomes) > 1:
        metadata |= {"weeks": len(outcomes), "failed_weeks": [str(week) for week in bad]}
    return dg.AssetCheckResult(
        passed=not bad,
        asset_key=suite.asset,
        check_name=check.name,
        severity=_severity(suite, check, list((bad or outcomes).values())),
        metadata=metadata,
        description=f"{shown.seen} (expected: {shown.expected})",
    )


def _severity(suite: Suite, check: Check, outcomes: Sequence[Outcome]) -> dg.AssetCheckSeverity:
    is_error = check.is_blocking and not suite.is_dispensable and not all(outcome.is_warning for outcome in outcomes)
    return dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN
