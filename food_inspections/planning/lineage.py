"""What a week was made from, as one hash: the basis for "out of date".

The hash of a week covers the content hashes of every accepted upstream week that
the asset's own partition mappings reach, so that there is no second list of
dependencies to keep in step with the assets.
"""

import bisect
import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import accumulate

from food_inspections.planning.graph import EVER, Dependency, Node

Contents = Mapping[date, str]
"""Content hash of each accepted week of an asset."""


def hash_weeks(
    node: Node,
    weeks: Collection[date],
    contents: Mapping[str, Contents],
    served: Mapping[date, str],
    settings: Mapping[str, object],
) -> dict[date, str]:
    """Hash, for each week, everything the asset would be made from if it were made now.

    Args:
        node: The asset with its dependencies.
        weeks: Mondays asked for.
        contents: Accepted weeks of every upstream asset, by asset.
        served: Model that serves each week; weeks without one are left out.
        settings: Settings of the deployment and parts of its profile, by name; ``label`` counts for every asset.

    Returns:
        SHA-256 hex digest by week.
    """
    same = [node.code_version, str(settings["label"]), *(f"{name}={settings[name]}" for name in node.settings)]
    parts: dict[date, list[str]] = {week: list(same) for week in weeks}
    for dependency in node.dependencies:
        if dependency.is_champion:
            digests = {week: served.get(week, "") for week in weeks}
        else:
            digests = _reached(contents.get(dependency.asset, {}), weeks, dependency)
        for week in weeks:
            parts[week].append(f"{dependency.asset}={digests[week]}")
    return {week: _digest(*texts) for week, texts in parts.items()}


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
