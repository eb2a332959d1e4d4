"""Weeks as a check sees them, without a database behind them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from food_inspections.orchestration.checks.suite import Outcome, RunUnderTest, Suite, WeekUnderTest
from food_inspections.settings import Settings
from food_inspections.storage.warehouse import Read, Warehouse

WEEK = date(2025, 1, 6)
DAY = pd.Timestamp("2025-01-08")


class StubWarehouse(Warehouse):
    """Answers reads from frames given by table, and never connects."""

    def __init__(self, frames: Mapping[str, pd.DataFrame] | None = None, **settings: Any) -> None:
        super().__init__(replace(Settings(home=Path("unused"), object_store="unused"), **settings))
        self.frames = dict(frames or {})

    def read_table(self, asset: str, table: str, weeks: Any, required: Any = (), columns: Any = None) -> Read:
        frame = self.frames[table]
        return Read(frame[list(columns)] if columns else frame, tuple(weeks), {})

    def read_rows(self, table: str, weeks: Any) -> pd.DataFrame:
        return self.frames[table]

    def read_up_to(
        self, asset: str, table: str, last_week: date, columns: Any = None, *, is_kept: bool = False
    ) -> Read:
        frame = self.frames[table]
        kept = frame[frame["week"] <= pd.Timestamp(last_week)]
        return Read(kept[list(columns)] if columns else kept, (), {})


def outcome(
    suite: Suite,
    name: str,
    frame: pd.DataFrame,
    facts: Mapping[str, Any] | None = None,
    *,
    row_count: int | None = None,
    object_bytes: int | None = None,
    config: Mapping[str, Any] | None = None,
    warehouse: Warehouse | None = None,
    week: date = WEEK,
) -> Outcome:
    """What one check of a suite says of one week."""
    check = next(check for check in suite.checks if check.name == name)
    count = len(frame) if row_count is None else row_count
    run = RunUnderTest(
        [WeekUnderTest(week, frame, facts or {}, count, object_bytes)],
        warehouse or StubWarehouse(),
        suite.config(**(config or {})) if suite.config else None,
    )
    return check.evaluate(run)[week]


def rows(**columns: Any) -> pd.DataFrame:
    """A frame of one week; scalars are repeated."""
    return pd.DataFrame({"week": pd.Timestamp(WEEK), **columns})
