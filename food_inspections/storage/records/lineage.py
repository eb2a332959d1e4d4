"""What weeks would be made from if they were made now, read from the records."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from food_inspections.planning.graph import Node
from food_inspections.planning.lineage import hash_weeks
from food_inspections.settings import Settings
from food_inspections.storage.models import champions
from food_inspections.storage.records import materializations as records


def upstream_hashes(connection: Connection, node: Node, weeks: Sequence[date], settings: Settings) -> dict[date, str]:
    """Hash, for each week, everything the asset would be made from if it were made now.

    Args:
        connection: Transaction to read the records in.
        node: The asset with its dependencies.
        weeks: Mondays asked for.
        settings: The deployment; of its models the champions of its label count.

    Returns:
        SHA-256 hex digest by week.
    """
    contents = {
        dependency.asset: {row.week: row.content_hash for row in records.accepted_weeks(connection, dependency.asset)}
        for dependency in node.dependencies
        if not dependency.is_champion
    }
    served: Mapping[date, str] = {}
    if any(dependency.is_champion for dependency in node.dependencies):
        serving = champions.serving_models(connection, weeks, settings.label)
        served = {week: model.model_id for week, model in serving.items()}
    return hash_weeks(node, weeks, contents, served, settings.inputs)
