"""What the rows of every city become: the columns of inspections and violations, and what was lost on the way."""

from dataclasses import dataclass

import pandas as pd

from food_inspections.domain.city.findings import COUNT_COLUMNS

TEXT_COLUMNS = (
    "dba_name",
    "aka_name",
    "facility_type",
    "risk",
    "address",
    "city",
    "state",
    "zip",
    "area",
    "inspection_type",
    "results",
)
FLAGS = (
    "is_inspection",
    "is_first_look",
    "is_full_visit",
    "is_reinspection",
    "is_complaint",
    "is_conditional",
    "is_closure",
)
INSPECTION_COLUMNS = (
    "week",
    "pull_week",
    "inspection_id",
    "inspection_date",
    "establishment_id",
    "source_establishment_id",
    *TEXT_COLUMNS,
    "result_meaning",
    "latitude",
    "longitude",
    *FLAGS,
    "is_failure",
    "is_critical",
    "points",
    "report_number",
    "violations",
    *COUNT_COLUMNS,
    "raw_row_count",
    "portal_updated_at",
)
VIOLATION_COLUMNS = ("inspection_id", "code", "title", "severity", "topic")


@dataclass(frozen=True)
class Canonical:
    """Inspections of any city.

    Attributes:
        inspections: :data:`INSPECTION_COLUMNS`, in the order (inspection_date, inspection_id). Text is
            ``unknown`` where an inspection lacks it and ``None`` where the city does not publish it; flags of
            labels, points and counts are missing where they cannot be known.
        violations: :data:`VIOLATION_COLUMNS`, in the same order.
        unmapped_values: ``week``, ``inspection_id``, ``column``, ``value``: spellings that no vocabulary
            knows and that became ``other``, one row for each inspection that has one.
        dropped: ``week``, ``reason``, ``row_count``: raw rows that are of no inspection. Rows in are the sum
            of ``raw_row_count`` and of these.
        contradictions: In how many inspections rows disagree, by column of the portal.
        raw_row_count: Rows in.
    """

    inspections: pd.DataFrame
    violations: pd.DataFrame
    unmapped_values: pd.DataFrame
    dropped: pd.DataFrame
    contradictions: dict[str, int]
    raw_row_count: int

    @property
    def unmapped(self) -> pd.DataFrame:
        """``column``, ``value`` and ``inspection_count`` of what became ``other``, the most frequent first."""
        counts = self.unmapped_values.groupby(["column", "value"]).size().rename("inspection_count").reset_index()
        return counts.sort_values(
            ["inspection_count", "column", "value"], ascending=[False, True, True], ignore_index=True
        )
