"""What the weeks of a step are made from, noted before the step reads any of it.

A step reads its input, computes and writes. An upstream week that changes in between is
not in what was written, so the record must name the upstream weeks as they were before
the first read: the week then counts as out of date, and is made again, instead of looking
current for ever.
"""

from datetime import date
from typing import TYPE_CHECKING

import dagster as dg
from sqlalchemy import Connection

from food_inspections.domain.weeks import week_range
from food_inspections.orchestration.partitions import monday
from food_inspections.planning.graph import node_of
from food_inspections.planning.lineage import upstream_hashes
from food_inspections.storage.warehouse import Warehouse

if TYPE_CHECKING:
    from food_inspections.orchestration.instance.dagster_private import StepExecutionContext

# By run and asset. A step is executed by one process, from its first read to its write.
_noted: dict[tuple[str, str], dict[date, str]] = {}


def weeks_of_the_run(step: "StepExecutionContext") -> list[date]:
    """The Mondays a run is for, none where it has no partition."""
    if not step.has_partitions:
        return []
    asked = step.partition_key_range
    return week_range(monday(asked.start), monday(asked.end))


def note(warehouse: Warehouse, step: "StepExecutionContext") -> None:
    """Note what the step's weeks would be made from if they were read now.

    Called before the step's first read; a step that is tried again notes anew.
    """
    assets = step.assets_def
    if assets is None:
        return
    weeks = weeks_of_the_run(step)
    for spec in assets.specs:
        with warehouse.snapshot() as connection:
            hashes = upstream_hashes(connection, node_of(spec), weeks, warehouse.settings.label)
        _noted[step.run_id, spec.key.to_user_string()] = hashes


def noted(
    connection: Connection, warehouse: Warehouse, run_id: str, spec: dg.AssetSpec, weeks: list[date]
) -> dict[date, str]:
    """Hash of what each week was made from, for its record.

    Weeks that were not noted before, such as one that an inspection has left, and assets
    that read no other asset are hashed on the given transaction.
    """
    known = _noted.pop((run_id, spec.key.to_user_string()), {})
    further = [week for week in weeks if week not in known]
    return known | upstream_hashes(connection, node_of(spec), further, warehouse.settings.label)
