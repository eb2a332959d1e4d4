"""What an asset hands to its IO manager: the rows of some weeks, and facts about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from food_inspections.storage.records.pulls import PulledWeek

Facts = Mapping[date, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Output:
    """What every output of an asset carries beside its content.

    Attributes:
        facts: What belongs into the record of each week, as JSON: run config, rows
            dropped per reason, the model that scored, ...
        side_objects: Further objects to store, by key: pages and pictures.
        further_weeks: Weeks that are not the run's but change with them, in the same transaction.
        upstream_hashes: Hash of what each week was made from, taken before the first read of the
            step (see :mod:`~food_inspections.orchestration.io.upstream`); given by the decorator
            of the assets.
    """

    facts: Facts = field(default_factory=dict)
    side_objects: Mapping[str, bytes] = field(default_factory=dict)
    further_weeks: Sequence[date] = ()
    upstream_hashes: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WeeklyOutput(Output):
    """Rows of the weeks of a run.

    Attributes:
        frame: Rows of the asset's main table or object, with a ``week`` column.
        side_tables: Rows of further tables written in the same transaction, by table name.
    """

    frame: pd.DataFrame
    side_tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, kw_only=True)

    def row_counts(self, weeks: list[date]) -> dict[date, int]:
        """Main rows per week, 0 where a week is empty."""
        counts = self.frame["week"].value_counts()
        return {week: int(counts.get(pd.Timestamp(week), 0)) for week in weeks}


def rows_by_week(frame: pd.DataFrame) -> dict[date, pd.DataFrame]:
    """The rows of each week that has any, in their order, each with a fresh index."""
    ordered = frame if frame["week"].is_monotonic_increasing else frame.sort_values("week", kind="stable")
    mondays, starts = np.unique(ordered["week"].to_numpy(), return_index=True)
    # Parts of the same memory: what is written and read by week comes in the order of weeks.
    parts = pairwise([*starts, len(ordered)])
    return {
        pd.Timestamp(monday).date(): ordered.iloc[start:stop].reset_index(drop=True)
        for monday, (start, stop) in zip(mondays, parts, strict=True)
    }


@dataclass(frozen=True)
class PulledOutput(WeeklyOutput):
    """Rows of a download.

    Attributes:
        pulled: What it brought of each week.
    """

    pulled: Sequence[PulledWeek] = field(default=(), kw_only=True)
