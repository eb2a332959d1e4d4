"""What a week was made from, as one hash: the basis for "out of date".

The hash of a week covers the content hashes of every accepted upstream week that
the asset's own partition mappings reach, so that there is no second list of
dependencies to keep in step with the assets. Needs no Dagster.
"""

import bisect
import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import accumulate

from sqlalchemy import Connection

from food_inspections.planning.graph import EVER, Dependency, Node
from food_inspections.settings import Label
from food_inspections.storage.models import champions
from food_inspections.storage.records import materializations as records

# Which model serves is decided by the log of selections, not by the newest selection asset.
CHAMPION_ASSET = "selected_model"

Contents = Mapping[date, str]
"""Content hash of each accepted week of an asset."""


def upstream_hashes(connection: Connection, node: Node, weeks: Sequence[date], label: Label) -> dict[date, str]:
    """Hash, for each week, everything the asset would be made from if it were made now.

    Args:
        connection: Transaction to read the records in.
        node: The asset with its dependencies.
        weeks: Mondays asked for.
        label: Label whose champion counts.

    Returns:
        SHA-256 hex digest by week.
    """
    contents = {
        dependency.asset: {row.week: row.content_hash for row in records.accepted_weeks(connection, dependency.asset)}
        for dependency in node.dependencies
        if not is_champion(dependency)
    }
    served: Mapping[date, str] = {}
    if any(is_champion(dependency) for dependency in node.dependencies):
        served = {week: champion.model_id for week, champion in champions.champions(connection, weeks, label).items()}
    return hash_weeks(node, weeks, contents, served, label)


def hash_weeks(
    node: Node,
    weeks: Collection[date],
    contents: Mapping[str, Contents],
    served: Mapping[date, str],
    label: Label,
) -> dict[date, str]:
    """The same from what was read before.

    Args:
        node: The asset with its dependencies.
        weeks: Mondays asked for.
        contents: Accepted weeks of every upstream asset, by asset.
        served: Model that serves each week; weeks without one are left out.
        label: Label of the deployment.
    """
    parts: dict[date, list[str]] = {week: [node.code_version, label] for week in weeks}
    for dependency in node.dependencies:
        if is_champion(dependency):
            digests = {week: served.get(week, "") for week in weeks}
        else:
            digests = _reached(contents.get(dependency.asset, {}), weeks, dependency)
        for week in weeks:
            parts[week].append(f"{dependency.asset}={digests[week]}")
    return {week: _digest(*texts) for week, texts in parts.items()}


def is_champion(dependency: Dependency) -> bool:
    """Whether the dependency stands for the model that serves the week."""
    return dependency.asset == CHAMPION_ASSET and dependency.start_offset < 0


def _reached(contents: Contents, weeks: Collection[date], dependency: Dependency) -> dict[date, str]:
    """Digest of the accepted weeks a dependency reaches, for each week.

    A chain of digests over all weeks makes "everything up to the week" one look-up
    instead of a sum over hundreds of weeks for each of hundreds of weeks.
    """
    ordered = sorted(contents)
    texts = {week: f"{week}:{contents[week]}" for week in ordered}
    if dependency.start_offset <= EVER:
        chain = dict(zip(ordered, accumulate((texts[week] for week in ordered), _digest), strict=True))
        return {week: _last_up_to(chain, ordered, dependency.reached(week)[1]) for week in weeks}
    reached: dict[date, str] = {}
    for week in weeks:
        first, last = dependency.reached(week)
        inside = ordered[bisect.bisect_left(ordered, first) : bisect.bisect_right(ordered, last)]
        reached[week] = _digest(*(texts[other] for other in inside))
    return reached


def _last_up_to(chain: Mapping[date, str], ordered: Sequence[date], last: date) -> str:
    position = bisect.bisect_right(ordered, last)
    return chain[ordered[position - 1]] if position else ""


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
